package ceremony

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// The source's master key changes between the phases, and within one.
func TestMasterKeyChanged(t *testing.T) {
	w := after(t, standard, "3b")
	w.masterKey("css")
	_, err := w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeOtherMasterKey, "the SYM-MK master key of css is not the one of phase 2a")
	if len(w.stick.sent("csr1.db/share")) != 0 {
		t.Error("a share was handed out")
	}

	w = after(t, standard, "3b")
	if _, err := w.try("css", "3c", Options{Shares: []int{1, 2}}); err != nil {
		t.Fatal(err)
	}
	w.masterKey("css")
	_, err = w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeOtherMasterKey, "then it was "+w.pattern.String())
	if len(w.stick.sent("csr1.db/share-03")) != 0 || len(w.stick.sent("csr1.db/statement")) != 0 {
		t.Error("shares of two master keys were handed out")
	}
	// Two of three would be enough; but no statement says what they make.
	_, err = w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeMissing, "there is no statement in csr1.db")

	// What the refusal says to do where the key that is there is the right one.
	now := w.info("css").Register(coproc.SymMK).Current
	if err := w.beginAnew("css", "its master key was replaced before phase 3c ended"); err != nil {
		t.Fatal(err)
	}
	w.phase("css", "2a")
	if _, err := w.try("sa", "2b", Options{Renew: []string{"css"}}); err != nil {
		t.Fatal(err)
	}
	w.phase("sa", "3b")
	for _, path := range w.stick.sent("csr1.db/share") {
		delete(w.stick, path)
	}
	w.phase("css", "3c")
	if r := w.phase("csr1", "3d"); !r.Targets[0].Equal || r.Targets[0].Pattern != now.Pattern.String() {
		t.Errorf("%+v", r.Targets)
	}
}

// A certified source whose statement names another pattern than its shares
// make: the coprocessor finds out when it verifies, and set stays shut.
func TestPatternDiffers(t *testing.T) {
	w := after(t, small, "3c")
	if _, err := w.try("csr1", "3d", Options{Task: procedure.TaskInstallShares}); err != nil {
		t.Fatal(err)
	}
	// Set behind the ceremony's back, before anybody verified.
	w.as("csr1", "SETTER", func(s insider) error {
		_, err := s.SetMasterKey(coproc.SymMK)
		mustRefuse(t, refusal.Wrap(err, "set"), refusal.CodeNotVerified, "SYM-MK was built from shares")
		return nil
	})
	w.as("csr1", "VERIFIER", func(s insider) error {
		_, err := s.SetMasterKey(coproc.SymMK)
		mustRefuse(t, refusal.Wrap(err, "set"), refusal.CodeAccess, "VERIFIER may not set master key")
		return nil
	})
	// Somebody clears the register and generates another key in its place.
	w.as("csr1", "SETTER", func(s insider) error { _, err := s.ClearNew(coproc.SymMK); return err })
	w.as("csr1", "KEYGEN", func(s insider) error { _, err := s.GenerateMasterKey(coproc.SymMK); return err })
	_, err := w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeRegister, "a master key is made from shares in an empty one")
	if w.info("csr1").Register(coproc.SymMK).Current.State != coproc.Empty {
		t.Error("it was set")
	}
	// What the command says to do: clear it, and do the phase again.
	w.act("csr1", clearAct())
	if r := w.phase("csr1", "3d"); !r.Targets[0].Equal {
		t.Errorf("%+v", r.Targets)
	}
}

