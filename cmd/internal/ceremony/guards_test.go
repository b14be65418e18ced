package ceremony

import (
	"crypto/ed25519"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// signedJournal are records in a chain, each signed as a coprocessor would.
func signedJournal(t *testing.T, records ...journal.Record) []byte {
	t.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	audit, err := cosesig.NewPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	own := ed25519.NewKeyFromSeed([]byte("the seed of an officer of 32 byt"))
	officer := must(cosesig.NewPublicKey(own.Public()))
	first := journal.InitData{AuditKey: audit, Serial: coproc.Serial([]byte("SOFT0001")), Device: "sa", Ceremony: coproc.CeremonyID{7}, Officers: coproc.OfficerList{{Profile: "AUDITOR", Key: officer}}}
	var j journal.Journal
	var file []byte
	for i, r := range records {
		r.Seq, r.Previous, r.Time, r.Profile, r.Node = uint64(i+1), j.Head(), testNow.Unix(), "AUDITOR", "sa"
		if r.Event == journal.EventInit {
			r.Data = must(detcbor.Marshal(first))
		}
		e := journal.Entry{Body: must(detcbor.Marshal(r)), Acts: r.Seq}
		j.Add(r, e)
		seal := coproc.JournalSeal{Ceremony: first.Ceremony, Serial: first.Serial, Count: r.Seq, Head: j.Head(), Profile: r.Profile, Acts: r.Seq}
		e.Signature = must(coproc.SignValue(cosesig.DomainJournal, seal, audit, key))
		e.Officer = must(coproc.SignValue(cosesig.DomainJournalOfficer, seal, officer, own))
		file = append(file, must(detcbor.Marshal(e))...)
	}
	return file
}

// A journal begins with its coprocessor, and no other begins in the middle of
// it, whoever signed it.
func TestJournalBeginsOnce(t *testing.T) {
	begin, note := journal.Record{Event: journal.EventInit, Text: "set up"}, journal.Record{Event: journal.EventNote, Text: "a remark"}
	if _, err := journal.Parse(signedJournal(t, begin, note, note)); err != nil {
		t.Fatal(err)
	}
	for want, records := range map[string][]journal.Record{
		`record 1: event "note" is out of place`: {note, begin},
		`record 3: event "init" is out of place`: {begin, note, begin},
	} {
		if _, err := journal.Parse(signedJournal(t, records...)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}

// What the journal says of the SA key is not what the coprocessor trusts.
func TestTwoSAKeys(t *testing.T) {
	w := after(t, small, "2a")
	n := w.open("css")
	defer n.Close()
	r := n.newRun(procedure.Phase("3c"), w.plan.Node("css"), Options{}, nil)
	r.info = w.info("css")
	if _, _, err := r.saKeys(); err != nil {
		t.Fatal(err)
	}
	r.info.SAKey = w.keys("css").Sign
	_, _, err := r.saKeys()
	mustRefuse(t, err, refusal.CodeStore, "the journal and the coprocessor name different SA keys")
}

// A bundle that is not addressed to a node is not for it, though it could be
// opened there.
func TestAddressedToOthers(t *testing.T) {
	w := after(t, small, "3b")
	path, good := w.one("csr1.db/csr-cert")
	answers := header(t, good).Answers
	w.stick[path] = w.forge(forgery{
		from: "sa", body: bundle.CertificateBody{Certificate: w.certifiedBytes("csr1")}, boxes: []string{w.keys("css").Box, w.keys("csr1").Box},
		header: bundle.Header{Kind: bundle.KindCSRCert, About: "csr1", To: []string{"csr1"}, Answers: answers},
	})
	_, err := w.try("css", "3c", Options{})
	mustRefuse(t, err, refusal.CodeWrongTarget, "the csr-cert is for csr1, not for css")
}

// A task of phase 3d that needs the key says that the shares come first.
func TestSharesComeFirst(t *testing.T) {
	for _, task := range []procedure.TaskID{procedure.TaskVerify, procedure.TaskSet} {
		w := after(t, small, "3c")
		_, err := w.try("csr1", "3d", Options{Task: task, Incoming: []bundle.Incoming{}})
		mustRefuse(t, err, refusal.CodeOrder, "the shares come first: 0 of 2 needed are installed")
	}
}

// Shares that are handed out again stay apart.
func TestResendKeepsSharesApart(t *testing.T) {
	w := after(t, small, "3c")
	n := w.open("css")
	defer n.Close()
	for _, which := range []Resend{{}, {Kind: bundle.KindShare}, {Target: "csr1"}} {
		one := stick{}
		_, err := n.Resend(which, one.deliver)
		mustRefuse(t, err, refusal.CodeSharesTogether, "that would put more than one share for csr1 on one medium")
		if len(one) > 0 {
			t.Errorf("%+v: on the stick are %d bundles", which, len(one))
		}
	}
}
