package paper

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/plan/route"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// Route is the shortest way through a ceremony.
type Route struct {
	Walks    []Walk `json:"walks"`
	Targets  int    `json:"target_count"`
	OneByOne int    `json:"walks_one_target_at_a_time"`
	Saved    int    `json:"walks_saved"`
	// Collecting is how many walks more take receipts and journals to the
	// source and to the SA. The targets have the master key without them.
	Collecting int `json:"walks_to_collect"`
	doc        *Doc
}

// Walk is one way from room to room. The first one begins in no room.
type Walk struct {
	From    string              `json:"from_coprocessor,omitempty"`
	To      string              `json:"coprocessor"`
	Nodes   []string            `json:"nodes"`
	Phases  []procedure.PhaseID `json:"phase_ids"`
	Carries []string            `json:"carries"`
	Minutes string              `json:"minutes,omitempty"` // in the room
}

// NewRoute finds the route of a plan. Durations may be empty.
func NewRoute(p *plan.Plan, m Durations) *Route {
	w := newVisitWriter(p, m)
	visits := route.Shortest(p)
	r := &Route{
		Targets: len(p.Targets()), OneByOne: route.Walks(route.OneByOne(p)), Collecting: 1,
	}
	if w.sa.Coprocessor != w.source.Coprocessor {
		r.Collecting = 2
	}
	if visits[len(visits)-1].Coprocessor == w.source.Coprocessor {
		r.Collecting--
	}
	r.Saved = r.OneByOne - route.Walks(visits)
	rooms := w.roomVisits()
	for i, v := range visits {
		walk := Walk{To: v.Coprocessor, Minutes: rooms[i].time.String(), Carries: []string{}}
		for _, n := range p.At(v.Coprocessor) {
			walk.Nodes = append(walk.Nodes, n.Name)
		}
		walk.Phases = rooms[i].phases
		if i > 0 {
			walk.From, walk.Carries = visits[i-1].Coprocessor, itemWords(rooms[i-1].walk)
		}
		r.Walks = append(r.Walks, walk)
	}
	r.doc = r.document(p)
	return r
}

// Count is how many walks there are between rooms.
func (r *Route) Count() int { return len(r.Walks) - 1 }

// Doc is the route for people.
func (r *Route) Doc() *Doc { return r.doc }

func (r *Route) document(p *plan.Plan) *Doc {
	d := newDoc(p, "Route")
	t := table{Class: "route", Cols: []column{
		{Head: "Walk", Width: "12mm"}, {Head: "From", Width: "24mm", Class: "mono"}, {Head: "To", Width: "24mm", Class: "mono"}, {Head: "Phases", Width: "20mm"}, {Head: "Carried on this walk"}, {Head: "Minutes in the room", Width: "40mm"},
	}}
	var rows [][]string
	for i, w := range r.Walks {
		var phases []string
		for _, id := range w.Phases {
			phases = append(phases, string(id))
		}
		number := ""
		if i > 0 {
			number = fmt.Sprint(i)
		}
		rows = append(rows, []string{number, orElse(w.From, "begin"), w.To, strings.Join(phases, ", "), strings.Join(w.Carries, "; "), orElse(w.Minutes, "____")})
	}
	t.groups = []group{{rows: rows}}
	said := notes{
		fmt.Sprintf("%s between rooms for %s; one target at a time would take %d: %d saved.", plural(r.Count(), "walk", "walks"), plural(r.Targets, "target", "targets"), r.OneByOne, r.Saved),
		fmt.Sprintf("Receipts and journals take %s: to the source and to the SA. The targets have the master key without them; the auditor's transcript needs them.", plural(r.Collecting, "walk more", "walks more")),
		"The walk that brings the plan, the sticks and the people to the first room is not counted.",
	}
	d.add("Route", false, title("The shortest route"), t, said)
	return d
}
