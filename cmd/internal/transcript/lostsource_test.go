package transcript

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// sourceAnew sets the source up anew, up to its certificate.
func (w *world) sourceAnew() {
	w.setUpAnewAs("css", bundle.KindCSSKey)
	css := w.nodes["css"]
	css.task("VERIFIER", procedure.TaskObtainMasterKey, journal.Record{Data: w.pattern[:]})
	css.request(bundle.KindCSSKey)
	w.certify("css")
}

// sourceLost has the SA's auditor say that the first journal of the source is lost.
func (w *world) sourceLost() { w.isLost("css") }

// isLost is that for any node.
func (w *world) isLost(node string) {
	w.nodes["sa"].b.write("AUDITOR", journal.Record{
		Event: journal.EventNote, Node: "sa", Peer: node, Text: "it burnt down",
		Data: data(journal.NoteData{Subject: journal.SubjectJournal, Certificate: 1}),
	})
}

// TestSourceAndTargetAnew: what a target took in before it was set up anew, from a
// source that was set up anew, too. No journal that is written now depends on it.
// It is of the source's journal under whose key the target took in the statement:
// that one is lost, or has it. No other journal excuses it, and none accuses it.
func TestSourceAndTargetAnew(t *testing.T) {
	const share = "it took in share "
	const before, now = 1, 2 // in which journal of the target a share is of nobody
	for _, test := range []struct {
		name     string
		source   bool // the source's first journal is here
		late     bool // and goes on behind what the target did
		lost     bool // the auditor says that it is
		receipts bool // those of the target, as it is now, were taken in
		forged   int
		bad      bool // the statement of then is not signed with the key of its certificate
		want     Verdict
		text     string
	}{
		{name: "lost", lost: true, receipts: true, want: VerifiedWithExceptions,
			text: "exception lost csr1:12 before it was set up anew (certificate 1): " + share},
		{name: "not said to be lost", receipts: true, want: Incomplete,
			text: "open journal-missing csr1:12 before it was set up anew (certificate 1): " + share},
		{name: "here", source: true, receipts: true, want: VerifiedWithExceptions},
		{name: "here, a share of nobody", source: true, receipts: true, forged: before, want: Incomplete,
			text: "open journal-end csr1:12 before it was set up anew (certificate 1): " + share},
		{name: "its end is lost", source: true, lost: true, receipts: true, forged: before, want: VerifiedWithExceptions,
			text: "the end of the journal that css had under certificate 1, which may have it, is lost"},
		{name: "here, behind a share of nobody", source: true, late: true, receipts: true, forged: before, want: NotVerified,
			text: "FAULT sent-received csr1:12 before it was set up anew (certificate 1): " + share},
		{name: "its end is lost, behind a share of nobody", source: true, late: true, lost: true, receipts: true, forged: before, want: NotVerified,
			text: "FAULT sent-received csr1:12 before it was set up anew (certificate 1): " + share},
		{name: "lost, and a share of nobody now", lost: true, receipts: true, forged: now, want: NotVerified,
			text: "FAULT sent-received csr1:12 " + share},
		{name: "lost, and one that a newer journal may have", lost: true, forged: now, want: Incomplete,
			text: "open journal-end csr1:12 " + share},
		{name: "lost, and a statement of nobody", lost: true, receipts: true, bad: true, want: NotVerified,
			text: "open journal-end csr1:12 before it was set up anew (certificate 1): " + share},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(shape{m: 2, n: 2, targets: 1})
			former := w.books["csr1"]
			w.at = func(p string) {
				if p != "obtained" {
					return
				}
				w.onRecord = func(b *book, r *journal.Record) sign {
					wrong := test.forged != 0 && b.device == "csr1" && (test.forged == before) == (b == former)
					switch {
					case wrong && r.Task == procedure.TaskInstallShares && r.Share == 1:
						r.Bundle = unknown()
					case test.bad && b == former && r.Kind == bundle.KindStatement && r.Event == journal.EventReceived:
						d := must(journal.DataOf[journal.StatedData](*r))
						d.Statement[len(d.Statement)-1] ^= 1
						r.Data = data(d)
					case !test.receipts && b != former && r.Kind == bundle.KindReceipt && r.Event == journal.EventReceived:
						return skipped
					}
					return signed
				}
				w.install("csr1")
				if test.late {
					w.nodes["css"].took("AUDITOR", bundle.KindReceipt, "csr1", w.readable["receipt csr1 "], data(w.receiptData("csr1")))
				}
				w.export(former)
				if test.source {
					w.export(w.books["css"])
				}
				w.sourceAnew()
				w.setUpAnew("csr1")
				w.certify("csr1")
				if test.lost {
					w.sourceLost()
				}
				w.obtain("csr1")
			}
			w.run()
			mustFind(t, Verify(w.file(t), w.hash), test.want, test.text)
		})
	}
}

