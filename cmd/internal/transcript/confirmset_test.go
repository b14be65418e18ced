package transcript

import (
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/coproc"
)

// confirm has csr1 install another share set and confirm the key that it has.
// After the first share, whoever logs on finds that the new register was cleared.
func (w *world) confirm() {
	n, css := w.nodes["csr1"], w.nodes["css"]
	w.compare("csr1", "SHARE1")
	n.took("SHARE1", bundle.KindStatement, css.name, w.stated("csr1"), data(journal.StatedData{
		Certificate: w.cert[css.name], Statement: w.cert["statement csr1"],
	}))
	w.installShare("csr1", 1)
	n.b.write("SHARE2", journal.Record{Event: journal.EventCleared, Node: "csr1", Recovered: true, Text: "cleared",
		Data: w.registers(journal.ActData{Current: full(w.pattern)})})
	w.installShare("csr1", 1)
	w.installShare("csr1", 2)
	w.verifyAndSet("csr1")
}

// A set is cancelled when its target had set the key, and another one confirms
// it: nothing is wrong, and all of it is told. Without the cancel, or with a
// cleared register that somebody else says they cleared, it is.
func TestLateCancelConfirmed(t *testing.T) {
	play := func(change func(*world)) *Result {
		w := newWorld(shape{m: 2, n: 2, targets: 1})
		w.at = func(p string) {
			if p == "installed" {
				change(w)
			}
		}
		return Verify(w.run().file(t), w.hash)
	}
	r := play(func(w *world) {
		w.takeCancel("csr1", w.cancel("csr1"))
		w.share("csr1")
		w.confirm()
	})
	mustFind(t, r, VerifiedWithExceptions, "csr1 had set the master key from share set", "confirmed it")
	if x := r.Targets[0]; x.State != HasKey || !x.Equal || len(x.Canceled) != 1 || x.Canceled[0].Late {
		t.Errorf("target %+v", x)
	}
	mustFind(t, play(func(w *world) {
		w.share("csr1")
		w.confirm()
	}), NotVerified, "Set CSR master key was done before")
	mustFind(t, play(func(w *world) {
		w.takeCancel("csr1", w.cancel("csr1"))
		w.share("csr1")
		w.onRecord = func(_ *book, r *journal.Record) sign {
			if r.Event == journal.EventCleared {
				r.Recovered = false
			}
			return signed
		}
		w.confirm()
	}), NotVerified, "the plan has SETTER")
	// The key was replaced in between, and set again.
	mustFind(t, play(func(w *world) {
		other := coproc.Pattern{9}
		w.act("csr1", "KEYGEN", "random", journal.ActData{New: full(other), Current: full(w.pattern)})
		w.act("csr1", "SETTER", "set", journal.ActData{Current: full(other), Old: full(w.pattern)})
		w.takeCancel("csr1", w.cancel("csr1"))
		w.share("csr1")
		w.confirm()
	}), VerifiedWithExceptions, "csr1 had set the master key from share set")
}
