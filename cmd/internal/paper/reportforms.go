package paper

import (
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

// prefillOf is what a transcript fills into the worksheet.
func prefillOf(r *transcript.Result) Prefill {
	k := newPrefill()
	hash := r.Hash
	k.From, k.To = span(r.Journals)
	k.Hash, k.Pattern = &hash, r.Pattern
	for _, t := range r.Targets {
		if t.Pattern != "" {
			k.After[t.Node] = t.Pattern
		}
	}
	for _, j := range r.Journals {
		if !j.Missing { // of one that was set up anew the latest journal comes last
			k.Made[j.Coprocessor] = j.From
		}
	}
	for _, row := range r.Rows {
		if row.Task == procedure.TaskGenerateKey {
			k.Keys[row.Node] = truncate(row.Result)
		}
	}
	return k
}

// filledIn is Table 2 with who did each row, where it stands, and what came of
// it.
func filledIn(r *transcript.Result) []block {
	t := table{Class: "filled", Cols: []column{
		{Head: "Task", Width: "38mm"}, {Head: "At", Width: "18mm", Class: "mono"}, {Head: "Ph.", Width: "9mm"}, {Head: "Planned", Width: "44mm", below: true},
		{Head: "State", Width: "20mm"}, {Head: "Done by", Width: "44mm"}, {Head: "Time (UTC)", Width: "29mm", Class: "time"}, {Head: "Rec.", Width: "11mm"}, {Head: "Result", below: true},
	}}
	subject := ""
	for _, row := range r.Rows {
		if row.Subject != subject {
			subject = row.Subject
			t.groups = append(t.groups, group{Title: nodeTitle(r.Plan, r.Plan.Node(subject))})
		}
		g := &t.groups[len(t.groups)-1]
		by := ""
		switch {
		case row.By == "":
		case row.By == row.Profile:
			by = "as planned"
		default:
			by = "NOT AS PLANNED: " + r.Plan.Officer(row.By).String()
		}
		g.rows = append(g.rows, []string{
			taskText(row.Responsibility), row.Node, string(row.Phase), r.Plan.Officer(row.Profile).String(),
			string(row.State), by, minute(row.Ref.Time), record(row.Ref), truncate(row.Result),
		})
	}
	blocks := []block{title("Cloning responsibilities, profiles, and roles"), paragraph("As the journals have it. The record is the number in the journal of the coprocessor where the task is done."), t}
	if len(r.Acts) > 0 {
		acts := table{Class: "acts", Cols: []column{
			{Head: "Time (UTC)", Width: "34mm", Class: "time"}, {Head: "Node", Width: "22mm", Class: "mono"}, {Head: "Record", Width: "15mm"}, {Head: "Done by", Width: "56mm"}, {Head: plainWhat, below: true},
		}}
		var rows [][]string
		for _, a := range r.Acts {
			rows = append(rows, []string{minute(a.Time), a.Node, record(a.RecordRef), plan.Officer{Profile: a.Profile, Person: a.Person}.String(), truncate(a.Text)})
		}
		acts.groups = []group{{rows: rows}}
		blocks = append(blocks, heading("Acts outside of these tasks"), acts)
	}
	return blocks
}
