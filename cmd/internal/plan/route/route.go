package route

import (
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// Stop is one phase at one node.
type Stop struct {
	Node  string
	Phase procedure.PhaseID
}

// Visit is what is done in one room before somebody walks to the next one.
type Visit struct {
	Coprocessor string
	Stops       []Stop
}

// Shortest is the shortest walk through all phases: every target on one stick.
// Phases that can be done without leaving the room are done there. With k
// targets, and a coprocessor for each node, it has 2k+3 walks between rooms.
func Shortest(p *plan.Plan) []Visit {
	sa, source := p.SA(), p.Source()
	stops := []Stop{{sa.Name, "1"}}
	var first, others []*plan.Node
	for _, t := range p.Targets() {
		if t.Coprocessor == sa.Coprocessor {
			first = append(first, t)
		} else {
			others = append(others, t)
		}
	}
	for _, t := range first {
		stops = append(stops, Stop{t.Name, "3a"})
	}
	stops = append(stops, Stop{source.Name, "2a"})
	for _, t := range others {
		stops = append(stops, Stop{t.Name, "3a"})
	}
	stops = append(stops, Stop{sa.Name, "2b"}, Stop{sa.Name, "3b"}, Stop{source.Name, "3c"})
	for _, t := range p.Targets() {
		stops = append(stops, Stop{t.Name, "3d"})
	}
	return visits(p, stops)
}

// OneByOne is the walk in the order of Table 1, one target after the
// other. With k targets it has 4k+2 walks.
func OneByOne(p *plan.Plan) []Visit {
	sa, source := p.SA().Name, p.Source().Name
	stops := []Stop{{sa, "1"}, {source, "2a"}, {sa, "2b"}}
	for _, t := range p.Targets() {
		stops = append(stops, Stop{t.Name, "3a"}, Stop{sa, "3b"}, Stop{source, "3c"}, Stop{t.Name, "3d"})
	}
	return visits(p, stops)
}

// Walks counts the walks between rooms.
func Walks(visits []Visit) int { return max(0, len(visits)-1) }

// visits joins stops that are in one room.
func visits(p *plan.Plan, stops []Stop) []Visit {
	var all []Visit
	for _, s := range stops {
		device := p.Node(s.Node).Coprocessor
		if last := len(all) - 1; last >= 0 && all[last].Coprocessor == device {
			all[last].Stops = append(all[last].Stops, s)
			continue
		}
		all = append(all, Visit{device, []Stop{s}})
	}
	return all
}
