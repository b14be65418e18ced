package ceremony

import (
	"maps"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// Somebody clears the new register, makes a key in it, or takes a cancel in, and
// is killed after each call: whoever comes next finds what is there, and the
// target ends with the source's key.
func TestTouchedTargetKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("a phase for every call")
	}
	sampled(t)
	for _, c := range []struct {
		name    string
		shares  Options // what is installed before; nothing for none
		cancel  bool    // the source has cancelled the set
		touch   func(*world, *Node) error
		recover func(*world) error // what the operator does then, before 3d
	}{
		{name: "clear, one share in", shares: Options{Shares: []int{1}}, touch: func(w *world, n *Node) error { _, err := n.RunAct(clearAct(), w.people); return err }},
		{name: "clear, verified", shares: Options{Task: procedure.TaskVerify}, touch: func(w *world, n *Node) error { _, err := n.RunAct(clearAct(), w.people); return err }},
		{name: "generate", touch: func(w *world, n *Node) error {
			_, err := n.RunAct(Act{Text: "make", Task: "random", Class: coproc.SymMK, Officer: func(p *plan.Node) string { return p.Officers.Random },
				Do: func(s ActSession) (string, error) {
					_, err := s.Keys.GenerateMasterKey(coproc.SymMK)
					return "", err
				}}, w.people)
			return err
		}, recover: func(w *world) error {
			n := w.open("csr1")
			defer n.Close()
			if left := n.Board()[0].NewRegister; left == "" {
				return nil // nothing was made
			}
			_, err := n.RunAct(clearAct(), w.people)
			return err
		}},
		{name: "cancel, one share in", shares: Options{Shares: []int{1}}, cancel: true, touch: takeCancel, recover: takeCancelAgain},
		{name: "cancel, full", shares: Options{Task: procedure.TaskInstallShares}, cancel: true, touch: takeCancel, recover: takeCancelAgain},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := after(t, small, "3c")
			if c.shares.Task == procedure.TaskVerify {
				if _, err := w.try("csr1", "3d", Options{Task: procedure.TaskInstallShares}); err != nil {
					t.Fatal(err)
				}
			}
			if c.shares.Task != "" || c.shares.Shares != nil {
				_, _ = w.try("csr1", "3d", c.shares)
			}
			if c.cancel {
				if _, err := w.cancel("csr1"); err != nil {
					t.Fatal(err)
				}
				if err := w.anotherSet(); err != nil {
					t.Fatal(err)
				}
			}
			s, step := w.snapshot(), 2
			if long {
				step = 1
			}
			for at := 2; ; at += step {
				w, k := s.restore(t), &killer{at: at}
				err := w.killedAt("csr1", k, func(n *Node) error { return c.touch(w, n) })
				if !k.dead {
					if err != nil || at < 4 {
						t.Fatalf("call %d: %v", at, err)
					}
					return
				}
				if c.recover != nil {
					w.people.asked = nil
					n := w.open("csr1") // somebody logs on, and finds it
					if _, err := n.Audit(w.people); err != nil {
						t.Fatal(err)
					}
					n.Close()
					if err := c.recover(w); err != nil {
						t.Fatalf("killed after call %d, %s: %v", at, k.last, err)
					}
				}
				if r, err := w.try("csr1", "3d", Options{}); err != nil || !r.Complete || !r.Targets[0].Equal {
					t.Fatalf("killed after call %d, %s: %+v, %v", at, k.last, r, err)
				}
				if got := w.info("csr1").Register(coproc.SymMK); got.Current.Pattern != w.pattern || got.New.State != coproc.Empty {
					t.Fatalf("killed after call %d, %s: %v", at, k.last, got)
				}
			}
		})
	}
}

func takeCancel(w *world, n *Node) error {
	_, err := n.TakeCancels(Options{Incoming: read(n.Databases(), w.stick)}, w.people)
	return err
}

