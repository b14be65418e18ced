package transcript

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// statementTampers are statements, shares, patterns and receipts that do not agree.
var statementTampers = []tamper{
	{name: "statement of m too small", lie: statementLie(func(s *coproc.Statement) { s.M = 1 }),
		rule: "statement", node: "csr1", text: "the statement says 1 of 3 shares, the plan 2 of 3"},
	{name: "statement of another class", lie: statementLie(func(s *coproc.Statement) { s.Class = coproc.AsymMK }),
		rule: "statement", node: "csr1", text: "of a ASYM-MK master key"},
	{name: "statement for another target", lie: statementLie(func(s *coproc.Statement) { s.Target.Name = "csr2" }),
		rule: "statement", node: "csr1", text: "the statement is for csr2"},
	{name: "statement for another certificate", lie: statementLie(func(s *coproc.Statement) { s.Certificate = *unknown() }),
		rule: "statement", node: "csr1", text: "another certificate of csr1"},
	{name: "statement of other shares", lie: statementLie(func(s *coproc.Statement) { s.Shares[1] = *unknown() }),
		rule: "statement", node: "csr1", text: "share 2 in the statement is not the one"},
	{name: "statement of another set", lie: statementLie(func(s *coproc.Statement) { s.ShareSet[0] ^= 1 }),
		rule: "statement", node: "csr1", text: "has no share for csr1"},
	{name: "statement of a share that was not made", lie: func(l *liar) {
		l.onRecord = func(_ *book, r *journal.Record) sign {
			if event("csr1", journal.EventReceived, bundle.KindStatement)(r) {
				l.told, l.record = true, r.Seq
			}
			if r.Kind == bundle.KindShare && r.Share == 3 && r.Peer == "csr1" {
				return skipped
			}
			return signed
		}
	}, rule: "statement", node: "csr1", text: "the statement has a share 3, which the source's journal does not have"},
	{name: "share that is not the stated one", lie: func(l *liar) {
		statementLie(func(s *coproc.Statement) { s.Shares[0] = *unknown() })(l)
		at := l.onRecord
		l.onRecord = func(b *book, r *journal.Record) sign {
			how := at(b, r)
			if task("csr1", procedure.TaskInstallShares, 1)(r) {
				l.record = r.Seq
			}
			return how
		}
	}, rule: "shares", node: "csr1", text: "share 1 is not the one that the statement has"},
	{name: "share made twice", lie: func(l *liar) {
		l.when("obtained", func() {
			l.here("css")
			css, set := l.nodes["css"], l.sets["csr1"]
			css.seq++
			h := bundle.Header{Kind: bundle.KindShare, Answers: l.answers["csr1"], Sequence: css.seq, Share: &bundle.ShareRef{Set: set, Index: 2}}
			css.wrote("SHARE2", "csr1", h, *unknown(), journal.WrittenData{Payload: *unknown(), ShareSet: set})
		})
	}, rule: "shares", node: "css", text: "share 2 of this share set was made before"},
	{name: "share handed out that was never made", lie: func(l *liar) {
		l.change(event("css", journal.EventCopied, bundle.KindShare), func(r *journal.Record) { r.Bundle = unknown() })
	}, rule: "shares", node: "css", text: "never made here"},
	{name: "no pattern", lie: func(l *liar) {
		l.change(task("css", procedure.TaskObtainMasterKey, 0), func(r *journal.Record) { r.Data = nil })
	}, rule: "pattern", node: "css", text: "no verification pattern"},
	{name: "another key than the stated one, without the source", lie: withoutSource(func(l *liar) {
		l.change(task("csr1", procedure.TaskVerify, 0), func(r *journal.Record) { r.Data = []byte("12345678") })
	}), rule: "pattern", node: "csr1", text: "the statement says 0102030405060708"},
	{name: "another key than the verified one, without the source", lie: withoutSource(func(l *liar) {
		l.change(task("csr1", procedure.TaskSet, 0), func(r *journal.Record) { r.Data = []byte("12345678") })
	}), rule: "pattern", node: "csr1", text: "verified in record 14 was"},
	{name: "receipt of another pattern than the target's, without the source", lie: withoutSource(func(l *liar) {
		l.change(event("sa", journal.EventReceived, bundle.KindReceipt), func(r *journal.Record) {
			d, _ := journal.DataOf[journal.ReceiptData](*r)
			d.Pattern[0] ^= 1
			r.Data = data(d)
		})
	}), rule: "pattern", node: "sa", text: "its own journal has 0102030405060708"},
	{name: "receipt that cannot be read", lie: func(l *liar) {
		l.change(event("css", journal.EventReceived, bundle.KindReceipt), func(r *journal.Record) { r.Data = nil })
	}, rule: "pattern", node: "css", text: "the record of the receipt cannot be read"},
	{name: "receipt of no target", lie: func(l *liar) {
		l.change(event("css", journal.EventReceived, bundle.KindReceipt), func(r *journal.Record) { r.Peer = "css" })
	}, rule: "receipt", node: "css", text: "which is not a target of the plan"},
	{name: "statement by nobody", lie: func(l *liar) {
		l.change(event("csr1", journal.EventReceived, bundle.KindStatement), func(r *journal.Record) {
			d, _ := journal.DataOf[journal.StatedData](*r)
			d.Statement = (&node{key: newKey()}).seal(cosesig.DomainStatement, l.statement("csr1"))
			r.Data = data(d)
		})
	}, rule: "statement", node: "csr1", text: "not signed with a key of the source"},
	{name: "statement of another pattern", lie: statementLie(func(s *coproc.Statement) { s.Pattern[0] ^= 1 }),
		rule: "pattern", node: "csr1", text: "the statement says pattern"},
	{name: "another key was verified", lie: func(l *liar) {
		l.change(task("csr1", procedure.TaskVerify, 0), func(r *journal.Record) { r.Data = []byte("12345678") })
	}, rule: "pattern", node: "csr1", text: "the new master key has pattern"},
	{name: "another key was set", lie: func(l *liar) {
		l.change(task("csr1", procedure.TaskSet, 0), func(r *journal.Record) { r.Data = []byte("12345678") })
	}, rule: "pattern", node: "csr1", text: "the master key that was set has pattern"},
	{name: "receipt of another pattern", lie: receiptLie(func(d *journal.ReceiptData) { d.Pattern[0] ^= 1 }),
		rule: "pattern", node: "css", text: "the receipt of csr1 says pattern"},
	{name: "receipt by another officer", lie: receiptLie(func(d *journal.ReceiptData) { d.By = "VERIFIER" }),
		rule: "receipt", node: "css", text: "says that VERIFIER set"},
	{name: "receipt of other shares", lie: receiptLie(func(d *journal.ReceiptData) { d.Shares = []uint8{1, 3} }),
		rule: "receipt", node: "css", text: "shares [1 3] were installed"},
	{name: "receipt of another set", lie: receiptLie(func(d *journal.ReceiptData) { d.ShareSet[0] ^= 1 }),
		rule: "receipt", node: "css", text: "its journal has set"},
	{name: "receipt that nobody took in", lie: func(l *liar) {
		l.onRecord = func(_ *book, r *journal.Record) sign {
			if r.Event == journal.EventWritten && r.Kind == bundle.KindReceipt && r.Node == "csr1" {
				l.told, l.record = true, r.Seq
			}
			if r.Event == journal.EventReceived && r.Kind == bundle.KindReceipt && r.Peer == "csr1" {
				return skipped
			}
			return signed
		}
	}, rule: "receipt", node: "csr1", text: "was taken in nowhere", weight: Open},
	{name: "share without its digest", lie: func(l *liar) {
		l.change(event("css", journal.EventWritten, bundle.KindShare), func(r *journal.Record) {
			d, _ := journal.DataOf[journal.WrittenData](*r)
			d.Payload = coproc.Digest{}
			r.Data = data(d)
		})
	}, rule: "shares", node: "css", text: "no digest"},
	{name: "target that is not finished", lie: func(l *liar) {
		l.onRecord = func(_ *book, r *journal.Record) sign {
			set := r.Task == procedure.TaskSet || r.Kind == bundle.KindReceipt
			if set && (r.Node == "csr1" || r.Peer == "csr1") {
				return skipped
			}
			return signed
		}
	}, rule: "target", node: "csr1", text: "it is verified and not set", noRecord: true, weight: Open},
}

// withoutSource leaves the source's journal out, and has csr1 tell the lie.
func withoutSource(lie func(*liar)) func(*liar) {
	return func(l *liar) {
		lie(l)
		l.when("exported", func() { l.opened = append(l.opened[:1:1], l.opened[2:]...) })
	}
}

// statementLie has the source state something else for csr1.
func statementLie(do func(*coproc.Statement)) func(*liar) {
	return func(l *liar) {
		l.change(event("csr1", journal.EventReceived, bundle.KindStatement), func(r *journal.Record) {
			d, _ := journal.DataOf[journal.StatedData](*r)
			s := l.statement("csr1")
			s.Shares = append([]coproc.Digest(nil), s.Shares...)
			do(&s)
			d.Statement = l.nodes["css"].seal(cosesig.DomainStatement, s)
			r.Data = data(d)
		})
	}
}

// receiptLie has the source take in something else from csr1.
func receiptLie(do func(*journal.ReceiptData)) func(*liar) {
	return func(l *liar) {
		l.change(event("css", journal.EventReceived, bundle.KindReceipt), func(r *journal.Record) {
			d, _ := journal.DataOf[journal.ReceiptData](*r)
			do(&d)
			r.Data = data(d)
		})
	}
}
