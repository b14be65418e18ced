package transcript

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// sentTampers are bundles that were not what they were taken in for.
var sentTampers = []tamper{
	{name: "share exchanged", lie: func(l *liar) {
		l.change(task("csr1", procedure.TaskInstallShares, 1), func(r *journal.Record) {
			d := shareDigest(l.sets["csr1"], 3)
			r.Bundle = &d
		})
	}, rule: "sent-received", node: "csr1", text: "it took in share 1, which css made as share 3"},
	{name: "share for another target", lie: func(l *liar) {
		l.change(task("csr1", procedure.TaskInstallShares, 1), func(r *journal.Record) {
			d := shareDigest(l.sets["csr2"], 1)
			r.Bundle = &d
		})
	}, rule: "sent-received", node: "csr1", text: `about "csr1" that css made about "csr2"`},
	{name: "bundle that nobody sent", lie: func(l *liar) {
		l.change(event("csr1", journal.EventReceived, bundle.KindStatement), func(r *journal.Record) { r.Bundle = unknown() })
	}, rule: "sent-received", node: "csr1", text: "the journal of css does not have it as made"},
	{name: "request that nobody sent", lie: func(l *liar) {
		l.change(func(r *journal.Record) bool { return r.Task == procedure.TaskCertifyCSR && r.Peer == "csr2" }, func(r *journal.Record) { r.Bundle = unknown() })
	}, rule: "sent-received", node: "sa", text: "the journal of csr2 does not have it as made"},
	{name: "receipt of another target", lie: func(l *liar) {
		l.change(event("css", journal.EventReceived, bundle.KindReceipt), func(r *journal.Record) {
			d := l.readable["receipt csr2 "]
			r.Bundle = &d
		})
	}, rule: "sent-received", node: "css", text: "a receipt from csr1 that csr2 made"},
	{name: "forged receipt as a record", lie: func(l *liar) {
		l.change(event("css", journal.EventReceived, bundle.KindReceipt), func(r *journal.Record) { r.Bundle = unknown() })
		// Nothing that csr1 did later depends on it: it may have made two.
	}, rule: "journal-end", node: "css", text: "the journal of csr1 does not have it as made: bring a newer journal of csr1", weight: Open},
	{name: "replay", lie: func(l *liar) {
		l.when("received", func() {
			l.here("css")
			l.nodes["css"].took("AUDITOR", bundle.KindReceipt, "csr1", l.readable["receipt csr1 "], data(l.receiptData("csr1")))
		})
	}, rule: "sent-received", node: "css", text: "was taken in before"},
	{name: "wrong kind taken in", lie: func(l *liar) {
		l.change(event("csr1", journal.EventReceived, bundle.KindStatement), func(r *journal.Record) {
			d := l.answers["csr1"]
			r.Bundle = &d
		})
	}, rule: "sent-received", node: "csr1", text: "as a csr-cert"},
	{name: "taken in before it can have been made", lie: func(l *liar) {
		l.when("audited csr1", func() { // the target has the answer before it asks
			l.here("csr1")
			l.nodes["csr1"].took("KEYGEN", bundle.KindCSRCert, "sa", *unknown(), nil)
		})
		l.onRecord = func(_ *book, r *journal.Record) sign {
			if wroteCertificate(r) {
				r.Bundle = unknown()
			}
			return signed
		}
	}, rule: "sent-received", node: "csr1", text: "it took in a csr-cert that can only have been made later, in record "},
	{name: "answers what was made later", lie: func(l *liar) {
		l.change(wroteCertificate, answering(*unknown()))
		l.when("installed", func() {
			l.nodes["csr1"].wrote("KEYGEN", "", bundle.Header{Kind: bundle.KindCSRKey, Sequence: 90}, *unknown(), journal.WrittenData{})
		})
	}, rule: "sent-received", node: "sa", text: "the csr-cert answers a csr-key that was made later"},
	{name: "answers another kind", lie: func(l *liar) {
		l.change(wroteCertificate, func(r *journal.Record) { answering(l.readable["css-key css "])(r) })
	}, rule: "sent-received", node: "sa", text: "the csr-cert answers a css-key, it should answer a csr-key"},
	{name: "made twice", lie: func(l *liar) {
		l.when("installed", func() {
			l.here("csr1")
			l.nodes["csr1"].wrote("KEYGEN", "", bundle.Header{Kind: bundle.KindCSRKey, Sequence: 90}, l.readable["csr-key csr1 "], journal.WrittenData{})
		})
	}, rule: "sent-received", node: "csr1", text: "the same csr-key was made before, in record "},
	{name: "answers what was not taken in", lie: func(l *liar) {
		first := true
		l.onRecord = func(b *book, r *journal.Record) sign {
			if first && r.Node == "csr1" && r.Event == journal.EventWritten && r.Kind == bundle.KindCSRKey {
				// What the SA answers later, this target knew before it asked.
				first, l.told, l.record = false, true, r.Seq
				r.Data = data(journal.WrittenData{Sequence: 1, Answers: *unknown()})
			}
			return signed
		}
	}, rule: "sent-received", node: "csr1", text: "was not taken in here"},
	{name: "made by a node that does not", lie: func(l *liar) {
		l.when("installed", func() {
			l.here("csr1")
			l.nodes["csr1"].wrote("SETTER", "csr2", bundle.Header{Kind: bundle.KindCSRCert, Sequence: 90}, *unknown(), journal.WrittenData{})
		})
	}, rule: "sent-received", node: "csr1", text: "which a CSR node does not make"},
	{name: "receipt from nobody", lie: func(l *liar) {
		l.change(event("css", journal.EventReceived, bundle.KindReceipt), func(r *journal.Record) { r.Peer = "csr9" })
	}, rule: "sent-received", node: "css", text: `from node "csr9", which the plan does not have`},
}

// wroteCertificate is the record of the certificate that the SA made for csr1.
func wroteCertificate(r *journal.Record) bool {
	return r.Node == "sa" && r.Event == journal.EventWritten && r.Kind == bundle.KindCSRCert && r.Peer == "csr1"
}

// answering changes what a bundle that was made answers.
func answering(d coproc.Digest) func(*journal.Record) {
	return func(r *journal.Record) {
		w := must(journal.DataOf[journal.WrittenData](*r))
		w.Answers = d
		r.Data = data(w)
	}
}
