package transcript

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// cancelTampers are void sets and revoked certificates that were used.
var cancelTampers = []tamper{
	{name: "share of a cancelled set", lie: func(l *liar) {
		l.when("obtained", func() {
			l.takeCancel("csr1", l.cancel("csr1"))
			l.decide(event("csr1", journal.EventReceived, bundle.KindStatement), func(*journal.Record) sign { return signed })
		})
	}, rule: "cancel", node: "csr1", text: "which was cancelled"},
	{name: "share of the set before", lie: func(l *liar) {
		l.when("obtained", func() {
			before := l.sets["csr1"]
			l.takeCancel("csr1", l.cancel("csr1"))
			l.share("csr1")
			l.change(task("csr1", procedure.TaskInstallShares, 1), func(r *journal.Record) {
				d := shareDigest(before, 1)
				r.Bundle = &d
			})
		})
	}, rule: "shares", node: "csr1", text: "share 1 is of share set"},
	{name: "cancelled share handed out", lie: func(l *liar) {
		l.when("installed", func() {
			d := shareDigest(l.sets["csr1"], 3)
			l.cancel("csr1")
			l.here("css")
			l.books["css"].write("SHARE3", journal.Record{Event: journal.EventCopied, Node: "css", Kind: bundle.KindShare, Peer: "csr1", Share: 3, Bundle: &d, Text: "dir:OTHER"})
		})
	}, rule: "cancel", node: "css", text: "was handed out after the set was cancelled"},
	{name: "cancelled share said to be handed out, and signed by nobody", lie: unsignedAfterCancel(func(r *journal.Record) {}),
		rule: "cancel", node: "css", text: "nobody signed this record: whoever owns the disk of css can have written it", weight: Exception},
	{name: "the same, with a clock that runs ahead", lie: unsignedAfterCancel(func(r *journal.Record) { r.Time += 1000 * 60 * 60 }),
		rule: "cancel", node: "css", text: "nobody signed this record", weight: Exception},
	{name: "the same, under an officer's name", lie: unsignedAfterCancel(func(r *journal.Record) { r.Profile = "SHARE3" }),
		rule: "officer", node: "css", text: "nobody signed this record", weight: Exception},
	{name: "receipt of a cancelled set", lie: func(l *liar) {
		l.when("installed", func() { l.cancel("csr1") })
		l.decide(event("css", journal.EventReceived, bundle.KindReceipt), func(*journal.Record) sign { return signed })
	}, rule: "cancel", node: "css", text: "the receipt of csr1 is of share set"},
	{name: "cancel that the source did not do", lie: func(l *liar) {
		l.when("obtained", func() {
			l.here("csr1")
			l.takeCancel("csr1", *unknown())
		})
	}, rule: "cancel", node: "csr1", text: "the source's journal does not say so"},
	{name: "cancel that the source may have done since", lie: func(l *liar) {
		l.when("received", func() {
			l.here("csr1")
			l.takeCancel("csr1", *unknown())
		})
	}, rule: "journal-end", node: "csr1", text: "the source's journal does not say so: bring a newer journal of css", weight: Open},
	{name: "share made of a cancelled set", lie: func(l *liar) {
		l.when("installed", func() {
			l.cancel("csr1")
			l.here("css")
			css, set := l.nodes["css"], l.sets["csr1"]
			css.seq++
			h := bundle.Header{Kind: bundle.KindShare, Answers: l.answers["csr1"], Sequence: css.seq, Share: &bundle.ShareRef{Set: set, Index: 2}}
			css.wrote("SHARE2", "csr1", h, *unknown(), journal.WrittenData{Payload: *unknown(), ShareSet: set})
		})
	}, rule: "cancel", node: "css", text: "share 2 is of set"},
	{name: "statement of a cancelled set handed out", lie: func(l *liar) {
		l.when("installed", func() {
			d := l.stated("csr1")
			l.cancel("csr1")
			l.here("css")
			l.books["css"].write("SHARE3", journal.Record{Event: journal.EventCopied, Node: "css", Kind: bundle.KindStatement, Peer: "csr1", Bundle: &d, Text: "dir:OTHER"})
		})
	}, rule: "cancel", node: "css", text: "the statement of set"},
	{name: "cancel of other shares than were obtained", lie: cancelLie("css", func(r *journal.Record) {
		d, _ := journal.DataOf[journal.CancelData](*r)
		d.Out = d.Out[:2]
		r.Data = data(d)
	}), rule: "cancel", node: "css", text: "it says that shares [1 2] of set"},
	{name: "cancel taken in for other shares", lie: cancelLie("csr1", func(r *journal.Record) {
		d, _ := journal.DataOf[journal.CancelData](*r)
		d.Out = d.Out[:2]
		r.Data = data(d)
	}), rule: "cancel", node: "csr1", text: "it took in that shares [1 2] were obtained"},
	{name: "receipt after a revoke of an earlier certificate too", lie: func(l *liar) {
		l.when("installed", func() {
			l.revoke("csr1")
			d := l.revokeData("csr1")
			d.Generation = 0
			l.books["sa"].write("CERTIFIER", journal.Record{Event: journal.EventRevoked, Node: "sa", Peer: "csr1", Data: data(d), Text: "revoked"})
		})
		l.decide(event("sa", journal.EventReceived, bundle.KindReceipt), func(*journal.Record) sign { return signed })
	}, rule: "revoke", node: "sa", text: "its certificate was taken back before"},
	{name: "cancel that says nothing", lie: cancelLie("css", func(r *journal.Record) { r.Data = nil }),
		rule: "cancel", node: "css", text: "cannot be read"},
	{name: "cancel by another officer", lie: cancelLie("css", func(r *journal.Record) { r.Profile = "AUDITOR" }),
		rule: "cancel", node: "css", text: "it says that SETTER cancelled, AUDITOR signed it"},
	{name: "cancel for no target", lie: cancelLie("css", func(r *journal.Record) { r.Peer = "css" }),
		rule: "cancel", node: "css", text: "is not a target of the plan"},
	{name: "cancel of the set of another target", lie: cancelLie("css", func(r *journal.Record) { r.Peer = "csr2" }),
		rule: "cancel", node: "css", text: "which is a set for csr1"},
	{name: "cancel taken in for another target", lie: func(l *liar) {
		l.when("installed", func() { l.takeCancel("csr1", l.cancel("csr1")) })
		l.change(event("sa", journal.EventReceived, bundle.KindCancel), func(r *journal.Record) { r.Peer = "csr2" })
	}, rule: "cancel", node: "sa", text: "which is a set for csr1"},
	{name: "revoke of no node", lie: func(l *liar) {
		l.when("installed", func() { l.revoke("csr1") })
		l.change(event("sa", journal.EventRevoked, ""), func(r *journal.Record) {
			d, _ := journal.DataOf[journal.RevokeData](*r)
			d.Node.Name, r.Peer = "csr9", "csr9"
			r.Data = data(d)
		})
	}, rule: "revoke", node: "sa", text: "no node of the plan"},
	{name: "cancel taken in that says nothing", lie: cancelLie("csr1", func(r *journal.Record) { r.Data = nil }),
		rule: "cancel", node: "csr1", text: "cannot be read"},
	{name: "cancel taken in for another reason", lie: cancelLie("csr1", func(r *journal.Record) {
		d, _ := journal.DataOf[journal.CancelData](*r)
		d.Reason = "no reason"
		r.Data = data(d)
	}), rule: "cancel", node: "csr1", text: "(no reason)"},
	{name: "cancel taken in by another officer", lie: cancelLie("csr1", func(r *journal.Record) { r.Profile = "AUDITOR" }),
		rule: "officer", node: "csr1", text: "the plan has SETTER"},
	{name: "revoke that says nothing", lie: func(l *liar) {
		l.when("installed", func() { l.revoke("csr1") })
		l.change(event("sa", journal.EventRevoked, ""), func(r *journal.Record) { r.Data = nil })
	}, rule: "revoke", node: "sa", text: "cannot be read"},
	{name: "revoke by another officer", lie: func(l *liar) {
		l.when("installed", func() { l.revoke("csr1") })
		l.change(event("sa", journal.EventRevoked, ""), func(r *journal.Record) { r.Profile = "AUDITOR" })
	}, rule: "officer", node: "sa", text: "the plan has CERTIFIER"},
	{name: "revoke taken in of another generation", sealed: true, lie: func(l *liar) {
		l.when("received", func() { l.takeRevoke("css", "csr1", l.revoke("csr1")) })
		l.change(event("css", journal.EventReceived, bundle.KindRevoke), func(r *journal.Record) {
			d, _ := journal.DataOf[journal.RevokeData](*r)
			d.Generation = 7
			r.Data = data(d)
		})
	}, rule: "evidence", node: "css", text: "the record says that certificate 7 of csr1 was taken back"},
	{name: "share of a revoked target handed out", lie: func(l *liar) {
		l.when("installed", func() {
			d := shareDigest(l.sets["csr1"], 3)
			l.takeRevoke("css", "csr1", l.revoke("csr1"))
			l.here("css")
			l.books["css"].write("SHARE3", journal.Record{Event: journal.EventCopied, Node: "css", Kind: bundle.KindShare, Peer: "csr1", Share: 3, Bundle: &d, Text: "dir:OTHER"})
		})
	}, rule: "revoke", node: "css", text: "handed to dir:OTHER"},
	{name: "shares for a revoked certificate", lie: func(l *liar) {
		l.when("certified", func() {
			l.takeRevoke("css", "csr1", l.revoke("csr1"))
			l.decide(event("css", journal.EventReceived, bundle.KindCSRCert), func(*journal.Record) sign { return signed })
		})
	}, rule: "revoke", node: "css", text: "with certificate 1 of csr1, which was taken back"},
	{name: "certificate for keys that were taken back", lie: func(l *liar) {
		l.when("received", func() {
			l.revoke("csr1")
			l.nodes["csr1"].request(bundle.KindCSRKey)
			l.here("sa")
			l.certify("csr1")
		})
	}, rule: "revoke", node: "sa", text: "certificate 2 of csr1 has a signing key of certificate 1 of csr1, which was taken back"},
	{name: "certificate for keys of another node that were taken back", lie: func(l *liar) {
		l.when("received", func() {
			l.revoke("csr1")
			l.nodes["csr2"].keys.ShareBox = l.nodes["csr1"].keys.ShareBox
			l.nodes["csr2"].request(bundle.KindCSRKey)
			l.here("sa")
			l.certify("csr2")
		})
	}, rule: "revoke", node: "sa", text: "certificate 2 of csr2 has a share box key of certificate 1 of csr1, which was taken back"},
	{name: "certificate for keys that were taken back is taken in", lie: func(l *liar) {
		l.when("received", func() {
			l.nodes["csr1"].request(bundle.KindCSRKey)
			d := l.revokeData("csr1")
			l.certify("csr1")
			sa := l.nodes["sa"]
			sa.b.write("CERTIFIER", journal.Record{Event: journal.EventRevoked, Node: "sa", Peer: "csr1", Data: data(d), Text: "revoked"})
			digest := sa.make("CERTIFIER", "csr1", bundle.Header{Kind: bundle.KindRevoke, About: "csr1"},
				bundle.RevokeBody{Node: d.Node, Generation: d.Generation, Reason: d.Reason, By: d.By})
			l.nodes["css"].took("AUDITOR", bundle.KindRevoke, "csr1", digest, data(d))
			l.here("css")
			l.nodes["css"].took("SHARE1", bundle.KindCSRCert, "csr1", l.answers["csr1"], l.cert["csr1"])
		})
	}, rule: "revoke", node: "css", text: "certificate 2 of csr1 has a signing key of certificate 1 of csr1, which was taken back"},
	{name: "receipt of a revoked target", lie: func(l *liar) {
		l.when("installed", func() { l.revoke("csr1") })
		l.decide(event("sa", journal.EventReceived, bundle.KindReceipt), func(*journal.Record) sign { return signed })
	}, rule: "revoke", node: "sa", text: "its certificate was taken back before"},
	{name: "statement of a revoked source", lie: func(l *liar) {
		l.when("obtained", func() { l.takeRevoke("csr1", "css", l.revoke("css")) })
		l.decide(event("csr1", journal.EventReceived, bundle.KindStatement), func(*journal.Record) sign { return signed })
	}, rule: "revoke", node: "csr1", text: "with certificate 1 of css"},
	{name: "revoke that the SA did not do", lie: func(l *liar) {
		l.when("obtained", func() { l.here("csr1"); l.takeRevoke("csr1", "css", *unknown()) })
	}, rule: "revoke", node: "csr1", text: "the SA's journal does not say so"},
	{name: "revoke that the SA may have done since", lie: func(l *liar) {
		l.when("received", func() { l.here("csr1"); l.takeRevoke("csr1", "css", *unknown()) })
	}, rule: "journal-end", node: "csr1", text: "the SA's journal does not say so: bring a newer journal of sa", weight: Open},
}

// cancelLie changes the record of a cancel at the source or at the target.
func cancelLie(node string, do func(*journal.Record)) func(*liar) {
	return func(l *liar) {
		l.when("obtained", func() {
			l.takeCancel("csr1", l.cancel("csr1"))
			l.share("csr1")
		})
		l.change(func(r *journal.Record) bool { return r.Event == journal.EventCanceled && r.Node == node }, do)
	}
}

// unsignedAfterCancel is what the owner of the source's disk can append to its
// journal: an honest cancel must not come out as a bad one by it.
func unsignedAfterCancel(change func(*journal.Record)) func(*liar) {
	return func(l *liar) {
		forged := func(r *journal.Record) bool { return r.Text == "dir:FORGED" }
		l.decide(forged, func(r *journal.Record) sign { change(r); return unsigned })
		l.when("received", func() {
			d := shareDigest(l.sets["csr1"], 3)
			l.cancel("csr1")
			l.books["css"].write("", journal.Record{Event: journal.EventCopied, Node: "css", Kind: bundle.KindShare, Peer: "csr1", Share: 3, Bundle: &d, Text: "dir:FORGED"})
		})
	}
}
