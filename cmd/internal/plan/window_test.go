package plan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/plan/plantest"
)

func TestPlanDaysRefused(t *testing.T) {
	good := plantest.Text
	days := func(from, until string) string {
		return plantest.With(good, plantest.Lines{103: fmt.Sprintf("person = \"Bo Brown\"\nfrom = %s\nuntil = %s", from, until)})
	}
	for _, c := range []struct{ from, until, want string }{
		{`"2026-11-24"`, `"2026-11-23"`, `plan, line 105: until 2026-11-23 is before from 2026-11-24: profile "AUDITOR" would never be active`},
		{`"24.11.2026"`, `""`, `plan, line 104: from "24.11.2026" is not a day like "2026-11-24"`},
		{`"2026-11-31"`, `""`, `plan, line 104: from "2026-11-31" is not a day like "2026-11-24"`},
		{`"2026-1-2"`, `""`, `plan, line 104: from "2026-1-2" is not a day like "2026-11-24"`},
		{`"2026-11-24 "`, `""`, `plan, line 104: from "2026-11-24 " is not a day like "2026-11-24"`},
		{`"2026-11-24T00:00:00Z"`, `""`, `plan, line 104: from "2026-11-24T00:00:00Z" is not a day like "2026-11-24"`},
		{`"1970-01-01"`, `""`, `plan, line 104: from "1970-01-01" is not a day like "2026-11-24"`},
		{`""`, `"today"`, `plan, line 105: until "today" is not a day like "2026-11-24"`},
		{`""`, `"226-11-24"`, `plan, line 105: until "226-11-24" is not a day like "2026-11-24"`},
		{`2026-11-24`, `""`, `plan, line 104: cannot decode TOML local date into a string`},
	} {
		t.Run(c.from+" "+c.until, func(t *testing.T) {
			_, err := Parse([]byte(days(c.from, c.until)))
			if c.from == "2026-11-24" { // the decoder's own words
				if err == nil || !strings.HasPrefix(err.Error(), "plan, line 104: ") {
					t.Errorf("error is %v", err)
				}
				return
			}
			refusePlan(t, days(c.from, c.until), c.want)
		})
	}
	for _, n := range []int{-1, 100} {
		refusePlan(t, plantest.With(good, plantest.Lines{8: fmt.Sprintf("rehearsal = false\nlock_after = %d", n)}),
			fmt.Sprintf("plan, line 9: lock_after = %d: 1 to 99 wrong passphrases lock a profile, 0 is never", n))
	}
}

func TestPlanDays(t *testing.T) {
	good := plantest.Text
	first := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC).Unix()
	last := time.Date(2026, 12, 1, 23, 59, 59, 0, time.UTC).Unix()
	for _, c := range []struct {
		lines               string
		notBefore, notAfter int64
	}{
		{"", 0, 0},
		{"from = \"2026-11-24\"", first, 0},
		{"until = \"2026-12-01\"", 0, last},
		{"until = \"2026-12-01\"\nfrom = \"2026-11-24\"", first, last},
		{"from = \"2026-11-24\"\nuntil = \"2026-11-24\"", first, first + 24*60*60 - 1},
	} {
		p, err := Parse([]byte(plantest.With(good, plantest.Lines{8: "rehearsal = false\nlock_after = 7", 103: "person = \"Bo Brown\"\n" + c.lines})))
		if err != nil {
			t.Fatal(err)
		}
		setup := p.Setup(p.Coprocessor("csr1"))
		auditor := setup.Profiles[1]
		if auditor.Name != "AUDITOR" || auditor.NotBefore != c.notBefore || auditor.NotAfter != c.notAfter || setup.MaxFailures != 7 {
			t.Errorf("%q: %+v, locked after %d", c.lines, auditor.Profile, setup.MaxFailures)
		}
		again, err := Parse(p.Canonical())
		if err != nil || again.Digest() != p.Digest() {
			t.Errorf("%q: the canonical form is %v:\n%s", c.lines, err, p.Canonical())
		}
	}
	// What is not said leaves the digest of older plans alone; what is said
	// with no effect, too.
	old, err := Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	same, err := Parse([]byte(plantest.With(good, plantest.Lines{8: "rehearsal = false\nlock_after = 0", 103: "person = \"Bo Brown\"\nfrom = \"\"\nuntil = \"\""})))
	if err != nil || same.Digest() != old.Digest() {
		t.Errorf("nothing said in words is another plan, error %v", err)
	}
	for _, changed := range []plantest.Lines{{8: "rehearsal = false\nlock_after = 1"}, {103: "person = \"Bo Brown\"\nfrom = \"2026-11-24\""}, {103: "person = \"Bo Brown\"\nuntil = \"2026-11-24\""}} {
		p, err := Parse([]byte(plantest.With(good, changed)))
		if err != nil || p.Digest() == old.Digest() {
			t.Errorf("%v: the same digest, error %v", changed, err)
		}
	}
}
