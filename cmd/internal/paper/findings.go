package paper

import (
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

// findings lists what the checks found: faults, what is open, exceptions.
func findings(r *transcript.Result) []block {
	var blocks []block
	for _, kind := range []struct {
		weight transcript.Weight
		head   string
	}{{transcript.Fault, "Faults"}, {transcript.Open, "Open"}, {transcript.Exception, "Exceptions"}} {
		t := table{class: "findings", cols: []column{
			{head: "Time (UTC)", width: "29mm", class: "time"}, {head: "Node", width: "20mm", class: "mono"}, {head: "Record", width: "14mm"}, {head: "Officer", width: "26mm", class: "mono"}, {head: plainWhat, below: true},
		}}
		var rows [][]string
		for _, f := range r.Findings {
			if f.Weight == kind.weight {
				rows = append(rows, []string{minute(f.Ref.Time), f.Ref.Node, record(f.Ref), officerAt(r, f.Ref), f.Text})
			}
		}
		if len(rows) == 0 {
			continue
		}
		t.groups = []group{{rows: rows}}
		blocks = append(blocks, heading(kind.head+": "+fmt.Sprint(r.Count(kind.weight))), t)
	}
	if blocks == nil {
		return []block{heading("Findings"), paragraph("None.")}
	}
	return blocks
}

func record(ref transcript.Ref) string {
	if ref.Record == 0 {
		return ""
	}
	return fmt.Sprint(ref.Record)
}

// officerAt is the profile of a record.
func officerAt(r *transcript.Result, ref transcript.Ref) string {
	if ref.Record == 0 {
		return ""
	}
	for _, m := range r.Timeline {
		if m.Record == ref.Record && sameRoom(r.Plan, m.Node, ref.Node) {
			return m.Profile
		}
	}
	return ""
}

// sameRoom reports whether two nodes, or coprocessors, share a journal.
func sameRoom(p *ceremony.Plan, a, b string) bool { return roomOf(p, a) == roomOf(p, b) }

func roomOf(p *ceremony.Plan, name string) string {
	if p != nil {
		if n := p.Node(name); n != nil {
			return n.Coprocessor
		}
	}
	return name
}

// timeline has every record of every journal.
func timeline(r *transcript.Result) []block {
	t := table{class: "timeline", cols: []column{
		{head: "", width: "7mm", class: "mark"}, {head: "Time (UTC)", width: "33mm", class: "time"}, {head: "Node", width: "20mm", class: "mono"}, {head: "Rec.", width: "11mm"},
		{head: "Event", width: "19mm"}, {head: "Officer", width: "25mm", class: "mono"}, {head: plainWhat, below: true},
	}}
	var rows [][]string
	for _, m := range r.Timeline {
		rows = append(rows, []string{markOf(m), moment(m.Time), m.Node, record(m.Ref), string(m.Event), m.Profile, m.Text})
	}
	t.groups = []group{{rows: rows}}
	return []block{
		title("Timeline"),
		paragraph("Every record of every journal, in an order in which each bundle is made before it is received. Times are of the nodes' own clocks, which may differ: they are information, and nothing was judged by them. ! marks an exception, !! a fault."),
		t,
	}
}

func markOf(m transcript.Moment) string {
	switch {
	case m.Plain:
		return ""
	case m.Weight == transcript.Fault:
		return "!!"
	case m.Weight == transcript.Exception:
		return "!"
	}
	return ""
}
