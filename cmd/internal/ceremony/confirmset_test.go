package ceremony

import (
	"errors"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// tooLate is a ceremony that is done, and whose share set for csr1 is cancelled
// after that; the target knows.
func tooLate(t *testing.T) *world {
	t.Helper()
	w := after(t, small, "3d")
	if _, err := w.receipts("css", Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	if all, err := w.takeCancels("csr1"); err != nil || len(all) != 1 || !all[0].Late {
		t.Fatalf("%+v, %v", all, err)
	}
	return w
}

func hintOf(t testing.TB, err error) string {
	t.Helper()
	var why *refusal.Error
	if !errors.As(err, &why) {
		t.Fatalf("no refusal: %v", err)
	}
	return why.Hint
}

// A share set is cancelled when its target had set the key: everybody is told
// what stands in the registers, the old receipt is worth nothing any more, and
// another set confirms the key without setting it again.
func TestLateCancelIsConfirmed(t *testing.T) {
	w := tooLate(t)
	way := "at the source `gapferry phase 3c --target csr1` gives out another share set, with which phase 3d there confirms the key"
	n := w.open("csr1")
	if b := n.Board()[0]; !b.Late || b.Cancelled != whyCancelled || n.SharesNeeded() != 2 || b.Replaced != nil {
		t.Errorf("status: %+v", b)
	}
	_, err := n.Resend(Resend{Kind: bundle.KindReceipt}, stick{}.deliver)
	mustRefuse(t, err, refusal.CodeCancelled, "the receipt is not handed out")
	if hint := hintOf(t, err); !strings.Contains(hint, way) {
		t.Errorf("hint %q", hint)
	}
	n.Close()
	w.people.asked = nil
	for _, path := range append(w.stick.sent("csr1.db/statement"), w.stick.sent("csr1.db/share")...) {
		defer func(data []byte) { w.stick[path] = data }(w.stick[path])
		delete(w.stick, path)
	}
	_, err = w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeMissing, "csr1 has set its master key, full "+w.pattern.String()+", and the share set of it was cancelled after that")
	if hint := hintOf(t, err); !strings.Contains(hint, way) || len(w.people.asked) > 0 {
		t.Errorf("hint %q, asked %v", hint, w.people.asked)
	}
	n = w.open("css")
	if b := n.Board()[0]; !b.Late || !b.Receipt.Cancelled || len(n.ReceiptWants(Options{})) != 1 {
		t.Errorf("status at the source: %+v", b)
	}
	n.Close()
	_, err = w.receipts("css", Options{})
	mustRefuse(t, err, refusal.CodeCancelled, "the receipt of csr1 came all the same")
	if hint := hintOf(t, err); !strings.Contains(hint, way) {
		t.Errorf("hint %q", hint)
	}

	if err := w.anotherSet(); err != nil {
		t.Fatal(err)
	}
	w.confirmed()
}

// confirmed does phase 3d at csr1 and takes its receipt in.
func (w *world) confirmed() {
	w.t.Helper()
	before := w.info("csr1").Register(coproc.SymMK)
	r := w.phase("csr1", "3d")
	if !r.Complete || len(r.Targets) != 1 || !r.Targets[0].Equal {
		w.t.Errorf("%+v", r)
	}
	if got := w.info("csr1").Register(coproc.SymMK); got.Current.Pattern != w.pattern || got.Old != before.Old || got.New.State != coproc.Empty {
		w.t.Errorf("registers: %v, before %v", got, before)
	}
	for _, node := range []string{"csr1", "sa", "css"} {
		if node == "sa" {
			if _, err := w.takeCancels(node); err != nil {
				w.t.Fatal(err)
			}
		}
		if node != "csr1" {
			all, err := w.receipts(node, Options{})
			if err != nil || len(all) != 1 || all[0].Cancelled || len(all[0].Shares) != 2 {
				w.t.Errorf("%s: %+v, %v", node, all, err)
			}
		}
		n := w.open(node)
		if b := n.Board()[0]; b.Late || b.Cancelled != "" {
			w.t.Errorf("%s: %+v", node, b)
		}
		n.Close()
	}
}

// The confirmation is killed after each call: the same again finishes it.
func TestConfirmationKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("a phase for every call")
	}
	sampled(t)
	w := tooLate(t)
	if err := w.anotherSet(); err != nil {
		t.Fatal(err)
	}
	s := w.snapshot()
	for at := 1; ; at++ {
		w, k := s.restore(t), &killer{at: at}
		err := w.killed("csr1", "3d", k)
		if !k.dead {
			if err != nil || at < 10 {
				t.Fatalf("call %d: %v", at, err)
			}
			return
		}
		w.confirmed()
		if t.Failed() {
			t.Fatalf("killed after call %d, %s", at, k.last)
		}
		if !long && k.last != "clear new" {
			at += 3
		}
	}
}

// The set that is to confirm is cancelled, too, when half of it is installed,
// and the new register was cleared once.
func TestConfirmationIsCancelled(t *testing.T) {
	w := tooLate(t)
	if err := w.anotherSet(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.try("csr1", "3d", Options{Task: procedure.TaskInstallShares}); err != nil {
		t.Fatal(err)
	}
	w.act("csr1", clearAct())
	if _, err := w.try("csr1", "3d", Options{Shares: []int{1}}); err == nil {
		t.Fatal("one share of two was enough")
	}
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	if all, err := w.takeCancels("csr1"); err != nil || len(all) != 1 || all[0].Late {
		t.Fatalf("%+v, %v", all, err)
	}
	if err := w.anotherSet(); err != nil {
		t.Fatal(err)
	}
	w.confirmed()
}

// A target that has the source's key from elsewhere takes it as its own.
func TestKeyThatIsCurrentAlready(t *testing.T) {
	w := tooLate(t)
	w.t = t
	if err := w.anotherSet(); err != nil {
		t.Fatal(err)
	}
	w.people.no = true
	_, err := w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeNotConfirmed, "")
	w.people.no = false
	w.confirmed()
	n := w.open("csr1")
	defer n.Close()
	if rec := n.History().LastSet["csr1"]; !strings.HasPrefix(rec.Text, "it was the current one already, the new register was cleared: current full "+w.pattern.String()) {
		t.Errorf("the record says %q", rec.Text)
	}
}

// Officers replaced the cloned key: it is in the old register, and is not set
// from there. The hint leads on to the cloned key, and to a receipt.
func TestKeyInTheOldRegister(t *testing.T) {
	w := after(t, small, "3d")
	w.masterKey("csr1")
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.takeCancels("csr1"); err != nil {
		t.Fatal(err)
	}
	if err := w.anotherSet(); err != nil {
		t.Fatal(err)
	}
	_, err := w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeSameKey, "is in its OLD register, full "+w.pattern.String())
	if hint := hintOf(t, err); !strings.Contains(hint, "{coprocessor clear}, {coprocessor generate}, {coprocessor set}, then {phase 3d} with the same shares") {
		t.Errorf("hint %q", hint)
	}
	w.act("csr1", clearAct())
	now := w.masterKey("csr1")
	if r := w.phase("csr1", "3d"); !r.Complete || !r.Targets[0].Equal {
		t.Errorf("%+v", r)
	}
	if got := w.info("csr1").Register(coproc.SymMK); got.Current.Pattern != w.pattern || got.Old.Pattern != now {
		t.Errorf("registers: %v", got)
	}
	if _, err := w.receipts("css", Options{}); err != nil {
		t.Error(err)
	}
	n := w.open("csr1")
	defer n.Close()
	if b := n.Board()[0]; b.Replaced != nil || b.Late {
		t.Errorf("%+v", b)
	}
}
