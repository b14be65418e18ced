package ceremony

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/coproc"
)

// person is somebody with every profile that is theirs.
type person struct {
	officers []Officer
}

// persons lists the persons behind some officers, in their order. Whoever may
// be the same person as somebody who may be the same as a third is all three.
func persons(officers []Officer) []person {
	root := make([]int, len(officers))
	find := func(i int) int {
		for root[i] != i {
			i = root[i]
		}
		return i
	}
	first := map[string]int{}
	for i, o := range officers {
		root[i] = i
		for _, spelled := range spellings(o.Person) {
			if k, ok := first[spelled]; ok {
				a, b := find(i), find(k)
				root[max(a, b)] = min(a, b)
			} else {
				first[spelled] = i
			}
		}
	}
	var all []person
	at := map[int]int{}
	for i, o := range officers {
		r := find(i)
		if _, ok := at[r]; !ok {
			at[r] = len(all)
			all = append(all, person{})
		}
		all[at[r]].officers = append(all[at[r]].officers, o)
	}
	return all
}

// names are the spellings of a person's name in the plan, each once.
func (p person) names() string {
	var names []string
	for _, o := range p.officers {
		if q := fmt.Sprintf("%q", o.Person); !slices.Contains(names, q) {
			names = append(names, q)
		}
	}
	return strings.Join(names, ", ")
}

// separation refuses a plan under which one role, or one person under
// whatever profiles, could do at one coprocessor what needs two.
func (c *checker) separation() {
	if c.err != nil {
		return // the roles can be judged only when the names are good
	}
	for i := range c.plan.Coprocessors {
		d := &c.plan.Coprocessors[i]
		setup := c.plan.Setup(d)
		role := func(o Officer) coproc.Role {
			return setup.Roles[slices.IndexFunc(setup.Roles, func(r coproc.Role) bool { return r.Name == o.Role })]
		}
		var here []Officer
		for _, o := range c.plan.Officers {
			if slices.ContainsFunc(setup.Profiles, func(p coproc.ProfileSetup) bool { return p.Name == o.Profile }) {
				here = append(here, o)
			}
		}
		for _, o := range here {
			if why := coproc.Danger(role(o).Permissions); why != "" {
				c.fail(c.officerKey(o.Profile)+".role", "role %s at coprocessor %q: profile %s %s", o.Role, d.Name, o.Profile, why)
			}
		}
		for _, p := range persons(here) {
			var perms []coproc.Permission
			for k, o := range p.officers {
				perms = append(perms, role(o).Permissions...)
				if why := coproc.Danger(perms); why != "" {
					p.officers = p.officers[:k+1]
					c.fail(c.officerKey(o.Profile)+".person", "%s, under more than one profile at coprocessor %q, %s", p.names(), d.Name, why)
				}
			}
		}
	}
}

// handled is where a profile handles a share.
type handled struct {
	share int
	task  string // "obtain" or "install"
	node  string
}

func (h handled) String() string { return fmt.Sprintf("%s share %d at %q", h.task, h.share, h.node) }

// oneShare refuses a plan under which one person has to do with two different
// shares, wherever: one share by the same officer at the source and at every
// target is what the procedure expects, obtaining one and installing another
// is two shares in one hand.
func (c *checker) oneShare() {
	if c.err != nil {
		return
	}
	by := map[string][]handled{}
	for i := range c.plan.Nodes {
		n := &c.plan.Nodes[i]
		for k, profile := range n.Officers.ObtainShares {
			by[profile] = append(by[profile], handled{k + 1, "obtain", n.Name})
		}
		for k, profile := range n.Officers.InstallShares {
			by[profile] = append(by[profile], handled{k + 1, "install", n.Name})
		}
	}
	for _, p := range persons(c.plan.Officers) {
		var first *handled
		for _, o := range p.officers {
			for _, h := range by[o.Profile] {
				if first == nil {
					first = &h
				}
				if h.share != first.share {
					c.fail(c.officerKey(o.Profile)+".person", "%s would handle two shares, %v and %v: one person has to do with one share only", p.names(), *first, h)
				}
			}
		}
	}
}
