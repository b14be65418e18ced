package transcript

import (
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
)

// sayLost has an officer say that a journal of csr1 is lost.
func (w *world) sayLost(node, profile string, certificate uint32) {
	w.nodes[node].b.write(profile, journal.Record{
		Event: journal.EventNote, Node: node, Peer: "csr1", Text: "it burnt down",
		Data: data(journal.NoteData{Subject: journal.SubjectJournal, Certificate: certificate}),
	})
}

// TestLostJournal: a target that was set up anew, and whose first journal cannot
// be had any more. Who hands out a journal can say so, once another coprocessor
// was certified in its place, and of that journal alone.
func TestLostJournal(t *testing.T) {
	for _, test := range []struct {
		name        string
		node, by    string
		certificate uint32
		anew        bool // csr1 was set up anew
		want        Verdict
		text        string
	}{
		{"at the SA", "sa", "AUDITOR", 1, true, VerifiedWithExceptions, "exception lost sa:14 the journal that csr1 had under certificate 1 is lost, says AUDITOR (Aud): \"it burnt down\". What csr1 did then is not known. No share was obtained for it."},
		{"at the source", "css", "AUDITOR", 1, true, VerifiedWithExceptions, "exception lost css:11 the journal that csr1 had under certificate 1 is lost"},
		{"at its successor", "csr1", "AUDITOR", 1, true, VerifiedWithExceptions, "exception lost csr1:9 the journal that csr1 had under certificate 1 is lost"},
		{"what was taken in from it", "sa", "AUDITOR", 1, true, VerifiedWithExceptions, "exception lost sa:11 it took in csr-key "},
		{"its own bundles", "sa", "AUDITOR", 1, true, VerifiedWithExceptions, " of csr1 was made under certificate 1, and that journal is lost"},
		{"the one that is here", "sa", "AUDITOR", 2, true, Incomplete, "open journal-missing csr1:0 the journal that csr1 had under certificate 1 is not here"},
		{"no such certificate", "sa", "AUDITOR", 3, true, Incomplete, "open journal-missing csr1:0 the journal that csr1 had under certificate 1 is not here"},
		{"another officer", "sa", "CERTIFIER", 1, true, NotVerified, "FAULT officer sa:14 it was done by CERTIFIER (Cer), the plan has AUDITOR for remark on the journal"},
		{"it works", "sa", "AUDITOR", 1, false, Incomplete, "open journal-missing csr1:0 the journal of coprocessor csr1 is not here"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(shape{m: 2, n: 2, targets: 1})
			w.at = func(p string) {
				if p != "certified" {
					return
				}
				if test.anew {
					w.setUpAnew("csr1")
				}
				w.sayLost(test.node, test.by, test.certificate)
				if test.anew {
					w.certify("csr1")
				}
			}
			w.run()
			if !test.anew {
				w.bundles = w.bundles[:len(w.bundles)-1] // its journal
			}
			r := Verify(w.file(t), w.hash)
			mustFind(t, r, test.want, test.text)
			if lost := slices.ContainsFunc(r.Journals, func(j Journal) bool { return j.Lost != "" }); lost != (test.want == VerifiedWithExceptions) {
				t.Errorf("journals %+v", r.Journals)
			}
		})
	}
}

// TestLostWithKey: what a lost coprocessor can have is told, by what was made for
// it, and by its receipt.
func TestLostWithKey(t *testing.T) {
	for _, test := range []struct {
		name    string
		receipt bool
		n       int
		want    string
	}{
		{"with shares", false, 2, "it CAN HAVE THE MASTER KEY"},
		{"with a receipt", true, 2, "By the receipt that css took in, record 20, it HAS THE MASTER KEY"},
	} {
		w := newWorld(shape{m: 2, n: test.n, targets: 1})
		w.at = func(p string) {
			if p != "obtained" {
				return
			}
			if test.receipt {
				w.install("csr1")
				w.receive("csr1")
			}
			cancel := w.cancel("csr1")
			w.nodes["sa"].took("AUDITOR", bundle.KindCancel, "csr1", cancel, data(w.cancelData("csr1")))
			w.setUpAnew("csr1")
			w.certify("csr1")
			w.sayLost("sa", "AUDITOR", 1)
			w.obtain("csr1")
		}
		w.run()
		mustFind(t, Verify(w.file(t), w.hash), VerifiedWithExceptions, "What csr1 did then is not known. ", test.want+": make sure that it is destroyed")
	}
}

