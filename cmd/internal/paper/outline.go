package paper

import (
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

// outline is what every part of a script knows: the plan, the nodes that it
// speaks of most, and how the commands name the sticks.
type outline struct {
	p                  *plan.Plan
	sa, source, target *plan.Node    // target is the first one
	digest             coproc.Digest // of the plan
	sticks
}

func outlineOf(p *plan.Plan) outline {
	return outline{
		p: p, sa: p.SA(), source: p.Source(), target: p.Targets()[0], digest: p.Digest(),
		sticks: sticks{p.Carrier, !p.SharesTogether},
	}
}

// officer is how the script calls a profile.
func (o outline) officer(profile string) string { return o.p.Officer(profile).String() }

// officersAt are all who have a profile at a coprocessor, in the plan's order.
func (o outline) officersAt(c *plan.Coprocessor) []string {
	var all []string
	for _, p := range o.p.Setup(c).Profiles {
		all = append(all, o.officer(p.Name))
	}
	return all
}

func targetNames(p *plan.Plan) []string {
	var list []string
	for _, n := range p.Targets() {
		list = append(list, n.Name)
	}
	return list
}
