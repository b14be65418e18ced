package ceremony

import (
	"slices"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

func TestWholeCeremony(t *testing.T) {
	sampled(t)
	for name, change := range map[string]func(*draft.Options){
		"three rooms and more": nil,
		"SA with source":       func(o *draft.Options) { o.SAWith = "css" },
		"SA with target":       func(o *draft.Options) { o.SAWith = "csr1" },
		"3 of 5, ASYM-MK":      func(o *draft.Options) { o.M, o.N, o.Class = 3, 5, coproc.AsymMK },
		"all of 4":             func(o *draft.Options) { o.M, o.N = 4, 4 },
		"AES where allowed":    func(o *draft.Options) { o.Class, o.AllowAES = coproc.AesMK, true },
		"one share":            func(o *draft.Options) { o.M, o.N, o.AllowSingle = 1, 1, true },
	} {
		t.Run(name, func(t *testing.T) {
			if !long && !slices.Contains([]string{"SA with source", "SA with target", "3 of 5, ASYM-MK"}, name) {
				t.Skip("one of many; GAPFERRY_LONG=1 does it")
			}
			w := newWorld(t, change)
			temporary := w.masterKey("csr1")
			pattern := w.upTo("3d")
			for _, target := range w.plan.Targets() {
				n := w.open(target.Name)
				report, err := n.Audit(w.people)
				if err != nil {
					t.Fatal(err)
				}
				n.Close()
				regs := report.Info.Register(w.plan.MasterKeyClass())
				if regs.Current.Pattern != pattern || regs.New.State != coproc.Empty {
					t.Errorf("%s: %v, want current %s", target.Name, regs, pattern)
				}
				if target.Name == "csr1" && regs.Old.Pattern != temporary {
					t.Errorf("csr1: old register %s, want %s", regs.Old, temporary)
				}
			}
		})
	}
}

// Every phase again hands out the same bundles and asks nobody to log on.
func TestAgainChangesNothing(t *testing.T) {
	w := newWorld(t, nil)
	w.upTo("3d")
	before := len(w.stick)
	for _, row := range procedure.Table1 {
		for _, node := range w.plan.WithRole(row.Role) {
			w.people.asked = nil
			r := w.phase(node.Name, row.Phase)
			if len(w.people.asked) > 0 {
				t.Errorf("phase %s at %s asked %v to log on again", row.Phase, node.Name, w.people.asked)
			}
			if !r.Complete || len(r.Written) == 0 {
				t.Errorf("phase %s at %s again: %+v", row.Phase, node.Name, r)
			}
		}
	}
	if len(w.stick) != before {
		t.Errorf("the stick had %d bundles, now %d", before, len(w.stick))
	}
}
