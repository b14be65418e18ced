package ceremony

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

// A certificate that is not good now: the hint blames the clock that is wrong,
// as far as anything tells, and what it names makes a certificate that is good.
func TestWhoseClock(t *testing.T) {
	for _, c := range []struct {
		name    string
		sa, css time.Duration // by how much the clocks are off; the right one is 100 days on
		hint    string
	}{
		{"the SA's is ahead", 40 * days, 0, "the SA's clock was wrong when it certified css: it said "},
		{"the SA's is of before there was any gapferry", -200 * days, 0, "the SA's clock was wrong when it certified css: it said "},
		{"the SA's is behind", -40 * days, 0, "by this machine's clock css asked for that certificate on "},
		{"this one is ahead", 0, 40 * days, "look at a watch. If this machine's clock is right, the SA makes another certificate: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := after(t, small, "1")
			right := testNow.Add(100 * days)
			w.now = right
			w.masterKey("css")
			w.phase("css", "2a")
			w.phase("csr1", "3a")
			w.now = right.Add(c.sa)
			w.phase("sa", "2b")
			w.phase("sa", "3b")
			w.now = right.Add(c.css + time.Hour)
			_, err := w.try("css", "3c", Options{})
			var why *refusal.Error
			if !errors.As(err, &why) || why.Code != refusal.CodeExpired || !strings.Contains(why.Hint, c.hint) {
				t.Fatalf("%v\n%+v", err, why)
			}
			w.now = right.Add(2 * time.Hour)
			if c.sa != 0 {
				const named = "`gapferry phase 2b --renew css` there"
				if !strings.Contains(why.Hint, named) {
					t.Errorf("%q is not in %q", named, why.Hint)
				}
				for _, s := range []struct {
					phase procedure.PhaseID
					node  string
				}{{"2b", "css"}, {"3b", "csr1"}} {
					if _, err := w.try("sa", s.phase, Options{Renew: []string{s.node}}); err != nil {
						t.Fatal(err)
					}
				}
			}
			w.phase("css", "3c")
			w.phase("csr1", "3d")
		})
	}
}
