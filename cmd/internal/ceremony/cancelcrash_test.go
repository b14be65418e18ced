package ceremony

import (
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// killedAt does something at a node whose program is killed after a call.
func (w *world) killedAt(node string, k *killer, do func(*Node) error) error {
	w.t.Helper()
	n, err := Open(w.store(w.plan.Node(node).Coprocessor), k.backend(), w.clock)
	if err != nil {
		w.t.Fatal(err)
	}
	defer n.Close()
	return do(n)
}

// deliver gives the stick to a node, as long as its program lives.
func (k *killer) deliver(s stick) func(bundle.Outgoing) (bundle.Delivery, error) {
	return func(out bundle.Outgoing) (bundle.Delivery, error) {
		if k.dead {
			return bundle.Delivery{}, errKilled
		}
		return s.deliver(out)
	}
}

// oneSetEach checks in the source's journal that every cancel names the shares
// which that set had, and that the stick has the cancel of every void set.
func (w *world) oneSetEach() {
	w.t.Helper()
	n := w.open("css")
	defer n.Close()
	shares, void := map[coproc.ShareSetID][]uint8{}, map[coproc.ShareSetID]bool{}
	for _, rec := range n.Records() {
		switch {
		case rec.Event == journal.EventWritten && rec.Kind == bundle.KindShare:
			set, _ := history.SetOf(rec)
			if void[set] {
				w.t.Errorf("record %d: share %d of a void set was made", rec.Seq, rec.Share)
			}
			shares[set] = append(shares[set], uint8(rec.Share))
		case rec.Event == journal.EventCanceled:
			d, err := journal.DataOf[journal.CancelData](rec)
			if err != nil || !slices.Equal(d.Out, shares[d.ShareSet]) {
				w.t.Errorf("record %d: the cancel says shares %v, the journal has %v (%v)", rec.Seq, d.Out, shares[d.ShareSet], err)
			}
			void[d.ShareSet] = true
		}
	}
	if cancels := w.stick.sent("csr1.db/cancel"); len(cancels) != len(void) {
		w.t.Errorf("%d sets are void, %d cancels are on the stick", len(void), len(cancels))
	}
}

// A cancel is killed after each call, when half of the shares or all of them are
// out and the target has one: whatever the source does next finishes it, and the
// target ends with the key.
func TestCancelKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("a ceremony's end for every call")
	}
	sampled(t)
	for _, c := range []struct {
		name string
		half bool
		next func(w *world) error
	}{
		{"half, then phase 3c", true, (*world).anotherSet},
		{"all, then phase 3c", false, (*world).anotherSet},
		{"half, then cancel without a reason", true, (*world).cancelAgain},
		{"all, then cancel", false, func(w *world) error { _, err := w.cancel("csr1"); return err }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s snapshot
			if w := after(t, small, "3b"); c.half {
				if _, err := w.try("css", "3c", Options{Shares: []int{1}}); err != nil {
					t.Fatal(err)
				}
				s = w.snapshot()
			} else {
				w.phase("css", "3c")
				if _, err := w.try("csr1", "3d", Options{Shares: []int{1}}); err == nil {
					t.Fatal("one share of two was enough")
				}
				s = w.snapshot()
			}
			for at := 1; ; at++ {
				w, k := s.restore(t), &killer{at: at}
				err := w.killedAt("css", k, func(n *Node) error {
					_, err := n.Cancel("csr1", whyCancelled, Options{Deliver: k.deliver(w.stick)}, w.people)
					return err
				})
				if !k.dead {
					if err != nil || at < 6 {
						t.Fatalf("call %d: %v", at, err)
					}
					return
				}
				if n := w.open("css"); len(n.cancels("css", "csr1")) == 0 {
					n.Close()
					continue // nothing was done
				} else if open := n.Board()[0].CancelOpen; open != !n.wasCopied(bundle.KindCancel) {
					t.Errorf("call %d, %s: status says %v", at, k.last, open)
					n.Close()
				} else {
					n.Close()
				}
				w.now = w.now.Add(1e9)
				if err := c.next(w); err != nil {
					t.Fatalf("killed after call %d, %s: %v", at, k.last, err)
				}
				if err := w.anotherSet(); err != nil {
					t.Fatalf("killed after call %d, %s: %v", at, k.last, err)
				}
				w.oneSetEach()
				if _, err := w.takeCancels("csr1"); err != nil {
					t.Fatalf("call %d, %s: %v", at, k.last, err)
				}
				if r := w.phase("csr1", "3d"); !r.Targets[0].Equal {
					t.Errorf("%+v", r)
				}
				if _, err := w.receipts("css", Options{}); err != nil {
					t.Error(err)
				}
				if t.Failed() {
					t.Fatalf("killed after call %d, %s", at, k.last)
				}
				if !long {
					at += 3
				}
			}
		})
	}
}