func takeCancelAgain(w *world) error {
	_, err := w.takeCancels("csr1")
	return err
}

// A cancel whose taking in was cut short, and which is not on the stick now: what
// is void in the coprocessor is refused, with what leads on.
func TestVoidInTheCoprocessorAlone(t *testing.T) {
	w := after(t, small, "3c")
	if _, err := w.try("csr1", "3d", Options{Shares: []int{1}}); err == nil {
		t.Fatal("one share of two was enough")
	}
	without := maps.Clone(w.stick)
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	set := coproc.ShareSetID{}
	for _, table := range w.info("csr1").Receiving {
		set = table.ShareSet
	}
	w.as("csr1", "SETTER", func(s insider) error { return s.Void("csr1", set) })
	all := w.stick
	w.stick = without
	_, err := w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeCancelled, "")
	if hint := hintOf(t, err); !strings.Contains(hint, "`gapferry resend --kind cancel --target csr1`), take it in here ({cancel --from …})") {
		t.Errorf("hint %q", hint)
	}
	w.stick = all
	if _, err := w.takeCancels("csr1"); err != nil {
		t.Fatal(err)
	}
	if err := w.anotherSet(); err != nil {
		t.Fatal(err)
	}
	w.phase("csr1", "3d")
}

// The cancel of the first set is held back, and the target meets both sets: it is
// led to the cancel, and not to voiding the good set.
func TestTwoSetsAndNoCancel(t *testing.T) {
	for _, seen := range []bool{false, true} {
		w := after(t, small, "3c")
		if seen {
			if _, err := w.try("csr1", "3d", Options{Shares: []int{1}}); err == nil {
				t.Fatal("one share of two was enough")
			}
		}
		path, cancel, old := w.secondSet()
		if !seen {
			maps.Copy(w.stick, old)
		}
		_, err := w.try("csr1", "3d", Options{})
		mustRefuse(t, err, refusal.CodeShareSet, "")
		if hint := hintOf(t, err); !strings.Contains(hint, "fetch its cancel there (`gapferry resend --kind cancel --target csr1`)") || strings.Contains(hint, "void") {
			t.Errorf("hint %q", hint)
		}
		n := w.open("css")
		if _, err := n.Resend(Resend{Kind: "cancel", Target: "csr1"}, w.stick.deliver); err != nil {
			t.Fatal(err)
		}
		n.Close()
		if string(w.stick[path]) != string(cancel) {
			t.Error("another cancel was handed out")
		}
		if _, err := w.takeCancels("csr1"); err != nil {
			t.Fatal(err)
		}
		w.phase("csr1", "3d")
	}
}

// What officers leave in the new register of a target that is done, and of the
// source, is told, until it is cleared.
func TestNewRegisterIsTold(t *testing.T) {
	w := after(t, small, "3d")
	for _, node := range []string{"csr1", "css"} {
		left := func() string {
			n := w.open(node)
			defer n.Close()
			s := n.Status()
			return s.NewRegister + s.Targets[0].NewRegister
		}
		if got := left(); got != "" {
			t.Errorf("%s, before: %q", node, got)
		}
		w.act(node, Act{Text: "make", Task: "random", Class: coproc.SymMK, Officer: func(p *plan.Node) string { return p.Officers.Random },
			Do: func(s ActSession) (string, error) { _, err := s.Keys.GenerateMasterKey(coproc.SymMK); return "", err }})
		if got := left(); !strings.HasPrefix(got, "full ") {
			t.Errorf("%s: %q", node, got)
		}
		if node == "csr1" {
			w.people.progress = nil
			w.phase("csr1", "3d")
			if last := w.people.progress[len(w.people.progress)-1]; last.State != Warning || last.Hint != "{coprocessor clear} empties it" {
				t.Errorf("phase 3d says %+v", last)
			}
		}
		w.act(node, clearAct())
		if got := left(); got != "" {
			t.Errorf("%s, cleared: %q", node, got)
		}
	}
}
