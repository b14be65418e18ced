package paper

import (
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

// findings lists what the checks found: faults, what is open, exceptions, notes.
func findings(r *transcript.Result) []block {
	var blocks []block
	officer := officersAt(r)
	for _, kind := range []struct {
		weight transcript.Severity
		head   string
	}{{transcript.Fault, "Faults"}, {transcript.Open, "Open"}, {transcript.Exception, "Exceptions"}, {transcript.Note, "Notes"}} {
		t := table{Class: "findings", Cols: []column{
			{Head: "Time (UTC)", Width: "29mm", Class: "time"}, {Head: "Node", Width: "20mm", Class: "mono"}, {Head: "Record", Width: "14mm"}, {Head: "Officer", Width: "26mm", Class: "mono"}, {Head: plainWhat, below: true},
		}}
		var all []transcript.Finding
		for _, f := range r.Findings {
			if f.Severity == kind.weight {
				all = append(all, f)
			}
		}
		if len(all) == 0 {
			continue
		}
		if kind.weight == transcript.Exception {
			t.groups = bySeverity(all, r.Targets, officer)
		} else {
			t.groups = []group{{rows: findingRows(all, officer)}}
		}
		blocks = append(blocks, heading(kind.head+": "+fmt.Sprint(r.Count(kind.weight))), t)
	}
	if blocks == nil {
		return []block{heading("Findings"), paragraph("None.")}
	}
	return blocks
}

func record(ref transcript.RecordRef) string {
	if ref.Record == 0 {
		return ""
	}
	return fmt.Sprint(ref.Record)
}

// findingRows are findings as rows of a table.
func findingRows(all []transcript.Finding, officer func(transcript.RecordRef) string) (rows [][]string) {
	for _, f := range all {
		rows = append(rows, []string{minute(f.Ref.Time), f.Ref.Node, record(f.Ref), officer(f.Ref), truncate(f.Text)})
	}
	return rows
}

// officersAt finds the profile of a record.
func officersAt(r *transcript.Result) func(transcript.RecordRef) string {
	type place struct {
		roomVisit string
		record    uint64
	}
	profiles := map[place]string{}
	for _, m := range r.Timeline {
		at := place{roomOf(r.Plan, m.Node), m.Record}
		if _, there := profiles[at]; !there {
			profiles[at] = m.Profile
		}
	}
	return func(ref transcript.RecordRef) string {
		if ref.Record == 0 {
			return ""
		}
		return profiles[place{roomOf(r.Plan, ref.Node), ref.Record}]
	}
}

// roomOf is the coprocessor of a node: nodes in one coprocessor share a journal.
func roomOf(p *plan.Plan, name string) string {
	if p != nil {
		if n := p.Node(name); n != nil {
			return n.Coprocessor
		}
	}
	return name
}

// timeline has every record of every journal.
func timeline(r *transcript.Result) []block {
	t := table{Class: "timeline", Cols: []column{
		{Head: "", Width: "7mm", Class: "mark"}, {Head: "Time (UTC)", Width: "33mm", Class: "time"}, {Head: "Node", Width: "20mm", Class: "mono"}, {Head: "Rec.", Width: "11mm"},
		{Head: "Event", Width: "19mm"}, {Head: "Officer", Width: "25mm", Class: "mono"}, {Head: plainWhat, below: true},
	}}
	var rows [][]string
	for _, m := range r.Timeline {
		rows = append(rows, []string{markOf(m), moment(m.Time), m.Node, record(m.RecordRef), string(m.Event), m.Profile, truncate(m.Text)})
	}
	t.groups = []group{{rows: rows}}
	return []block{
		title("Timeline"),
		paragraph("Every record of every journal, in an order in which each bundle is made before it is received. Times are of the nodes' own clocks, which may differ: they are information, and nothing was judged by them. ! marks an exception, !! a fault."),
		t,
	}
}

func markOf(m transcript.TimelineEntry) string {
	switch {
	case m.Plain:
		return ""
	case m.Severity == transcript.Fault:
		return "!!"
	case m.Severity == transcript.Exception:
		return "!"
	}
	return ""
}
