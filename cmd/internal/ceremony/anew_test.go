package ceremony

import (
	"os"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

const whyAnew = "the SA's machine burned"

func (w *world) beginAnew(node, reason string) error {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	_, err := n.BeginAnew(reason, w.people)
	return err
}

// exchanged has another SA in the place of the first, whose keys nobody has.
func (w *world) exchangeSA() {
	w.t.Helper()
	w.removeStore("sa")
	w.init(w.plan.SA().Coprocessor)
	w.phase("sa", "1")
}

// Another SA is believed only after two officers of the node, by two log-ons, gave
// up the first one, and two registered the other from a card of their own. What the
// stick, a typist or one officer bring changes nothing.
func TestAnotherSAIsNotBelieved(t *testing.T) {
	w := after(t, small, "3b")
	before := w.info("css")
	own := w.people.hash
	w.exchangeSA()
	unchanged := func(what string) {
		t.Helper()
		after := w.info("css")
		if after.SAKey != before.SAKey || len(after.Retained) != 1 || after.Retained[0] != before.Retained[0] {
			t.Fatalf("%s: %+v", what, after)
		}
	}
	// The cards of the other SA alone.
	if _, err := w.try("css", "2a", Options{}); err != nil {
		t.Fatal(err)
	}
	unchanged("phase 2a")
	// Whoever types, and an officer who says no.
	mustRefuse(t, w.beginAnew("css", ""), refusal.CodeReason, "say with --reason why")
	w.people.no = true
	mustRefuse(t, w.beginAnew("css", whyAnew), refusal.CodeNotConfirmed, "ask to begin anew at css")
	unchanged("nobody says yes")
	// One officer.
	w.people.no, w.people.wrong = false, map[string]bool{"KEYREG": true}
	mustRefuse(t, w.beginAnew("css", whyAnew), refusal.CodePassphrase, "KEYREG")
	unchanged("one officer")
	w.people.wrong = nil
	n := w.open("css")
	if a := n.Status().Anew; a == nil || a.AskedBy != "HASH" || a.Reason != whyAnew {
		t.Errorf("status says %+v", a)
	}
	n.Close()
	mustRefuse(t, w.beginAnew("css", "another reason"), refusal.CodeReason, "HASH (to be named) asked for it already")
	// Until the second has confirmed everything goes on as it was, and it can be
	// taken back.
	n = w.open("css")
	if _, err := n.WithdrawAnew(w.people); err != nil {
		t.Fatal(err)
	}
	if _, err := n.WithdrawAnew(w.people); err == nil {
		t.Error("it was withdrawn twice")
	}
	n.Close()
	unchanged("withdrawn")
	// Both.
	if err := w.beginAnew("css", whyAnew); err != nil {
		t.Fatal(err)
	}
	after := w.info("css")
	if !after.SAKey.IsZero() || after.SAHash != nil || len(after.Retained) != 0 || after.Register(coproc.SymMK) != before.Register(coproc.SymMK) {
		t.Fatalf("%+v", after)
	}
	// The hash officer with the card of the one SA, the key officer with the other's.
	w.people.secondCard = &own
	if _, err := w.try("css", "2a", Options{}); err == nil {
		t.Fatal("registered with two different cards")
	}
	if now := w.info("css"); !now.SAKey.IsZero() {
		t.Fatal("an SA key is registered")
	}
	w.people.secondCard = nil
	w.phase("css", "2a")
	if w.info("css").SAKey.Thumbprint() != w.people.hash {
		t.Error("the other SA is not registered")
	}
}

// Nothing is begun anew where there is nothing, and each refusal names what helps.
func TestNothingToBeginAnew(t *testing.T) {
	w := after(t, small, "1")
	mustHint(t, w.beginAnew("css", whyAnew), refusal.CodeOrder, "{phase 2a}")
	mustHint(t, w.beginAnew("csr1", whyAnew), refusal.CodeOrder, "{phase 3a}")
	mustHint(t, w.beginAnew("sa", whyAnew), refusal.CodeNotHere, "gapferry init")
	if _, err := w.try("css", "2a", Options{Task: procedure.TaskAudit}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.try("css", "2a", Options{Task: procedure.TaskRegisterHash}); err != nil {
		t.Fatal(err)
	}
	mustHint(t, w.beginAnew("css", whyAnew), refusal.CodeOrder, "{coprocessor unregister-hash --reason …}")
	n := w.open("css")
	if _, err := n.UnregisterHash(whyAnew, w.people); err != nil {
		t.Error(err)
	}
	n.Close()
	w.phase("css", "2a")
}

// Killed at any call, the same command again ends it, and no phase goes on in
// between as if nothing had been done.
func TestAnewKilled(t *testing.T) {
	done := after(t, small, "3b")
	between := 0
	for at := 1; ; at++ {
		w := done.snapshot().restore(t)
		k := &killer{at: at}
		n, err := Open(w.store("css"), k.backend(), w.clock)
		if err != nil {
			t.Fatal(err)
		}
		_, err = n.BeginAnew(whyAnew, w.people)
		n.Close()
		if !k.dead {
			if err != nil || between == 0 {
				t.Fatal(between, err)
			}
			return
		}
		asked := w.open("css")
		open := asked.BeginningAnew() != nil
		asked.Close()
		if gone := w.info("css").SAKey.IsZero(); gone && open {
			between++
			_, err := w.try("css", "3c", Options{})
			mustHint(t, err, refusal.CodeOrder, "{coprocessor anew}")
		}
		reason := ""
		if !open {
			reason = whyAnew
		}
		n = w.open("css")
		_, made := n.History().Done(history.TaskKey{Node: "css", Task: procedure.TaskGenerateKey})
		n.Close()
		if made { // else it was done, and the kill came behind it
			if err := w.beginAnew("css", reason); err != nil {
				t.Fatalf("killed after call %d, %s: %v", at, k.last, err)
			}
		}
		w.phase("css", "2a")
		if i := w.info("css"); len(i.Retained) != 1 || i.SAKey.IsZero() || len(i.Shares) != 0 {
			t.Fatalf("killed after call %d, %s: %+v", at, k.last, i)
		}
	}
}

// Asked for, killed before the record, and confirmed with another program: no phase
// goes on as if nothing had been done, and the same two officers finish it.
func TestAnewAskedWithoutARecord(t *testing.T) {
	w := after(t, small, "3b")
	hash := w.info("css").SAKey.Thumbprint()
	var asked bool
	for at := 1; !asked; at++ {
		w = after(t, small, "3b")
		k := &killer{at: at}
		_ = w.killedAt("css", k, func(n *Node) error {
			_, err := n.BeginAnew(whyAnew, w.people)
			return err
		})
		asked = w.info("css").Unregister != nil
	}
	if a := w.status("css").Anew; a != nil {
		t.Fatalf("it was not killed before the record: %+v", a)
	}
	w.as("css", "KEYREG", func(s insider) error { return s.Restart(hash) })

	_, err := w.try("css", "3c", Options{})
	mustHint(t, err, refusal.CodeOrder, "finish that first: {coprocessor anew --reason …}")
	w.people.wrong = map[string]bool{"HASH": true}
	mustRefuse(t, w.beginAnew("css", whyAnew), refusal.CodePassphrase, "HASH")
	w.people.wrong = map[string]bool{"KEYREG": true}
	// Who asks sees what is gone, and says yes to it.
	n, saw := w.open("css"), &shown{people: w.people}
	_, err = n.BeginAnew(whyAnew, saw)
	mustRefuse(t, err, refusal.CodePassphrase, "KEYREG")
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if len(saw.all) != 1 || !strings.Contains(saw.all[0], "ask to begin anew at css") || !strings.Contains(saw.all[0], whyAnew) {
		t.Errorf("the hash officer saw %q", saw.all)
	}
	_, err = w.try("css", "3c", Options{})
	mustHint(t, err, refusal.CodeOrder, "finish that first: {coprocessor anew}")
	w.people.wrong = nil
	if err := w.beginAnew("css", ""); err != nil {
		t.Fatal(err)
	}
	w.phase("css", "2a")
	if _, err := w.try("sa", "2b", Options{Renew: []string{"css"}}); err != nil {
		t.Fatal(err)
	}
	w.phase("sa", "3b")
	w.phase("css", "3c")
	w.goOn("3c")
}

// What was given out before is void: here, and at the target that hears of the
// new certificate.
func TestSetsBeforeAnewAreVoid(t *testing.T) {
	w := after(t, small, "3c")
	old := map[string][]byte{}
	for _, prefix := range []string{"csr1.db/share", "csr1.db/statement"} {
		for _, path := range w.stick.sent(prefix) {
			old[path] = w.stick[path]
		}
	}
	if err := w.beginAnew("css", whyAnew); err != nil {
		t.Fatal(err)
	}
	n := w.open("css")
	for _, data := range old {
		sealed, err := bundle.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		if h := sealed.UnverifiedHeader(); h.Share != nil {
			mustRefuse(t, n.Void(sealed), refusal.CodeCancelled, whyAnew)
		}
	}
	if _, err := n.Resend(Resend{}, w.stick.deliver); err == nil {
		t.Error("something of before is handed out again")
	}
	n.Close()
	w.phase("css", "2a")
	if _, err := w.try("sa", "2b", Options{Renew: []string{"css"}}); err != nil {
		t.Fatal(err)
	}
	w.phase("sa", "3b")
	w.phase("css", "3c")
	r := w.phase("csr1", "3d")
	if !r.Targets[0].Equal || !strings.Contains(strings.Join(r.Refused, "\n"), "statement") {
		t.Errorf("%+v", r)
	}
	if got := w.info("csr1").Register(coproc.SymMK).Current.Pattern; got != w.pattern {
		t.Errorf("csr1 has %s", got)
	}
}

// A room that goes back to an SA which it had given up for another one still
// refuses what that SA took back before, of which it had seen nothing but that.
func TestRevokedBeforeTheSACameBack(t *testing.T) {
	w := after(t, small, "3b")
	if _, err := w.revoke("csr1"); err != nil {
		t.Fatal(err)
	}
	n := w.open("css")
	_, err := n.TakeRevokes(Options{Incoming: read([]string{procedure.SADatabase}, w.stick)}, w.people)
	n.Close()
	if err != nil {
		t.Fatal(err)
	}
	delete(w.stick, w.stick.sent("sa.db/revoke")[0]) // it was here
	first, aside, hash := w.stick, w.store("sa")+"-aside", w.people.hash
	if err := os.Rename(w.store("sa"), aside); err != nil {
		t.Fatal(err)
	}
	again := func() {
		t.Helper()
		if err := w.beginAnew("css", whyAnew); err != nil {
			t.Fatal(err)
		}
		w.phase("css", "2a")
	}
	w.stick = stick{}
	w.exchangeSA()
	again()

	w.removeStore("sa")
	if err := os.Rename(aside, w.store("sa")); err != nil {
		t.Fatal(err)
	}
	w.stick, w.people.hash = first, hash
	again()
	if _, err := w.try("sa", "2b", Options{Renew: []string{"css"}}); err != nil {
		t.Fatal(err)
	}
	// Somebody at the SA seals its certificate to the keys that the source has now.
	path, old := w.one("csr1.db/csr-cert")
	cert, err := coproc.ParseCertificate(w.certifiedBytes("csr1"), w.keys("sa").Sign)
	if err != nil {
		t.Fatal(err)
	}
	w.stick[path] = w.sealedCert(bundle.KindCSRCert, cert, header(t, old).Answers)
	_, err = w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeRevoked, "certificate 1 of csr1 was revoked by CERTIFIER: "+whyRevoked)
	if len(w.stick.sent("csr1.db/share")) > 0 {
		t.Error("shares for a revoked target were handed out")
	}
}