// TestLostEnd: a journal that was handed out before the coprocessor was lost.
// What it made afterwards is no fault of anybody, and no dead end.
func TestLostEnd(t *testing.T) {
	for _, lost := range []bool{true, false} {
		w := newWorld(shape{m: 2, n: 2, targets: 1})
		w.at = func(p string) {
			if p != "obtained" {
				return
			}
			w.export(w.books["csr1"])
			w.install("csr1")
			w.receive("csr1")
			cancel := w.cancel("csr1")
			w.nodes["sa"].took("AUDITOR", bundle.KindCancel, "csr1", cancel, data(w.cancelData("csr1")))
			w.setUpAnew("csr1")
			w.certify("csr1")
			if lost {
				w.sayLost("sa", "AUDITOR", 1)
			}
			w.obtain("csr1")
		}
		r := Verify(w.run().file(t), w.hash)
		if lost {
			mustFind(t, r, VerifiedWithExceptions, "exception lost css:20 it took in receipt ", "was made after the journal under certificate 1 was handed out, and nothing newer of that one can be had",
				"nothing newer can be had of the journal that csr1 had under certificate 1, says AUDITOR (Aud): \"it burnt down\". What csr1 did after record 9 is not known. By the receipt that css took in, record 20, it HAS THE MASTER KEY")
		} else {
			mustFind(t, r, Incomplete, "open journal-end css:20 it took in receipt ", "from certificate 1. If it cannot be had any more, the auditor says so at sa (gapferry journal note --profile AUDITOR --lost csr1 --certificate 1 --text TEXT)")
		}
	}
}

// TestLostRevoked: a target whose certificate was taken back, and in whose place
// no other one came.
func TestLostRevoked(t *testing.T) {
	for _, anew := range []bool{false, true} {
		w := newWorld(shape{m: 2, n: 2, targets: 2})
		w.at = func(p string) {
			if p != "certified" {
				return
			}
			d := w.revoke("csr1")
			w.takeRevoke("css", "csr1", d)
			w.takeRevoke("csr2", "csr1", d)
			if anew { // and never certified again
				w.setUpAnew("csr1")
			}
			w.sayLost("sa", "AUDITOR", 1)
			w.onRecord = func(b *book, r *journal.Record) sign {
				if (b.device == "csr1" || r.Peer == "csr1") && r.Event != journal.EventExported {
					return skipped
				}
				return signed
			}
		}
		w.run()
		if !anew {
			w.bundles = w.bundles[:len(w.bundles)-2]
			w.export(w.books["csr2"])
		}
		r := Verify(w.withoutUnwritten(t), w.hash)
		mustFind(t, r, VerifiedWithExceptions, "exception lost sa:", "csr1 does not have the master key: its certificate was taken back")
		if anew {
			mustFind(t, r, VerifiedWithExceptions, "exception journal-signer csr1:0 a journal that says to be of csr1 is left aside: no certificate of csr1 vouches for its audit key")
		}
	}
}

// withoutUnwritten is the transcript without bundles whose records were skipped.
func (w *world) withoutUnwritten(tb testing.TB) *File {
	has := map[string]bool{}
	for _, b := range w.order {
		for _, r := range b.records {
			if r.Bundle != nil {
				has[r.Bundle.Short()] = true
			}
		}
	}
	var kept [][]byte
	for _, e := range w.file(tb).bundles {
		s := must(bundle.Parse(e.raw))
		if s.UnverifiedHeader().Kind == bundle.KindJournal || has[e.digest.Short()] {
			kept = append(kept, e.raw)
		}
	}
	return must(newFile(w.plan.CeremonyID(), kept))
}

// TestAnewNotCertified: a target that was set up anew and not certified again
// accuses nobody, and neither does the journal of somebody in its name: it does
// not count.
func TestAnewNotCertified(t *testing.T) {
	for _, old := range []bool{true, false} {
		w := newWorld(shape{m: 2, n: 2, targets: 1})
		w.at = func(p string) {
			if p != "certified" {
				return
			}
			if old {
				w.export(w.books["csr1"])
			}
			w.setUpAnew("csr1")
			for _, b := range w.order {
				w.export(b)
			}
			r := Verify(w.file(t), w.hash)
			mustFind(t, r, Incomplete, "exception journal-signer ", "a journal that says to be of csr1 is left aside")
			if !old {
				mustFind(t, r, Incomplete, "open journal-missing csr1:0 the journal of coprocessor csr1 is not here", "gapferry phase 3b --renew csr1; gapferry revoke --node csr1 --reason TEXT")
			}
			if strings.Contains(texts(r), "FAULT") {
				t.Errorf("old journal here %v: somebody is accused:\n%s", old, texts(r))
			}
		}
		w.run()
	}
}

