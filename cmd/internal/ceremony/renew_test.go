package ceremony

import (
	"errors"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// certificates are those that the SA gave a node, oldest first.
func (w *world) certificates(node string) (all []coproc.Claims) {
	w.t.Helper()
	n := w.open("sa")
	defer n.Close()
	for _, rec := range n.Records() {
		if rec.Event == journal.EventTask && rec.Peer == node && (rec.Task == procedure.TaskCertifyCSS || rec.Task == procedure.TaskCertifyCSR) {
			c, err := coproc.UnverifiedClaims(rec.Data)
			if err != nil {
				w.t.Fatal(err)
			}
			all = append(all, c)
		}
	}
	return all
}

// mustHint checks the code, and that the hint has words.
func mustHint(t testing.TB, err error, code refusal.Code, want string) {
	t.Helper()
	mustRefuse(t, err, code, "")
	var why *refusal.Error
	if errors.As(err, &why); !strings.Contains(why.Hint, want) {
		t.Fatalf("refusal %s hints %q, want %q in it", code, why.Hint, want)
	}
}

// An expired certificate is not handed out by anything, and the command that the
// refusal names makes another one, of a new generation and for the same keys,
// when its officer has compared them.
func TestRenewExpired(t *testing.T) {
	for _, c := range []struct {
		phase procedure.PhaseID
		node  string
		path  string
	}{{"2b", "css", "sa.db/css-cert"}, {"3b", "csr1", "csr1.db/csr-cert"}} {
		w := after(t, small, "3b")
		w.now = testNow.AddDate(0, 0, 33)
		n := w.open("sa")
		command := renewalOf(w.plan.Node(c.node))
		if _, err := n.Resend(Resend{Kind: header(t, w.stick[w.stick.sent(c.path)[0]]).Kind}, w.stick.deliver); err == nil {
			t.Errorf("%s: the old certificate is handed out again", c.node)
		} else {
			mustHint(t, err, refusal.CodeExpired, "{"+command+"}")
		}
		n.Close()
		_, err := w.try("sa", c.phase, Options{})
		mustRefuse(t, err, refusal.CodeExpired, "certificate 1 of "+c.node+" is good from 2026-11-23 to 2026-12-23, the clock here says 2026-12-26: it is not handed out")
		mustHint(t, err, refusal.CodeExpired, "{"+command+"}")
		w.people.no = true
		_, err = w.try("sa", c.phase, Options{Renew: []string{c.node}})
		mustRefuse(t, err, refusal.CodeNotConfirmed, "")
		w.people.no = false
		if got := w.certificates(c.node); len(got) != 1 {
			t.Fatalf("%s has %d certificates, and nobody said yes", c.node, len(got))
		}
		for range 2 { // the second hands the same one out again
			if _, err := w.try("sa", c.phase, Options{Renew: []string{c.node}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.try("sa", c.phase, Options{}); err != nil {
			t.Fatal(err)
		}
		got := w.certificates(c.node)
		if len(got) != 2 || got[1].Generation != 2 || got[1].Keys != got[0].Keys || got[1].Answers != got[0].Answers || got[1].NotBefore != w.now.Unix() {
			t.Fatalf("%s: %+v", c.node, got)
		}
		if on := w.stick.sent(c.path); len(on) != 2 {
			t.Errorf("%s: %v are on the stick", c.node, on)
		}
	}
}

// A certificate that is good for long is not made again because somebody typed
// so; one whose first half is over is, and one that is not good yet.
func TestRenewInTime(t *testing.T) {
	w := after(t, small, "3b")
	for _, c := range []struct{ days, certificates int }{{1, 1}, {16, 2}, {17, 2}, {-3, 3}, {-3, 3}} {
		w.now = testNow.AddDate(0, 0, c.days)
		if _, err := w.try("sa", "3b", Options{Renew: []string{"csr1"}}); err != nil {
			t.Fatal(err)
		}
		if got := len(w.certificates("csr1")); got != c.certificates {
			t.Errorf("%d certificates after %d days, want %d", got, c.days, c.certificates)
		}
	}
	// Without the word nothing is made.
	w = after(t, small, "3b")
	w.now = testNow.AddDate(0, 0, -3)
	_, err := w.try("sa", "3b", Options{})
	mustHint(t, err, refusal.CodeExpired, "{phase 3b --renew csr1}")
}

// What the SA took back is not renewed.
func TestRenewRevoked(t *testing.T) {
	w := after(t, small, "3b")
	if _, err := w.revoke("csr1"); err != nil {
		t.Fatal(err)
	}
	w.now = testNow.AddDate(0, 0, 33)
	_, err := w.try("sa", "3b", Options{Renew: []string{"csr1"}})
	mustRefuse(t, err, refusal.CodeRevokedKey, "certificate 1 of csr1 has a")
	_, err = w.try("sa", "3b", Options{})
	mustRefuse(t, err, refusal.CodeRevoked, "was revoked by CERTIFIER")
}

// Killed at any call, the same command again makes one certificate and one
// bundle of it.
func TestRenewKilled(t *testing.T) {
	done := after(t, small, "3b")
	done.now = testNow.AddDate(0, 0, 33)
	for at := 1; ; at++ {
		w := done.snapshot().restore(t)
		w.now = done.now
		k := &killer{at: at}
		err := w.killedWith("sa", "3b", Options{Renew: []string{"csr1"}}, k)
		if !k.dead {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		if _, err := w.try("sa", "3b", Options{Renew: []string{"csr1"}}); err != nil {
			t.Fatalf("killed after call %d, %s: %v", at, k.last, err)
		}
		// A signature that no record tells of counts for nothing.
		if got := w.certificates("csr1"); len(got) != 2 || got[1].Generation != 2 {
			t.Fatalf("killed after call %d, %s: %+v", at, k.last, got)
		}
		if on := w.stick.sent("csr1.db/csr-cert"); len(on) != 2 {
			t.Fatalf("killed after call %d, %s: %v are on the stick", at, k.last, strings.Join(on, " "))
		}
	}
}
