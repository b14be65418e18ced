package transcript

import (
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// officerTampers are wrong clocks and officers.
var officerTampers = []tamper{
	{name: "revoke taken in by another officer", lie: func(l *liar) {
		l.when("received", func() { l.takeRevoke("css", "csr1", l.revoke("csr1")) })
		l.change(event("css", journal.EventReceived, bundle.KindRevoke), func(r *journal.Record) { r.Profile = "SHARE1" })
	}, rule: "officer", node: "css", text: "the plan has AUDITOR"},
	{name: "event that nobody knows", lie: func(l *liar) {
		l.change(event("csr1", journal.EventReceived, bundle.KindStatement), func(r *journal.Record) { r.Event = "opened" })
	}, rule: "record", node: "csr1", text: `there is no event "opened"`},
	{name: "event of a kind that it does not have", lie: func(l *liar) {
		l.change(event("csr1", journal.EventReceived, bundle.KindStatement), func(r *journal.Record) { r.Kind = bundle.KindShare })
	}, rule: "record", node: "csr1", text: `there is no event received of kind "share"`},
	{name: "act that nobody knows", lie: func(l *liar) {
		l.when("installed", func() {
			l.here("csr1")
			l.books["csr1"].write("SETTER", journal.Record{Event: journal.EventAct, Node: "csr1", Task: "export-key", Text: "x"})
		})
	}, rule: "record", node: "csr1", text: `there is no act "export-key"`},
	{name: "act that does not say what it left", lie: func(l *liar) {
		l.when("installed", func() {
			l.here("csr1")
			l.books["csr1"].write("SETTER", journal.Record{Event: journal.EventAct, Node: "csr1", Task: "set", Text: "x"})
		})
	}, rule: "record", node: "csr1", text: "it does not say what is in the registers afterwards"},
	{name: "text without an end", lie: func(l *liar) {
		l.change(task("csr1", procedure.TaskSet, 0), func(r *journal.Record) { r.Text = strings.Repeat("x", maxText+1) })
	}, rule: "record", node: "csr1", text: "its text has 2049 bytes, at most 2048"},

	{name: "clock set back", lie: func(l *liar) {
		l.change(task("csr1", procedure.TaskVerify, 0), func(r *journal.Record) { r.Time -= 302 })
	}, rule: "clock", node: "csr1", text: "the clock went back by 5m"},
	{name: "taken in a day before it was made", lie: func(l *liar) {
		l.when("certified", func() { l.now += 200_000 })
		l.decide(event("csr1", journal.EventReceived, bundle.KindStatement), func(r *journal.Record) sign {
			r.Time -= 100_000
			return signed
		})
	}, rule: "clock", node: "csr1", text: "before it was made at css"},
	{name: "wrong officer", lie: func(l *liar) {
		l.change(task("csr1", procedure.TaskSet, 0), func(r *journal.Record) { r.Profile = "VERIFIER" })
	}, rule: "officer", node: "csr1", text: "it was done by VERIFIER (Ver), the plan has SETTER"},
	{name: "wrong share officer at the target", lie: func(l *liar) {
		l.change(task("csr2", procedure.TaskInstallShares, 2), func(r *journal.Record) { r.Profile = "SHARE1" })
	}, rule: "officer", node: "csr2", text: "the plan has SHARE2"},
	{name: "wrong share officer at the source", lie: func(l *liar) {
		l.change(task("css", procedure.TaskObtainShares, 3), func(r *journal.Record) { r.Profile = "SHARE1" })
	}, rule: "officer", node: "css", text: "the plan has SHARE3"},
	{name: "officer who is not in the plan", lie: func(l *liar) {
		l.books["csr1"].enlist("MALLORY")
		l.when("installed", func() {
			l.here("csr1")
			l.books["csr1"].write("MALLORY", journal.Record{Event: journal.EventNote, Node: "csr1", Text: "all is well"})
		})
	}, rule: "officer", node: "csr1", text: "profile MALLORY is not in the plan"},
	{name: "export by another officer", lie: func(l *liar) {
		l.change(event("csr1", journal.EventExported, ""), func(r *journal.Record) { r.Profile = "SETTER" })
	}, rule: "officer", node: "csr1", text: "the plan has AUDITOR"},
	{name: "name without a signature", lie: func(l *liar) {
		l.decide(event("csr1", journal.EventCopied, bundle.KindReceipt), func(*journal.Record) sign { return unsigned })
	}, rule: "officer", node: "csr1", text: "the record names profile SETTER; nobody signed this record: whoever owns the disk of csr1 can have written it", weight: Exception},
	{name: "record of a node that is elsewhere", lie: func(l *liar) {
		l.change(task("csr1", procedure.TaskVerify, 0), func(r *journal.Record) { r.Node = "csr2" })
	}, rule: "officer", node: "csr1", text: "does not hold"},
	{name: "task of another role", lie: func(l *liar) {
		l.when("installed", func() {
			l.here("css")
			l.nodes["css"].task("SHARE1", procedure.TaskCertifyCSR, journal.Record{Peer: "csr1", Bundle: unknown()})
		})
	}, rule: "officer", node: "css"},
	{name: "hash and key by one person", lie: func(l *liar) {
		l.change(task("csr1", procedure.TaskRegisterKey, 0), func(r *journal.Record) { r.Profile = "HASH" })
	}, rule: "dual-control", node: "csr1", text: "two persons must"},
	{name: "both key parts by one person", lie: func(l *liar) {
		l.when("certified", func() {
			b := l.books["css"]
			b.write("PART1", journal.Record{Event: journal.EventAct, Node: "css", Task: "first-part", Text: "first part", Data: l.registers(journal.ActData{})})
			l.here("css")
			b.write("PART1", journal.Record{Event: journal.EventAct, Node: "css", Task: "last-part", Text: "last part", Data: l.registers(journal.ActData{})})
		})
	}, rule: "dual-control", node: "css", text: "two persons must"},
}
