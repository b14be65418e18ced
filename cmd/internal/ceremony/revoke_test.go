package ceremony

import (
	"maps"
	"slices"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

const whyRevoked = "it was stolen"

func (w *world) revoke(node string) (*Result, error) {
	w.t.Helper()
	n := w.open("sa")
	defer n.Close()
	return n.Revoke(node, whyRevoked, Options{Deliver: w.stick.deliver}, w.people)
}

// A revoked target gets no shares, whichever way the source hears of it.
func TestRevokeTarget(t *testing.T) {
	for _, way := range []string{"in the phase", "before it"} {
		t.Run(way, func(t *testing.T) {
			w := after(t, standard, "3b")
			r, err := w.revoke("csr1")
			if err != nil {
				t.Fatal(err)
			}
			again, err := w.revoke("csr1")
			if err != nil || len(again.Written) != 1 || again.Written[0].Digest != r.Written[0].Digest {
				t.Fatalf("%+v, %v", again, err)
			}
			if way == "before it" {
				n := w.open("css")
				all, err := n.TakeRevokes(Options{Incoming: read([]string{procedure.SADatabase}, w.stick)}, w.people)
				n.Close()
				if err != nil || len(all) != 1 || all[0] != (Revoked{"csr1", 1, whyRevoked, "CERTIFIER"}) {
					t.Fatalf("%+v, %v", all, err)
				}
				delete(w.stick, w.stick.sent("sa.db/revoke")[0])
			}
			_, err = w.try("css", "3c", Options{})
			mustRefuse(t, err, refusal.CodeRevoked, "certificate 1 of csr1 was revoked by CERTIFIER: "+whyRevoked)
			if len(w.stick.sent("csr1.db/share")) > 0 {
				t.Error("shares for a revoked target were handed out")
			}
			if len(w.stick.sent("csr2.db/share")) != w.plan.N {
				t.Error("the other target did not get its shares")
			}
		})
	}
}

// Set up anew, it is certified again, and that certificate is good.
func TestRevokeAndRenew(t *testing.T) {
	w := after(t, small, "3b")
	if _, err := w.revoke("csr1"); err != nil {
		t.Fatal(err)
	}
	n := w.open("sa")
	_, err := n.Resend(Resend{Kind: bundle.KindCSRCert, Target: "csr1"}, w.stick.deliver)
	n.Close()
	mustRefuse(t, err, refusal.CodeRevoked, "certificate 1 of csr1 was revoked")
	_, err = w.try("sa", "3b", Options{})
	mustRefuse(t, err, refusal.CodeRevoked, "certificate 1 of csr1 was revoked")
	old, _ := w.one("csr1.db/csr-cert")
	w.anew("csr1", "3a", "csr1.db/csr-key")
	delete(w.stick, old)
	if _, err := w.try("sa", "3b", Options{Renew: []string{"csr1"}}); err != nil {
		t.Fatal(err)
	}
	n = w.open("sa")
	out := stick{}
	_, err = n.Resend(Resend{Kind: bundle.KindCSRCert, Target: "csr1"}, out.deliver)
	n.Close()
	if err != nil || len(out) != 1 || len(out.sent(old)) > 0 {
		t.Errorf("resend: %v, %d bundles; the revoked one is not handed out again", err, len(out))
	}
	w.phase("css", "3c")
	w.phase("csr1", "3d")
	if _, err := w.receipts("css", Options{}); err != nil {
		t.Error(err)
	}
	if _, err := w.receipts("sa", Options{}); err != nil {
		t.Error(err)
	}
}

// It had the key, was revoked, set up anew and got it again: both receipts are
// on the stick, and the new one is taken in.
func TestRevokeAfterReceipt(t *testing.T) {
	w := after(t, small, "3d")
	if _, err := w.revoke("csr1"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	certificate, _ := w.one("csr1.db/csr-cert")
	w.anew("csr1", "3a", "csr1.db/csr-key")
	delete(w.stick, certificate)
	if _, err := w.try("sa", "3b", Options{Renew: []string{"csr1"}}); err != nil {
		t.Fatal(err)
	}
	for _, path := range append(w.stick.sent("csr1.db/share"), w.stick.sent("csr1.db/statement")...) {
		delete(w.stick, path)
	}
	if _, err := w.try("css", "3c", Options{Targets: []string{"csr1"}}); err != nil {
		t.Fatal(err)
	}
	// The cancel on the stick is of a set from before it was set up anew.
	w.phase("csr1", "3d")
	for _, node := range []string{"csr1", "sa"} {
		if all, err := w.takeCancels(node); err != nil || len(all) == 1 && node == "csr1" {
			t.Fatalf("%s: %+v, %v", node, all, err)
		}
	}
	for _, node := range []string{"css", "sa"} {
		if all, err := w.receipts(node, Options{}); err != nil || len(all) != 1 {
			t.Errorf("%s: %+v, %v", node, all, err)
		}
	}
	if n := len(w.stick.sent("csr1.db/receipt")); n != 2 {
		t.Errorf("%d receipts on the stick", n)
	}
}

// After its shares were made: they are not handed out again, and its receipt
// is not taken in.
func TestRevokeAfterShares(t *testing.T) {
	w := after(t, small, "3d")
	if _, err := w.revoke("csr1"); err != nil {
		t.Fatal(err)
	}
	_, err := w.receipts("sa", Options{})
	mustRefuse(t, err, refusal.CodeRevoked, "certificate 1 of csr1 was revoked")
	_, err = w.receipts("css", Options{})
	mustRefuse(t, err, refusal.CodeRevoked, "certificate 1 of csr1 was revoked")
	_, err = w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeRevoked, "certificate 1 of csr1 was revoked")
	n := w.open("css")
	defer n.Close()
	_, err = n.Resend(Resend{Kind: bundle.KindShare, Share: 1}, w.stick.deliver)
	mustRefuse(t, err, refusal.CodeRevoked, "certificate 1 of csr1 was revoked")
}

// A revoked source: a target does not install what it states.
func TestRevokeSource(t *testing.T) {
	w := after(t, small, "3c")
	if _, err := w.revoke("css"); err != nil {
		t.Fatal(err)
	}
	_, err := w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeRevoked, "certificate 1 of css was revoked by CERTIFIER: "+whyRevoked)
}

