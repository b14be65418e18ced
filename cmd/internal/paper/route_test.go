package paper

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
)

// The shortest route has 2k+3 walks, one target at a time 4k+2; nodes in one
// coprocessor have no walk between them.
func TestRoute(t *testing.T) {
	for _, c := range []struct {
		targets               int
		with                  string
		walks, oneByOne, more int
		way                   string
	}{
		{1, "", 5, 6, 2, "sa:1 css:2a csr1:3a sa:2b,3b css:3c csr1:3d"},
		{2, "", 7, 10, 2, "sa:1 css:2a csr1:3a csr2:3a sa:2b,3b css:3c csr1:3d csr2:3d"},
		{3, "css", 7, 9, 1, "sa-css:1,2a csr1:3a csr2:3a csr3:3a sa-css:2b,3b,3c csr1:3d csr2:3d csr3:3d"},
		{2, "csr1", 6, 8, 2, "sa-csr1:1,3a css:2a csr2:3a sa-csr1:2b,3b css:3c sa-csr1:3d csr2:3d"},
		{100, "", 203, 402, 2, ""},
	} {
		p := samplePlan(t, func(o *draft.Options) { o.Targets, o.SAWith = c.targets, c.with })
		r := NewRoute(p, Durations{})
		if r.Count() != c.walks || r.OneByOne != c.oneByOne || r.Saved != c.oneByOne-c.walks || r.Collecting != c.more {
			t.Errorf("%d targets, SA with %q: %d walks, %d one by one, %d saved, %d more; want %d, %d, and %d more",
				c.targets, c.with, r.Count(), r.OneByOne, r.Saved, r.Collecting, c.walks, c.oneByOne, c.more)
		}
		var way []string
		for _, w := range r.Walks {
			way = append(way, w.To+":"+strings.ReplaceAll(strings.Trim(fmt.Sprint(w.Phases), "[]"), " ", ","))
		}
		if c.way != "" && strings.Join(way, " ") != c.way {
			t.Errorf("the way is %s\nwant %s", strings.Join(way, " "), c.way)
		}
	}
}
