package draft

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gapferry/gapferry/coproc"
)

// Whom the check keeps apart is whom the smallest team keeps apart, for every
// two officers; and the team that is proposed makes a good plan.
func TestSmallestTeam(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want int
	}{
		{Options{M: 2, N: 2, Targets: 1}, 5},
		{Options{M: 2, N: 3, Targets: 2}, 6},
		{Options{M: 2, N: 3, Targets: 1, SAWith: "css"}, 6},
		{Options{M: 2, N: 3, Targets: 1, SAWith: "csr1"}, 6},
		{Options{M: 1, N: 1, Targets: 1, AllowSingle: true}, 5},
		{Options{M: 9, N: 15, Targets: 3}, 18},
	} {
		c.o.Title, c.o.Class, c.o.CertificateDays = "t", coproc.SymMK, 30
		p, err := New(c.o)
		if err != nil {
			t.Fatal(err)
		}
		team := SmallestTeam(p)
		if team.Persons != c.want || !team.Exact || len(team.Profiles) != c.want {
			t.Errorf("%d of %d, %d targets, SA with %q: %+v, want %d", c.o.M, c.o.N, c.o.Targets, c.o.SAWith, team, c.want)
		}
		c.o.Persons = map[string]string{}
		for i, profiles := range team.Profiles {
			for _, profile := range profiles {
				c.o.Persons[profile] = "Person " + "ABCDEFGHJKMNPQRSTUVWXYZ"[i:i+1]
			}
		}
		if _, err := New(c.o); err != nil {
			t.Errorf("the team %q: %v", team.Profiles, err)
		}
		if c.want != 6 {
			continue
		}
		apart := apartIn(p)
		for i := range p.Officers {
			for k := range i {
				c.o.Persons = map[string]string{p.Officers[i].Profile: "One", p.Officers[k].Profile: "One"}
				if _, err := New(c.o); (err != nil) != apart[i][k] {
					t.Errorf("%s and %s are apart: %v; as one person: %v", p.Officers[i].Profile, p.Officers[k].Profile, apart[i][k], err)
				}
			}
		}
	}
}

// TestColouring compares the search with all ways to colour small graphs.
func TestColouring(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		n := 1 + random.IntN(7)
		g := make([][]bool, n)
		for i := range g {
			g[i] = make([]bool, n)
			for k := range i {
				g[i][k] = random.IntN(2) == 0
				g[k][i] = g[i][k]
			}
		}
		c := colouring{apart: g, of: slices.Repeat([]int{-1}, n), tries: teamTries}
		c.search(0, 0)
		if want := fewest(g, make([]int, n), 0, 0); c.colours != want || c.tries <= 0 {
			t.Fatalf("%v: %d colours, want %d", g, c.colours, want)
		}
	}
}

// fewest tries every colour for every officer.
func fewest(g [][]bool, of []int, i, used int) int {
	if i == len(of) {
		return used
	}
	best := len(of) + 1
	for colour := range used + 1 {
		ok := true
		for k := range i {
			ok = ok && (!g[i][k] || of[k] != colour)
		}
		if ok {
			of[i] = colour
			best = min(best, fewest(g, of, i+1, max(used, colour+1)))
		}
	}
	return best
}
