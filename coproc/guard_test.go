package coproc_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/coproc"
)

// TestGuardsOf: each thing is told once, and is the host's where the chip says
// nothing.
func TestGuardsOf(t *testing.T) {
	got := coproc.GuardsOf([]coproc.Guard{{Act: coproc.GuardedKeep, By: coproc.GuardChip}})
	for i, g := range got {
		if g.Act != coproc.AllGuarded[i] || (g.By == coproc.GuardChip) != (g.Act == coproc.GuardedKeep) {
			t.Errorf("%d: %s is %s", i, g.Act, g.By)
		}
	}
	if len(got) != len(coproc.AllGuarded) || len(slices.Compact(slices.Sorted(slices.Values(coproc.AllGuarded)))) != len(got) {
		t.Errorf("%d things of %d", len(got), len(coproc.AllGuarded))
	}
}

// TestAssurance: each family says its own, of whom.
func TestAssurance(t *testing.T) {
	said := map[string]bool{}
	for _, f := range append(slices.Clone(coproc.Families), "test") {
		text := f.Assurance("css1")
		if said[text] || !strings.Contains(text, " css1") {
			t.Errorf("%s: %q", f, text)
		}
		said[text] = true
	}
}
