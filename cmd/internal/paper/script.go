package paper

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/plan/route"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// Script is the ceremony step by step, in the order of the shortest route, and
// a sheet for each thing that can go wrong. Durations may be empty: the times are
// then for people to fill in.
func Script(p *plan.Plan, m Durations) *Doc {
	w := newVisitWriter(p, m)
	visits := w.roomVisits()
	d := newDoc(p, "Script")
	d.add("Before the ceremony", false, cover{w.outline}.blocks(visits)...)
	var steps []block
	for _, v := range visits {
		steps = append(steps, w.page(v)...)
	}
	d.add("Step by step", false, steps...)
	for _, x := range (sheets{w.outline}).all() {
		d.add("If something goes wrong", false, x.blocks()...)
	}
	return d
}

// visitWriter writes what is done at each visit, step by step.
type visitWriter struct {
	outline
	durations Durations
	duties    []plan.Responsibility // of a thousand targets they take long to find: once is enough
	number    int                   // of the last step
	noted     bool                  // the source's pattern is on form 2
}

func newVisitWriter(p *plan.Plan, m Durations) *visitWriter {
	return &visitWriter{outline: outlineOf(p), durations: m, duties: p.Responsibilities()}
}

// roomVisit is a visit with what is done in it.
type roomVisit struct {
	number int
	device *plan.Coprocessor
	nodes  []*plan.Node
	phases []procedure.PhaseID
	people []string
	bring  []item // into the room
	take   []item // out of it
	walk   []item // to the next one
	steps  []step
	time   estimate
}

func (w *visitWriter) add(v *roomVisit, s step) {
	w.number++
	s.Number = w.number
	v.time = v.time.plus(s.Time)
	for _, t := range s.LogOns {
		who := orElse(t.any, t.Who)
		if !slices.Contains(v.people, who) {
			v.people = append(v.people, who)
		}
	}
	v.steps = append(v.steps, s)
}

// roomVisits walks the shortest route, and collects receipts and journals behind it.
func (w *visitWriter) roomVisits() []*roomVisit {
	var rooms []*roomVisit
	seen := map[string]bool{}
	enter := func(device string) *roomVisit {
		v := &roomVisit{number: len(rooms) + 1, device: w.p.Coprocessor(device), nodes: w.p.At(device)}
		rooms = append(rooms, v)
		if !seen[device] {
			seen[device] = true
			w.setUp(v)
		}
		return v
	}
	for _, visit := range route.Shortest(w.p) {
		v := enter(visit.Coprocessor)
		for _, stop := range visit.Stops {
			v.phases = append(v.phases, stop.Phase)
			w.phase(v, w.p.Node(stop.Node), stop.Phase)
		}
	}
	last := enter(w.source.Coprocessor)
	w.collectReceipts(last, w.source)
	if w.sa.Coprocessor != w.source.Coprocessor {
		last = enter(w.sa.Coprocessor)
		w.collectReceipts(last, w.sa)
	}
	w.mergeTranscript(last)
	planCarries(rooms, []item{form1, form2Filled, evidenced})
	return rooms
}

// page is the paper of one visit: its head, with the first step, and the others.
func (w *visitWriter) page(v *roomVisit) []block {
	head := facts{
		{"Coprocessor", fmt.Sprintf("%s, serial %s, EID %q", v.device.Name, v.device.Serial, v.device.EID)},
		{"Must be there", strings.Join(v.people, ", ")},
		{"Is brought in", strings.Join(itemWords(v.bring), "; ")},
		{"Is taken out", strings.Join(itemWords(v.take), "; ")},
		{"Begun, ended", ""},
	}
	if v.time.known {
		head = append(head, [2]string{"Takes", v.time.String()})
	}
	blocks := []block{together{title(fmt.Sprintf("Visit %d: %s", v.number, roomTitle(v))), head, v.steps[0]}}
	for _, s := range v.steps[1:] {
		blocks = append(blocks, s)
	}
	return blocks
}

func roomTitle(v *roomVisit) string {
	var nodes, phases []string
	for _, n := range v.nodes {
		nodes = append(nodes, n.Name)
	}
	for _, id := range v.phases {
		phases = append(phases, string(id))
	}
	what := "receipts and journals"
	switch len(phases) {
	case 0:
	case 1:
		what = "phase " + phases[0]
	default:
		what = "phases " + strings.Join(phases, ", ")
	}
	return fmt.Sprintf("the room of %s, %s", strings.Join(nodes, " and "), what)
}
