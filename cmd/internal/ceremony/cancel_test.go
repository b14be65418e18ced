package ceremony

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

const whyCancelled = "its coprocessor is to be exchanged"

// cancel voids the share set for a target at the source, and puts the cancel
// on the stick.
func (w *world) cancel(target string) (*Result, error) {
	w.t.Helper()
	n := w.open("css")
	defer n.Close()
	return n.Cancel(target, whyCancelled, Options{Deliver: w.stick.deliver}, w.people)
}

// takeCancels takes in at a node what the stick has.
func (w *world) takeCancels(node string) ([]Cancelled, error) {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	return n.TakeCancels(Options{Incoming: read(n.Databases(), w.stick)}, w.people)
}

// A share set is cancelled at the source while its target has installed part
// of it: everywhere it is refused from then on, the other target goes on, and
// a new share set is as good as the first.
func TestCancel(t *testing.T) {
	w := after(t, standard, "3c")
	old := maps.Clone(w.stick)
	if _, err := w.try("csr1", "3d", Options{Shares: []int{2}}); err == nil {
		t.Fatal("one share of two was enough")
	}
	r, err := w.cancel("csr1")
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Written) != 1 || r.Written[0].Kind != bundle.KindCancel || r.Written[0].Folder != "csr1.db" {
		t.Fatalf("%+v", r.Written)
	}
	again, err := w.cancel("csr1") // nothing is done twice: the same bundle is handed out
	if err != nil || len(again.Written) != 1 || again.Written[0].Digest != r.Written[0].Digest {
		t.Fatalf("%+v, %v", again, err)
	}
	for _, node := range []string{"csr1", "sa", "csr1"} {
		all, err := w.takeCancels(node)
		if err != nil {
			t.Fatalf("%s: %v", node, err)
		}
		for _, c := range all {
			if c.Target != "csr1" || c.Reason != whyCancelled || c.By != "SETTER" || c.Late {
				t.Errorf("%s: %+v", node, c)
			}
		}
	}
	n := w.open("csr1")
	if got := n.SharesNeeded(); got != w.plan.M {
		t.Errorf("%d shares are still needed, want %d: one was installed and cleared", got, w.plan.M)
	}
	n.Close()
	_, err = w.try("csr1", "3d", Options{Incoming: read([]string{"csr1.db"}, old)})
	mustRefuse(t, err, refusal.CodeCancelled, "was cancelled by SETTER: "+whyCancelled)
	w.phase("csr2", "3d")

	before := len(w.stick.sent("csr1.db/share")) // they stay on the stick
	for _, node := range []string{"css", "csr1", "sa"} {
		n := w.open(node)
		for _, path := range append(w.stick.sent("csr1.db/share"), w.stick.sent("csr1.db/statement")...) {
			sealed, err := bundle.Parse(w.stick[path])
			if err != nil {
				t.Fatal(err)
			}
			if err := n.Void(sealed); node != "sa" || sealed.UnverifiedHeader().Kind == bundle.KindShare {
				mustRefuse(t, err, refusal.CodeCancelled, "was cancelled by SETTER")
			}
		}
		n.Close()
	}
	if r := w.phase("css", "3c"); len(r.Waiting) != 1 || !strings.HasPrefix(r.Waiting[0], "csr1: its share set was cancelled ("+whyCancelled+")") {
		t.Errorf("nobody named csr1, and it says %q", r.Waiting)
	}
	if len(w.stick.sent("csr1.db/share")) > before {
		t.Error("shares for csr1 were handed out, and nobody named it")
	}
	if _, err := w.try("css", "3c", Options{Targets: []string{"csr1"}}); err != nil {
		t.Fatal(err)
	}
	if r := w.phase("csr1", "3d"); len(r.Targets) != 1 || !r.Targets[0].Equal {
		t.Errorf("%+v", r)
	}
	if _, err := w.receipts("css", Options{}); err != nil {
		t.Error(err)
	}
}

