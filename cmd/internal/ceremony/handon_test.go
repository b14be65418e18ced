package ceremony

import (
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

// resend hands out again onto an empty stick, which is the one that is carried from
// then on.
func (w *world) resend(node string, which Resend) ([]Carried, error) {
	w.t.Helper()
	w.stick = stick{}
	n := w.open(node)
	defer n.Close()
	return n.Resend(which, w.stick.deliver)
}

// The source cancels a set that its target has finished; one other node takes that in,
// and then the source, its outbox and the stick are lost. Whoever knows of the cancel
// can tell the others, and each says so.
func TestCancelIsHandedOn(t *testing.T) {
	for from, to := range map[string]string{"sa": "csr1", "csr1": "sa"} {
		t.Run(from, func(t *testing.T) {
			w := after(t, small, "3d")
			_, receipt := w.one("csr1.db/receipt")
			if _, err := w.cancel("csr1"); err != nil {
				t.Fatal(err)
			}
			if _, err := w.takeCancels(from); err != nil {
				t.Fatal(err)
			}
			w.removeStore("css")
			w.stick = stick{"csr1.db/receipt-csr1-0002-00000000.gfb": receipt}
			if from == "sa" {
				_, err := w.receipts("sa", Options{})
				mustHint(t, err, refusal.CodeCancelled, "{resend --kind cancel --target csr1 --to …} hands it out again")
			}
			if b := w.status(from).Targets[0]; !b.CancelHere {
				t.Errorf("status: %+v", b)
			}
			for range 2 { // handed out twice
				all, err := w.resend(from, Resend{Kind: bundle.KindCancel, Target: "csr1"})
				if err != nil || len(all) != 1 || all[0].Kind != bundle.KindCancel || !strings.HasPrefix(all[0].Name, "cancel-css-") {
					t.Fatalf("%+v, %v", all, err)
				}
			}
			all, err := w.takeCancels(to)
			if err != nil || len(all) != 1 || all[0].Late != (to == "csr1") {
				t.Fatalf("%+v, %v", all, err)
			}
			if b := w.status(to).Targets[0]; !b.CancelHere {
				t.Errorf("status at %s: %+v", to, b)
			}
		})
	}
}

// So it is with a revoke when the SA is lost, and with a receipt when its target is.
func TestRevokeAndReceiptAreHandedOn(t *testing.T) {
	w := after(t, small, "3d")
	if _, err := w.receipts("sa", Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.revoke("csr1"); err != nil {
		t.Fatal(err)
	}
	n := w.open("css")
	if _, err := n.TakeRevokes(Options{Incoming: read([]string{"sa.db"}, w.stick)}, w.people); err != nil {
		t.Fatal(err)
	}
	n.Close()
	for node, kind := range map[string]bundle.Kind{"css": bundle.KindRevoke, "sa": bundle.KindReceipt} {
		all, err := w.resend(node, Resend{Kind: kind})
		if err != nil || len(all) != 1 || all[0].Kind != kind {
			t.Errorf("%s at %s: %+v, %v", kind, node, all, err)
		}
	}
	// What is said without a kind is what was made here; shares are never kept.
	all, err := w.resend("csr1", Resend{})
	for _, c := range all {
		if c.Kind != bundle.KindCSRKey && c.Kind != bundle.KindReceipt {
			t.Errorf("%+v", c)
		}
	}
	if err != nil {
		t.Error(err)
	}
	_, err = w.resend("csr1", Resend{Kind: bundle.KindShare, Share: 1})
	mustRefuse(t, err, refusal.CodeNotHere, "a share is made by the CSS node")
	_, err = w.resend("csr1", Resend{Kind: bundle.KindCancel})
	mustRefuse(t, err, refusal.CodeNotHere, "none that could be handed on was taken in here")
}

// The source cancels a set and begins anew before anybody heard of the cancel. Its
// store hands the cancel out all the same, and its target, which has the keys of then,
// takes it in.
func TestCancelOfASourceThatBeganAnew(t *testing.T) {
	w := after(t, small, "3c")
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	if err := w.beginAnew("css", whyAnew); err != nil {
		t.Fatal(err)
	}
	w.phase("css", "2a") // whoever logs on removes nothing of it
	copied, n := 0, w.open("css")
	for range 2 { // handed out twice
		all, err := n.Resend(Resend{Kind: bundle.KindCancel, Target: "csr1"}, func(out bundle.Outgoing) (bundle.Delivery, error) {
			_, err := w.stick.deliver(out)
			return bundle.Delivery{Carrier: "another stick"}, err
		})
		if err != nil || len(all) != 1 || all[0].Kind != bundle.KindCancel {
			t.Fatalf("%+v, %v", all, err)
		}
	}
	for _, r := range n.Records() {
		if r.Event == journal.EventCopied && r.Kind == bundle.KindCancel && r.Text == "another stick" {
			copied++
		}
	}
	n.Close()
	if copied != 1 {
		t.Errorf("%d records say that it is on the same stick", copied)
	}
	for _, node := range []string{"csr1", "sa"} {
		if all, err := w.takeCancels(node); err != nil || len(all) != 1 {
			t.Errorf("%s: %+v, %v", node, all, err)
		}
	}
	// What is said without a kind is what was made since.
	all, err := w.resend("css", Resend{})
	if err != nil || slices.ContainsFunc(all, func(c Carried) bool { return c.Kind != bundle.KindCSSKey }) {
		t.Errorf("%+v, %v", all, err)
	}
}

// Where its certificate was taken back, nobody needs that cancel: whoever knows of the
// revoke refuses it, and all that it is about.
func TestCancelOfARevokedSource(t *testing.T) {
	w := after(t, small, "3c")
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.revoke("css"); err != nil {
		t.Fatal(err)
	}
	path, cancel := w.one("csr1.db/cancel")
	delete(w.stick, path)
	_, err := w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeRevoked, "certificate 1 of css was revoked")
	w.stick[path] = cancel
	for _, node := range []string{"csr1", "sa"} {
		_, err := w.takeCancels(node)
		mustRefuse(t, err, refusal.CodeRevoked, "certificate 1 of css was revoked")
	}
}