// The new register is exchanged between verify and set, which are two acts of
// two officers: what is set must be what was verified.
func TestExchangedBeforeSet(t *testing.T) {
	w := after(t, small, "3c")
	for _, task := range []procedure.TaskID{procedure.TaskInstallShares, procedure.TaskVerify} {
		if _, err := w.try("csr1", "3d", Options{Task: task}); err != nil {
			t.Fatal(err)
		}
	}
	w.as("csr1", "SETTER", func(s insider) error { _, err := s.ClearNew(coproc.SymMK); return err })
	w.as("csr1", "KEYGEN", func(s insider) error { _, err := s.GenerateMasterKey(coproc.SymMK); return err })
	_, err := w.try("csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeRegister, "a master key is made from shares in an empty one")
	if w.info("csr1").Register(coproc.SymMK).Current.State != coproc.Empty {
		t.Error("it was set")
	}
}

// No yes, nothing done; and then a yes.
func TestNotConfirmed(t *testing.T) {
	for _, c := range []struct {
		after procedure.PhaseID
		node  string
		phase procedure.PhaseID
		want  string
	}{
		{"2a", "sa", "2b", "certify css: nobody said yes, nothing was done"},
		{"3a", "sa", "3b", "certify csr1: nobody said yes, nothing was done"},
		{"3c", "csr1", "3d", "install shares from css: nobody said yes, nothing was done"},
	} {
		w := after(t, small, c.after)
		before := len(w.stick)
		w.people.no = true
		_, err := w.try(c.node, c.phase, Options{})
		mustRefuse(t, err, refusal.CodeNotConfirmed, c.want)
		if len(w.stick) != before {
			t.Errorf("phase %s: something was put on the stick", c.phase)
		}
		if c.phase == "3d" && w.info("csr1").Register(coproc.SymMK).Current.State != coproc.Empty {
			t.Error("the master key was set")
		}
		w.people.no = false
		w.phase(c.node, c.phase)
	}
}

// One damaged share among enough good ones is told and left; too many are not.
func TestDamagedShares(t *testing.T) {
	damage := func(data []byte) []byte {
		b := bytes.Clone(data)
		b[len(b)/2] ^= 1
		return b
	}
	for _, c := range []struct {
		name   string
		damage func([]byte) []byte
		code   refusal.Code
		want   string
	}{
		{"changed", damage, refusal.CodeSignature, "the signature of the bundle is not good"},
		{"cut", func(b []byte) []byte { return b[:100] }, refusal.CodeFormat, "not a bundle in the one accepted form"},
		{"emptied", func([]byte) []byte { return nil }, refusal.CodeFormat, "not a bundle in the one accepted form"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := after(t, standard, "3c")
			shares := w.shares("csr1")
			good := [][]byte{w.stick[shares[0]], w.stick[shares[1]]}
			w.stick[shares[0]] = c.damage(good[0])
			w.stick[shares[1]] = c.damage(good[1])
			_, err := w.try("csr1", "3d", Options{})
			mustRefuse(t, err, c.code, c.want)
			if w.info("csr1").Register(coproc.SymMK).New.State != coproc.Empty {
				t.Error("the new register is not empty")
			}
			w.stick[shares[1]] = good[1] // one was sent again
			r, err := w.try("csr1", "3d", Options{})
			if err != nil || !r.Complete || !r.Targets[0].Equal {
				t.Fatalf("two good shares: %+v, %v", r, err)
			}
		})
	}
	w := after(t, standard, "3c")
	shares := w.shares("csr1")
	w.stick[shares[0]] = damage(w.stick[shares[0]])
	r, err := w.try("csr1", "3d", Options{})
	if err != nil || !r.Complete || len(r.Refused) != 1 || !strings.Contains(r.Refused[0], shares[0]) {
		t.Errorf("one damaged of three: %+v, %v", r, err)
	}
	n := w.open("csr1")
	defer n.Close()
	noted := 0
	for _, rec := range n.Records() {
		if rec.Event == journal.EventRefused && rec.Code == refusal.CodeSignature && *rec.Bundle == coproc.DigestOf(w.stick[shares[0]]) {
			noted++
		}
	}
	if noted != 1 {
		t.Errorf("the journal has the damaged share %d times", noted)
	}
	if got := n.History().LastWritten("csr1", bundle.KindReceipt, "", 0); got == nil {
		t.Error("no receipt was made")
	}
}