func TestRevokeRefused(t *testing.T) {
	w := after(t, standard, "3a")
	_, err := w.revoke("csr1")
	mustRefuse(t, err, refusal.CodeOrder, "csr1 was given no certificate yet")
	_, err = w.revoke("sa")
	mustRefuse(t, err, refusal.CodeNotHere, `"sa" is neither the source nor a target`)
	w = after(t, standard, "3b")
	w.people.no = true
	_, err = w.revoke("csr1")
	mustRefuse(t, err, refusal.CodeNotConfirmed, "nobody said yes")
	w.people.no = false
	if _, err = w.revoke("csr1"); err != nil {
		t.Fatal(err)
	}
	path := w.stick.sent("sa.db/revoke")[0]
	spoiled := maps.Clone(w.stick)
	bad := slices.Clone(w.stick[path])
	bad[len(bad)-1] ^= 1
	spoiled[path] = bad
	n := w.open("css")
	defer n.Close()
	all, err := n.TakeRevokes(Options{Incoming: read([]string{procedure.SADatabase}, spoiled)}, w.people)
	if mustRefuse(t, err, refusal.CodeSignature, "It may be a revoke, which nobody passes by"); len(all) != 0 {
		t.Errorf("a revoke that nobody signed: %+v", all)
	}
	if last := n.Records()[len(n.Records())-1]; last.Code != refusal.CodeSignature {
		t.Errorf("%+v", last)
	}
}