// The new register that a cancelled set has filled is emptied.
func TestCancelFullRegister(t *testing.T) {
	w := after(t, small, "3c")
	if _, err := w.try("csr1", "3d", Options{Task: procedure.TaskInstallShares}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.takeCancels("csr1"); err != nil {
		t.Fatal(err)
	}
	n := w.open("csr1")
	defer n.Close()
	report, err := n.Audit(w.people)
	if err != nil {
		t.Fatal(err)
	}
	if state := report.Info.Register(w.plan.MasterKeyClass()).New.State; state != coproc.Empty {
		t.Errorf("the new register is %s", state)
	}
}

// Too late: the target has set the key. It says so, and the source does not
// take its receipt.
func TestCancelLate(t *testing.T) {
	w := after(t, small, "3d")
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	all, err := w.takeCancels("csr1")
	if err != nil || len(all) != 1 || !all[0].Late {
		t.Fatalf("%+v, %v", all, err)
	}
	for _, node := range []string{"css", "sa"} {
		if node == "sa" {
			if _, err := w.takeCancels("sa"); err != nil {
				t.Fatal(err)
			}
		}
		_, err = w.receipts(node, Options{})
		mustRefuse(t, err, refusal.CodeCancelled, "the receipt of csr1 came all the same: share set")
	}
}

func TestCancelRefused(t *testing.T) {
	w := after(t, standard, "3b")
	_, err := w.cancel("csr1")
	mustRefuse(t, err, refusal.CodeShareState, "there is no share set for csr1")
	_, err = w.cancel("csr9")
	mustRefuse(t, err, refusal.CodeNotHere, `"csr9" is not a target of the plan`)
	_, err = w.takeCancels("csr1")
	mustRefuse(t, err, refusal.CodeMissing, "there is no cancel on the carriers")
	_, err = w.takeCancels("css")
	mustRefuse(t, err, refusal.CodeNotHere, "cancels are taken in at targets and at the SA")

	w = after(t, standard, "3c")
	n := w.open("css")
	_, err = n.Cancel("csr1", "\x1b[2J", Options{}, w.people)
	mustRefuse(t, err, refusal.CodeReason, "the reason has characters that are not printed")
	n.Close()
	w.people.no = true
	_, err = w.cancel("csr1")
	mustRefuse(t, err, refusal.CodeNotConfirmed, "nobody said yes")
	w.people.no = false
	if _, err = w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	path := w.stick.sent("csr1.db/cancel")[0]

	good := w.stick[path]
	w.stick["csr2.db/"+path[8:]] = good // carried to the wrong room
	_, err = w.takeCancels("csr2")
	mustRefuse(t, err, refusal.CodeWrongPlace, "it is a cancel and belongs into csr1.db")
	bad := slices.Clone(good)
	bad[len(bad)-1] ^= 1
	w.stick[path] = bad
	_, err = w.takeCancels("csr1")
	mustRefuse(t, err, refusal.CodeSignature, "")
	w.people.no = true
	w.stick[path] = good
	_, err = w.takeCancels("csr1")
	mustRefuse(t, err, refusal.CodeNotConfirmed, "nobody said yes")
}

// A kill between the act and its record: the coprocessor has forgotten the
// set, the journal has not. The same command finishes it.
func TestCancelInterrupted(t *testing.T) {
	w := after(t, small, "3c")
	n := w.open("css")
	_, err := n.RunAct(Act{
		Text: "cancel behind the journal's back", Officer: func(p *plan.Node) string { return p.Officers.Cancel },
		Do: func(s ActSession) (string, error) { return "", s.Session.(coproc.Canceller).Cancel("csr1") },
	}, w.people)
	if err != nil {
		t.Fatal(err)
	}
	n.Close()
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	_, err = w.takeCancels("csr1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeCancelled, "")
}

// The SA in the coprocessor of a target: the SA's part and the target's part of
// a cancel are taken in there.
func TestCancelTwoNodes(t *testing.T) {
	w := newWorld(t, func(o *draft.Options) { o.M, o.N, o.Targets, o.SAWith = 2, 2, 2, "csr1" })
	w.upTo("3c")
	for _, target := range []string{"csr1", "csr2"} {
		if _, err := w.cancel(target); err != nil {
			t.Fatal(err)
		}
	}
	all, err := w.takeCancels("sa")
	if err != nil || len(all) != 2 || all[0].Target != "csr1" || all[1].Target != "csr2" {
		t.Fatalf("%+v, %v", all, err)
	}
	_, err = w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeCancelled, "")
	for _, path := range append(w.stick.sent("csr1.db/cancel"), w.stick.sent("csr2.db/cancel")...) {
		delete(w.stick, path)
	}
	_, err = w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeOrder, "csr1: its share set was cancelled")
}
