package draft

import (
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

// Team is how few persons a plan can be carried out with.
type Team struct {
	// Persons is the smallest number; 0 where the plan has more than MaxTeam
	// officers, and nobody counted.
	Persons int `json:"persons"`
	// Exact is false where fewer might do, which would take too long to find out.
	Exact bool `json:"exact"`
	// Profiles are those that can be one person's, for each person.
	Profiles [][]string `json:"profiles_by_person"`
}

// MaxTeam is the largest number of officers for which the smallest team is
// looked for.
const MaxTeam = 64

// teamTries bounds the search, which ends after some dozen tries for plans like
// those of New; this many are done before anybody notices.
const teamTries = 50_000

// SmallestTeam is the smallest number of persons among whom the plan's profiles
// can be shared out so that nobody could do both acts of one of coproc.Pairs,
// whoever they are now.
func SmallestTeam(p *plan.Plan) Team {
	n := len(p.Officers)
	if n > MaxTeam {
		return Team{}
	}
	c := colouring{apart: apartIn(p), of: slices.Repeat([]int{-1}, n), tries: teamTries}
	c.search(0, 0)
	t := Team{Persons: c.colours, Exact: c.tries > 0, Profiles: make([][]string, c.colours)}
	for i, colour := range c.best {
		t.Profiles[colour] = append(t.Profiles[colour], p.Officers[i].Profile)
	}
	slices.SortStableFunc(t.Profiles, func(a, b []string) int {
		return officerAt(p, a[0]) - officerAt(p, b[0])
	})
	return t
}

func officerAt(p *plan.Plan, profile string) int {
	return slices.IndexFunc(p.Officers, func(o plan.Officer) bool { return o.Profile == profile })
}

// apartIn says of each two officers of the plan whether they must be two persons.
func apartIn(p *plan.Plan) [][]bool {
	h := p.Permitted()
	g := make([][]bool, len(p.Officers))
	for i := range g {
		g[i] = make([]bool, len(p.Officers))
		for k := range i {
			g[i][k] = twoPersons(h[p.Officers[i].Profile], h[p.Officers[k].Profile])
			g[k][i] = g[i][k]
		}
	}
	return g
}

// twoPersons reports whether one person must not have what two profiles may do,
// each at its coprocessors.
func twoPersons(one, other map[string][]coproc.Permission) bool {
	for device, perms := range one {
		if conflict(perms, other[device], coproc.AtOne) {
			return true
		}
	}
	return conflict(everywhere(one), everywhere(other), coproc.Anywhere)
}

func conflict(one, other []coproc.Permission, scope coproc.Scope) bool {
	for _, a := range one {
		for _, b := range other {
			if coproc.PairOf(a, b, scope) != nil {
				return true
			}
		}
	}
	return false
}

func everywhere(at map[string][]coproc.Permission) []coproc.Permission {
	var all []coproc.Permission
	for _, perms := range at {
		for _, q := range perms {
			if !slices.Contains(all, q) {
				all = append(all, q)
			}
		}
	}
	return all
}

// colouring looks for the fewest colours, persons, such that officers who must
// be apart have different ones: whichever officer has the fewest persons left
// to be is next (DSATUR, Brélaz 1979), with every person tried.
type colouring struct {
	apart   [][]bool
	of      []int // the person of each officer, -1 where none yet
	best    []int
	colours int // in best; 0 before there is one
	tries   int // left
}

func (c *colouring) search(done, used int) {
	if c.best != nil && (used >= c.colours || c.tries <= 0) {
		return
	}
	c.tries--
	if done == len(c.of) {
		c.best, c.colours = slices.Clone(c.of), used
		return
	}
	v := c.next()
	for colour := range used + 1 {
		if c.fits(v, colour) {
			c.of[v] = colour
			c.search(done+1, max(used, colour+1))
			c.of[v] = -1
		}
	}
}

// next is the officer without a person who is apart from the most different
// persons, and then from the most officers.
func (c *colouring) next() int {
	next, most := -1, [2]int{-1, -1}
	for v, colour := range c.of {
		if colour >= 0 {
			continue
		}
		persons, officers := map[int]bool{}, 0
		for w, apart := range c.apart[v] {
			if !apart {
				continue
			}
			officers++
			if c.of[w] >= 0 {
				persons[c.of[w]] = true
			}
		}
		if found := [2]int{len(persons), officers}; slices.Compare(found[:], most[:]) > 0 {
			next, most = v, found
		}
	}
	return next
}

func (c *colouring) fits(v, colour int) bool {
	for w, apart := range c.apart[v] {
		if apart && c.of[w] == colour {
			return false
		}
	}
	return true
}
