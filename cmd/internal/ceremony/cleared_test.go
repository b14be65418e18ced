package ceremony

import (
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// A target that cleared its new register half-way can install the same shares
// again and finish.
func TestClearedIsInstalledAgain(t *testing.T) {
	for _, task := range []procedure.TaskID{procedure.TaskInstallShares, procedure.TaskVerify} {
		w := newWorld(t, func(o *draft.Options) { o.Targets = 1 })
		pattern := w.upTo("3c")
		if task == procedure.TaskVerify {
			if _, err := w.try("csr1", "3d", Options{Task: procedure.TaskInstallShares}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.try("csr1", "3d", Options{Task: task}); err != nil {
			t.Fatal(err)
		}
		n := w.open("csr1")
		_, err := n.RunAct(Act{
			Text: "clear", Clears: true, Class: coproc.SymMK, Officer: func(p *plan.Node) string { return p.Officers.Set },
			Do: func(s ActSession) (string, error) { _, err := s.Keys.ClearNew(coproc.SymMK); return "", err },
		}, w.people)
		if err != nil {
			t.Fatal(err)
		}
		n.Close()
		w.phase("csr1", "3d")
		n = w.open("csr1")
		report, err := n.Audit(w.people)
		n.Close()
		if err != nil || report.Info.Register(coproc.SymMK).Current.Pattern != pattern {
			t.Errorf("after %s, clear and again: %v, %v", task, report.Info.Registers, err)
		}
	}
}
