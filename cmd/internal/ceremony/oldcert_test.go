package ceremony

import (
	"maps"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

// A target was set up anew before the source saw its first certificate: the old
// one stays on the stick, and is no newer one. A really newer one is, and what
// the hint says leads on.
func TestOlderCertificateOnTheStick(t *testing.T) {
	w := after(t, small, "3b")
	path1, cert1 := w.one("csr1.db/csr-cert")
	delete(w.stick, path1)
	renew := func() {
		w.anew("csr1", "3a", "csr1.db/csr-key")
		if _, err := w.try("sa", "3b", Options{Renew: []string{"csr1"}}); err != nil {
			t.Fatal(err)
		}
	}
	renew()
	path2, cert2 := w.one("csr1.db/csr-cert")
	w.stick[path1] = cert1
	w.phase("css", "3c")
	for _, c := range []struct {
		here  bool // the newest certificate is on the stick, too
		asked int
	}{{true, 0}, {false, 1}} {
		w.people.asked = nil
		if !c.here {
			delete(w.stick, path2)
		}
		r, err := w.try("css", "3c", Options{})
		if err != nil || !r.Complete || len(w.people.asked) != c.asked {
			t.Errorf("the newest here %v: %+v, %v, asked %v", c.here, r, err, w.people.asked)
		}
	}
	w.stick[path2] = cert2

	delete(w.stick, path1)
	renewed := maps.Clone(w.stick)
	delete(w.stick, path2)
	renew()
	maps.Copy(w.stick, renewed)
	w.stick[path1] = cert1
	for _, here := range []bool{true, false} {
		if !here {
			delete(w.stick, path2)
		}
		_, err := w.try("css", "3c", Options{})
		mustRefuse(t, err, refusal.CodeShareSet, "there is a newer certificate of csr1")
		if hint := hintOf(t, err); !strings.Contains(hint, "{cancel --target csr1 --reason …}; then phase 3c --target csr1") {
			t.Errorf("hint %q", hint)
		}
	}
	w.stick[path2] = cert2
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	if err := w.anotherSet(); err != nil {
		t.Fatal(err)
	}
	if r := w.phase("css", "3c"); !r.Complete {
		t.Errorf("%+v", r)
	}
	_, _ = w.takeCancels("csr1") // of a set from before it was set up anew
	if r := w.phase("csr1", "3d"); !r.Targets[0].Equal {
		t.Errorf("%+v", r)
	}
}

// What the SA knows of a cancelled set was about the certificate before: with the
// next one its status says nothing of it any more.
func TestCancelIsOfACertificate(t *testing.T) {
	w := after(t, small, "3c")
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.takeCancels("sa"); err != nil {
		t.Fatal(err)
	}
	if why := w.status("sa").Targets[0].Cancelled; why != whyCancelled {
		t.Errorf("status: %q", why)
	}
	w.anew("csr1", "3a", "csr1.db/csr-key")
	if _, err := w.try("sa", "3b", Options{Renew: []string{"csr1"}}); err != nil {
		t.Fatal(err)
	}
	if why := w.status("sa").Targets[0].Cancelled; why != "" {
		t.Errorf("status: %q", why)
	}
}