// wasCopied reports whether the journal has that a bundle of a kind is on a
// carrier: what was written there before a kill is not known to it.
func (n *Node) wasCopied(kind bundle.Kind) bool {
	return slices.ContainsFunc(n.Records(), func(r journal.Record) bool { return r.Event == journal.EventCopied && r.Kind == kind })
}

// anotherSet is phase 3c for csr1, named.
func (w *world) anotherSet() error {
	_, err := w.try("css", "3c", Options{Targets: []string{"csr1"}})
	return err
}

// cancelAgain is the command that status and hints name.
func (w *world) cancelAgain() error {
	n := w.open("css")
	defer n.Close()
	_, err := n.Cancel("csr1", "", Options{Deliver: w.stick.deliver}, w.people)
	return err
}

// An unfinished cancel is told by whoever does not finish it, with the command
// that does.
func TestCancelUnfinishedIsTold(t *testing.T) {
	w := after(t, small, "3c")
	k := &killer{at: 3} // the record is there
	err := w.killedAt("css", k, func(n *Node) error {
		_, err := n.Cancel("csr1", whyCancelled, Options{Deliver: k.deliver(w.stick)}, w.people)
		return err
	})
	if err == nil || len(w.stick.sent("csr1.db/cancel")) > 0 {
		t.Fatalf("%v, after %s", err, k.last)
	}
	n := w.open("css")
	if !n.Board()[0].CancelOpen || n.NeedsReason("csr1") {
		t.Errorf("%+v, needs a reason %v", n.Board()[0], n.NeedsReason("csr1"))
	}
	for _, which := range []Resend{{Kind: bundle.KindCancel, Target: "csr1"}, {Kind: bundle.KindCancel}} {
		_, err = n.Resend(which, w.stick.deliver)
		mustRefuse(t, err, refusal.CodeMissing, "its cancel is not made yet")
		if why := err.(*refusal.Error); !strings.HasPrefix(why.Hint, "{cancel --target csr1} ") {
			t.Errorf("hint %q", why.Hint)
		}
	}
	n.Close()
	_, err = w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeOrder, "to begin another one, say --target csr1")
	if told := w.people.progress[len(w.people.progress)-1]; told.State != Warning || told.Hint != "{cancel --target csr1 --to …} ends it" {
		t.Errorf("it tells %+v", told)
	}
	if err := w.cancelAgain(); err != nil {
		t.Fatal(err)
	}
	n = w.open("css")
	defer n.Close()
	if n.Board()[0].CancelOpen {
		t.Error("it is open all the same")
	}
	if _, err = n.Resend(Resend{Kind: bundle.KindCancel}, stick{}.deliver); err != nil {
		t.Error(err)
	}
}

// A second cancel has another reason: it says that the first one stands.
func TestCancelOtherReason(t *testing.T) {
	w := after(t, small, "3c")
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	w.people.progress = nil
	n := w.open("css")
	defer n.Close()
	r, err := n.Cancel("csr1", "another one", Options{Deliver: w.stick.deliver}, w.people)
	if err != nil || r.Cancelled == nil || r.Cancelled.Reason != whyCancelled || len(r.Written) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if !slices.ContainsFunc(w.people.progress, func(p Progress) bool {
		return p.State == Warning && strings.Contains(p.Text, "the reason that was given now is kept nowhere") && p.Hint == "to add to it: {journal note --profile SETTER --text …}"
	}) {
		t.Errorf("%+v", w.people.progress)
	}
	if err := n.Note(Remark{Profile: "SETTER", Text: "another one"}, w.people); err != nil {
		t.Errorf("the command that it names: %v", err)
	}
}

// A set of which the coprocessor knows nothing any more is never gone on with:
// another master key was set meanwhile, and the old one again.
func TestSetsAreNotMixed(t *testing.T) {
	for name, o := range map[string]Options{"obtained": {Shares: []int{1}}, "given up": {GiveUp: []int{3}, Shares: []int{3}}} {
		t.Run(name, func(t *testing.T) {
			w := after(t, standard, "3b")
			o.Targets = []string{"csr1"}
			if _, err := w.try("css", "3c", o); err != nil {
				t.Fatal(err)
			}
			w.act("css", Act{
				Text: "forget behind the journal's back", Officer: func(p *plan.Node) string { return p.Officers.Cancel },
				Do: func(s ActSession) (string, error) { return "", s.Session.(coproc.Canceller).Cancel("csr1") },
			})
			_, err := w.try("css", "3c", Options{Targets: []string{"csr1"}})
			mustRefuse(t, err, refusal.CodeShareState, "is not in the coprocessor any more")
			if why := err.(*refusal.Error); !strings.Contains(why.Hint, "{cancel --target csr1 --reason …}; then phase 3c --target csr1") {
				t.Errorf("hint %q", why.Hint)
			}
			if _, err := w.cancel("csr1"); err != nil {
				t.Fatal(err)
			}
			if err := w.anotherSet(); err != nil {
				t.Fatal(err)
			}
			w.oneSetEach()
		})
	}
}
