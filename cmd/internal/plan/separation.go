package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/coproc"
)

// Person is somebody with every profile that is theirs.
type Person struct {
	Officers []Officer
}

// Persons lists the persons behind some officers, in their order. Whoever may
// be the same person as somebody who may be the same as a third is all three.
func Persons(officers []Officer) []Person {
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
	var all []Person
	at := map[int]int{}
	for i, o := range officers {
		r := find(i)
		if _, ok := at[r]; !ok {
			at[r] = len(all)
			all = append(all, Person{})
		}
		all[at[r]].Officers = append(all[at[r]].Officers, o)
	}
	return all
}

// Names are the spellings of a person's name in the plan, each once.
func (p Person) Names() string {
	var names []string
	for _, o := range p.Officers {
		if q := fmt.Sprintf("%q", o.Person); !slices.Contains(names, q) {
			names = append(names, q)
		}
	}
	return strings.Join(names, ", ")
}

// Permitted is what each profile may do, at each coprocessor where it is: by
// profile, and by the coprocessor's name.
type Permitted map[string]map[string][]coproc.Permission

// Permitted gives what a plan lets its profiles do: all that their roles permit.
func (p *Plan) Permitted() Permitted {
	h := Permitted{}
	for i := range p.Coprocessors {
		d := &p.Coprocessors[i]
		setup := p.Setup(d)
		for _, o := range setup.Profiles {
			if h[o.Name] == nil {
				h[o.Name] = map[string][]coproc.Permission{}
			}
			h[o.Name][d.Name] = setup.Roles[slices.IndexFunc(setup.Roles, func(r coproc.Role) bool { return r.Name == o.Role })].Permissions
		}
	}
	return h
}

// separation refuses a plan under which one role, or one person under whatever
// profiles, could do both acts of one of coproc.Pairs.
func (c *checker) separation() {
	if c.err != nil {
		return // the roles can be judged only when the names are good
	}
	h := c.plan.Permitted()
	everybody := Persons(c.plan.Officers)
	for _, d := range c.plan.Coprocessors {
		for _, o := range c.plan.Officers {
			if why := coproc.Danger(h[o.Profile][d.Name]); why != "" {
				c.fail(c.officerKey(o.Profile)+".role", "role %s at coprocessor %q: profile %s %s", o.Role, d.Name, o.Profile, why)
			}
		}
		for _, p := range everybody {
			c.atOne(p, d.Name, h)
		}
	}
	for _, p := range everybody {
		c.anywhere(p, h)
	}
}

// atOne refuses a person who could do both at one coprocessor.
func (c *checker) atOne(p Person, coprocessor string, h Permitted) {
	var perms []coproc.Permission
	var here Person
	for _, o := range p.Officers {
		may, is := h[o.Profile][coprocessor]
		if !is {
			continue
		}
		here.Officers = append(here.Officers, o)
		perms = append(perms, may...)
		if why := coproc.Danger(perms); why != "" {
			c.fail(c.officerKey(o.Profile)+".person", "%s, under more than one profile at coprocessor %q, %s", here.Names(), coprocessor, why)
			return
		}
	}
}

// place is an act, and the first coprocessor where a person could do it.
type place struct {
	act         coproc.Permission
	coprocessor string
}

func (p place) String() string { return fmt.Sprintf("%s at %q", p.act, p.coprocessor) }

// anywhere refuses a person who could do both, the one here and the other
// there, where that is no better than both at one coprocessor. One share by
// the same officer at the source and at every target is what the procedure
// expects; obtaining one and installing another is two shares in one hand.
func (c *checker) anywhere(p Person, h Permitted) {
	var all []place
	for k, o := range p.Officers {
		for _, d := range c.plan.Coprocessors {
			for _, act := range h[o.Profile][d.Name] {
				if slices.ContainsFunc(all, func(q place) bool { return q.act == act }) {
					continue
				}
				now := place{act, d.Name}
				for _, before := range all {
					if pair := coproc.PairOf(before.act, act, coproc.Anywhere); pair != nil {
						c.fail(c.officerKey(o.Profile)+".person", "%s %s", Person{p.Officers[:k+1]}.Names(), pair.Says(before.String(), now.String()))
						return
					}
				}
				all = append(all, now)
			}
		}
	}
}

// Has reports whether a profile is the person's.
func (p Person) Has(profile string) bool {
	return slices.ContainsFunc(p.Officers, func(o Officer) bool { return o.Profile == profile })
}
