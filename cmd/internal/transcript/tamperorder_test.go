package transcript

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// orderTampers are acts out of their order.
var orderTampers = []tamper{
	{name: "set before verify", lie: func(l *liar) {
		l.onRecord = func(_ *book, r *journal.Record) sign {
			if task("csr1", procedure.TaskSet, 0)(r) {
				l.told, l.record = true, r.Seq
			}
			if task("csr1", procedure.TaskVerify, 0)(r) {
				return skipped
			}
			return signed
		}
	}, rule: "order", node: "csr1", text: "before the task verify-new"},
	{name: "install before the statement", lie: func(l *liar) {
		l.decide(event("csr1", journal.EventReceived, bundle.KindStatement), func(*journal.Record) sign { return skipped })
	}, rule: "order", node: "csr1", text: "before the statement was taken in"},
	{name: "verify with too few shares", lie: func(l *liar) {
		l.decide(task("csr1", procedure.TaskInstallShares, 2), func(*journal.Record) sign { return skipped })
	}, rule: "order", node: "csr1", text: "1 of 2 needed shares"},
	{name: "statement before the last share", lie: func(l *liar) {
		l.decide(task("css", procedure.TaskObtainShares, 3), func(*journal.Record) sign { return skipped })
	}, rule: "order", node: "css", text: "2 of 3 shares"},
	{name: "key registered before its hash", lie: func(l *liar) {
		l.decide(task("csr1", procedure.TaskRegisterHash, 0), func(*journal.Record) sign { return skipped })
	}, rule: "order", node: "csr1", text: "before the task register-hash"},
	{name: "certified before the SA key was registered", lie: func(l *liar) {
		l.decide(task("sa", procedure.TaskRegisterKey, 0), func(*journal.Record) sign { return skipped })
		at := l.onRecord
		l.onRecord = func(b *book, r *journal.Record) sign {
			how := at(b, r)
			if r.Task == procedure.TaskCertifyCSS {
				l.record = r.Seq
			}
			return how
		}
	}, rule: "order", node: "sa", text: "before the task register-key"},
	{name: "share installed twice", lie: func(l *liar) {
		l.when("installed", func() { l.here("csr1"); l.installShare("csr1", 1) })
	}, rule: "order", node: "csr1", text: "was done before"},
	{name: "sequence number used twice", lie: func(l *liar) {
		l.when("certified", func() { l.nodes["csr1"].seq = 0 })
		l.decide(event("csr1", journal.EventWritten, bundle.KindReceipt), func(*journal.Record) sign { return signed })
	}, rule: "order", node: "csr1", text: "sequence number 1"},
	{name: "share installed after verify", lie: func(l *liar) {
		l.when("installed", func() { l.here("csr1"); l.installShare("csr1", 3) })
	}, rule: "order", node: "csr1", text: "after the new master key was verified"},
	{name: "bundle without a digest", lie: func(l *liar) {
		l.change(event("css", journal.EventReceived, bundle.KindReceipt), func(r *journal.Record) { r.Bundle = nil })
	}, rule: "sent-received", node: "css", text: "it names no bundle"},
	{name: "receipt that only the source took in", lie: func(l *liar) {
		l.onRecord = func(_ *book, r *journal.Record) sign {
			if r.Node == "csr1" && r.Event == journal.EventWritten && r.Kind == bundle.KindReceipt {
				l.told, l.record = true, r.Seq
			}
			if event("sa", journal.EventReceived, bundle.KindReceipt)(r) {
				return skipped
			}
			return signed
		}
		l.exception = true
	}, rule: "receipt", node: "csr1", text: "the receipt of csr1 was not taken in at sa"},
}