// TestCancelOfLostSource: a cancel, which says in itself under which key it was
// made. Without it nobody can tell whose it is.
func TestCancelOfLostSource(t *testing.T) {
	for _, here := range []bool{true, false} {
		w := newWorld(shape{m: 2, n: 2, targets: 1})
		var kept [][]byte
		w.at = func(p string) {
			if p != "obtained" {
				return
			}
			kept = w.bundles[:len(w.bundles):len(w.bundles)]
			d := w.cancel("csr1")
			if !here {
				w.bundles = kept
			}
			w.nodes["csr1"].b.write("SETTER", journal.Record{
				Event: journal.EventCanceled, Node: "csr1", Kind: bundle.KindCancel, Peer: "css", Bundle: &d, Data: data(w.cancelData("csr1")), Text: "void",
			})
			w.export(w.books["csr1"])
			w.sourceAnew()
			w.setUpAnew("csr1")
			w.certify("csr1")
			w.sourceLost()
			w.obtain("csr1")
		}
		r := Verify(w.run().file(t), w.hash)
		if here {
			mustFind(t, r, VerifiedWithExceptions, "exception lost csr1:9 before it was set up anew (certificate 1): it took in cancel ", "is void, and the source's journal does not say so; the journal that css had under certificate 1, which may have it, is lost")
		} else {
			mustFind(t, r, Incomplete, "open journal-end csr1:9 before it was set up anew (certificate 1): it took in cancel ",
				"; or, if css made it before it was set up anew, the cancel itself, which tells that")
		}
		if strings.Contains(texts(r), "FAULT") {
			t.Errorf("somebody is accused:\n%s", texts(r))
		}
	}
}

// TestCancelIsNowhere: only a target took that cancel in, which was set up anew, too, and
// the cancel is on no stick. The auditor's word that what the target had is lost
// accounts for it, as the finding says; it is no word for what a target has now.
func TestCancelIsNowhere(t *testing.T) {
	for _, c := range []struct {
		name          string
		lost, inPlace bool // the auditor says it; the target was not set up anew
		want          Verdict
		text          string
	}{
		{"not said to be lost", false, false, Incomplete,
			"the cancel itself, which tells that. If it cannot be had any more, the auditor says so at sa (gapferry journal note --profile AUDITOR --lost csr1 --certificate 1 --text TEXT)"},
		{"lost", true, false, VerifiedWithExceptions,
			"is void, and the source's journal does not say so; the store that csr1 had under certificate 1, which may have it, is lost"},
		{"in its place", true, true, VerifiedWithExceptions, "it burnt down (it accounts for nothing: nobody has the place of that coprocessor"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(shape{m: 2, n: 2, targets: 1})
			w.at = func(p string) {
				if p != "obtained" {
					return
				}
				kept := w.bundles[:len(w.bundles):len(w.bundles)]
				d, said := w.cancel("csr1"), data(w.cancelData("csr1"))
				w.bundles = kept
				w.nodes["csr1"].b.write("SETTER", journal.Record{
					Event: journal.EventCanceled, Node: "csr1", Kind: bundle.KindCancel, Peer: "css", Bundle: &d, Data: said, Text: "void",
				})
				w.export(w.books["csr1"])
				w.sourceAnew()
				if !c.inPlace {
					w.setUpAnew("csr1")
					w.certify("csr1")
				}
				w.sourceLost()
				if c.lost {
					w.isLost("csr1")
				}
				w.obtain("csr1")
			}
			r := Verify(w.run().file(t), w.hash)
			mustFind(t, r, c.want, c.text)
			if strings.Contains(texts(r), "FAULT") {
				t.Errorf("somebody is accused:\n%s", texts(r))
			}
		})
	}
}

// TestLateCancelOfLostSource: the SA takes that cancel in when another source has the
// place of the one that made it. What the finding says to bring closes it.
func TestLateCancelOfLostSource(t *testing.T) {
	for _, here := range []bool{true, false} {
		w := newWorld(shape{m: 2, n: 2, targets: 1})
		w.at = func(p string) {
			if p != "obtained" {
				return
			}
			kept := w.bundles[:len(w.bundles):len(w.bundles)]
			d, said := w.cancel("csr1"), data(w.cancelData("csr1"))
			if !here {
				w.bundles = kept
			}
			w.export(w.books["csr1"])
			w.sourceAnew()
			w.setUpAnew("csr1")
			w.certify("csr1")
			w.sourceLost()
			w.obtain("csr1")
			w.nodes["sa"].took("AUDITOR", bundle.KindCancel, "csr1", d, said)
		}
		r := Verify(w.run().file(t), w.hash)
		if here {
			mustFind(t, r, VerifiedWithExceptions, "exception lost sa:", "the journal that css had under certificate 1, which may have it, is lost")
		} else {
			mustFind(t, r, Incomplete, "bring a newer journal of css; or, if css made it before it was set up anew, the cancel itself, which tells that: `gapferry resend --kind cancel` at sa")
		}
	}
}
