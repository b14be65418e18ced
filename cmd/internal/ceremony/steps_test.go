package ceremony

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// coded is what the tests ask of a phase's code.
type coded interface {
	has(procedure.StepID) bool
	count() int // of its functions
}

func (p *phaseCode[W]) has(id procedure.StepID) bool { return p.does[id] != nil }
func (p *phaseCode[W]) count() int                   { return len(p.does) }

// withoutCode names each step of phases that has no function, and each phase that
// nobody does.
func withoutCode(steps map[procedure.PhaseID][]procedure.Step) (missing []string) {
	for _, id := range slices.Sorted(maps.Keys(steps)) {
		code, _ := phases[id].(coded)
		for _, s := range steps[id] {
			if code == nil || !code.has(s.ID()) {
				missing = append(missing, fmt.Sprintf("phase %s: %s", id, s.ID()))
			}
		}
	}
	return missing
}

// Each step of procedure has a function here, and no function is of another one.
func TestStepsHaveCode(t *testing.T) {
	for _, missing := range withoutCode(procedure.PhaseSteps) {
		t.Errorf("%s: nothing does it (phases.go)", missing)
	}
	for id, code := range phases {
		has := map[procedure.StepID]bool{}
		for _, s := range procedure.PhaseSteps[id] {
			if has[s.ID()] {
				t.Errorf("phase %s has two steps %q: they have one function", id, s.ID())
			}
			has[s.ID()] = true
		}
		if n := code.(coded).count(); n != len(has) {
			t.Errorf("phase %s has %d functions for %d steps", id, n, len(has))
		}
	}
}

// A step and a phase that the tables of the procedure have and nothing does are named.
func TestMadeUpStepHasNoCode(t *testing.T) {
	made := maps.Clone(procedure.PhaseSteps)
	made["3c"] = append(slices.Clone(made["3c"]), procedure.Step{Task: "count"}, procedure.Step{Do: procedure.DoMake, Makes: "voucher", Peer: coproc.CSR})
	made["4"] = []procedure.Step{{Task: "burn"}}
	want := []string{"phase 3c: task count", "phase 3c: make voucher", "phase 4: task burn"}
	if got := withoutCode(made); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Steps that follow one another for the same nodes and shares are done together.
func TestStepsTogether(t *testing.T) {
	for id, want := range map[procedure.PhaseID][]int{"1": {5}, "2b": {2}, "3b": {2}, "3c": {1, 1, 2, 1}, "3d": {2, 1, 3}} {
		var got []int
		for _, g := range together(procedure.PhaseSteps[id]) {
			got = append(got, len(g))
		}
		if !slices.Equal(got, want) {
			t.Errorf("phase %s: %d, want %d", id, got, want)
		}
	}
}