// TestAnewBeforeCertified: a node that was set up anew before the SA had
// certified it, with its first journal here or not, accuses nobody, and what is
// open can be closed.
func TestAnewBeforeCertified(t *testing.T) {
	for _, name := range []string{"csr1", "css"} {
		for _, old := range []bool{true, false} {
			w := newWorld(shape{m: 2, n: 2, targets: 1})
			kind := bundle.KindCSRKey
			w.at = func(p string) {
				if name == "css" && p != "begun" || name == "csr1" && p != "established" {
					return
				}
				if name == "css" {
					kind = bundle.KindCSSKey
					w.nodes["css"].request(kind) // what establish does comes later, from the new one
				}
				if old {
					w.export(w.books[name])
				}
				w.setUpAnewAs(name, kind)
				if name == "css" {
					w.at = func(string) {}
					return
				}
				for _, b := range w.order {
					w.export(b)
				}
				mustFind(t, Verify(w.file(t), w.hash), Incomplete, "open journal-signer csr1:1 the journal is not vouched for: the SA certified no key of csr1")
			}
			r := Verify(w.run().file(t), w.hash)
			mustFind(t, r, VerifiedWithExceptions, "exception evidence "+name+":0 the "+string(kind), "came to nothing: no journal here has it")
			if old {
				mustFind(t, r, VerifiedWithExceptions, "a journal that says to be of "+name+" is left aside: nobody vouches")
			}
		}
	}
}

// TestTargetLeftOut: a target that was never certified, with a journal or without,
// takes no part if the SA's auditor says so at the SA, and as long as it was not
// certified after all.
func TestTargetLeftOut(t *testing.T) {
	for _, test := range []struct {
		name     string
		journal  bool // csr2 did phase 3a
		at, by   string
		certify  bool
		want     Verdict
		text     string
		leftover TargetState
	}{
		{"without a journal", false, "sa", "AUDITOR", false, VerifiedWithExceptions, "exception target sa:15 csr2 does not have the master key: it was never certified and takes no part, says AUDITOR (Aud): \"no machine\"", LeftOutT},
		{"with one", true, "sa", "AUDITOR", false, VerifiedWithExceptions, "exception journal-signer csr2:1 the journal of csr2, which takes no part, is not vouched for", LeftOutT},
		{"nobody says so", false, "", "", false, Incomplete, "open journal-missing csr2:0 the journal of coprocessor csr2 is not here: bring it (gapferry journal export). If csr2 takes no part, the auditor says so at sa (gapferry journal note --profile AUDITOR --left-out csr2 --text TEXT)", OpenT},
		{"in another room", false, "css", "AUDITOR", false, Incomplete, "open journal-missing csr2:0", OpenT},
		{"another officer", false, "sa", "CERTIFIER", false, NotVerified, "FAULT officer sa:15 it was done by CERTIFIER", OpenT},
		{"certified after all", false, "sa", "AUDITOR", true, Incomplete, "it accounts for nothing", OpenT},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(shape{m: 2, n: 2, targets: 2})
			w.onRecord = func(b *book, r *journal.Record) sign {
				own := b.device == "csr2" && !(test.journal && (r.Seq <= 8 || r.Event == journal.EventExported))
				about := r.Peer == "csr2" && r.Event != journal.EventNote && !(test.certify && b.device == "sa" && r.Kind != bundle.KindReceipt)
				if own || about {
					return skipped
				}
				return signed
			}
			w.at = func(p string) {
				if p == "received" && test.at != "" {
					w.nodes[test.at].b.write(test.by, journal.Record{
						Event: journal.EventNote, Node: test.at, Peer: "csr2", Text: "no machine", Data: data(journal.NoteData{Subject: journal.SubjectLeftOut}),
					})
				}
			}
			w.run()
			r := Verify(w.withoutUnwritten(t), w.hash)
			mustFind(t, r, test.want, test.text)
			if got := r.Targets[1].State; got != test.leftover {
				t.Errorf("%s", got)
			}
		})
	}
}
