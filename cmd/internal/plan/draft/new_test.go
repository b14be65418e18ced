package draft

import (
	"testing"

	"github.com/gapferry/gapferry/coproc"
)

// The days of a new plan are those of every officer.
func TestNewPlanDays(t *testing.T) {
	p, err := New(Options{Title: "x", Class: coproc.SymMK, M: 2, N: 2, Targets: 1, LockAfter: 5, From: "2026-11-24", Until: "2026-11-25"})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range p.Officers {
		if o.From != "2026-11-24" || o.Until != "2026-11-25" || p.LockAfter != 5 {
			t.Errorf("%+v, locked after %d", o, p.LockAfter)
		}
	}
	if _, err := New(Options{Title: "x", Class: coproc.SymMK, M: 2, N: 2, Targets: 1, From: "soon"}); err == nil {
		t.Error("a plan from soon on")
	}
}
