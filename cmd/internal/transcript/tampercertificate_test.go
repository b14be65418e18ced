package transcript

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// certificateTampers are certificates that must not be.
var certificateTampers = []tamper{
	{name: "certificate by another key", lie: func(l *liar) {
		l.change(func(r *journal.Record) bool { return r.Task == procedure.TaskCertifyCSR && r.Peer == "csr1" }, func(r *journal.Record) {
			other := &node{key: newKey()}
			c, _ := coproc.UnverifiedClaims(r.Data)
			r.Data = other.seal(cosesig.DomainCertificate, c)
		})
	}, rule: "certificate", node: "sa", text: "not signed with the SA key"},
	{name: "certificate by another key taken in", lie: func(l *liar) {
		l.change(event("csr1", journal.EventReceived, bundle.KindCSRCert), func(r *journal.Record) {
			c, _ := coproc.UnverifiedClaims(r.Data)
			r.Data = (&node{key: newKey()}).seal(cosesig.DomainCertificate, c)
		})
	}, rule: "certificate", node: "csr1", text: "not signed with the SA key"},
	{name: "certificate that answers another request", lie: claimsLie(func(_ *liar, c *coproc.Claims) { c.Answers = *unknown() }),
		rule: "certificate", node: "sa", text: "answers another request than the record says"},
	{name: "certificate that begins later", lie: claimsLie(func(_ *liar, c *coproc.Claims) { c.NotBefore += 2 * 24 * 60 * 60 }),
		rule: "certificate", node: "sa", text: "it was given outside of its time"},
	{name: "certificate for nobody", lie: func(l *liar) {
		l.change(func(r *journal.Record) bool { return r.Task == procedure.TaskCertifyCSR && r.Peer == "csr1" }, func(r *journal.Record) { r.Peer = "csr9" })
	}, rule: "certificate", node: "sa", text: `node "csr9"`},
	{name: "certificate of another ceremony", lie: claimsLie(func(_ *liar, c *coproc.Claims) { c.Ceremony[0] ^= 1 }),
		rule: "certificate", node: "sa", text: "the certificate is of ceremony"},
	{name: "certificate that the SA did not give", lie: func(l *liar) {
		l.change(event("csr1", journal.EventReceived, bundle.KindCSRCert), func(r *journal.Record) {
			c, _ := coproc.UnverifiedClaims(r.Data)
			c.NotAfter--
			r.Data = l.nodes["sa"].seal(cosesig.DomainCertificate, c)
		})
	}, rule: "certificate", node: "csr1", text: "the SA's journal does not have this certificate"},
	{name: "certificate for another node", lie: claimsLie(func(l *liar, c *coproc.Claims) { c.Node = l.nodes["csr2"].id }),
		rule: "certificate", node: "sa", text: "the certificate is for csr2"},
	{name: "certificate for another role", lie: claimsLie(func(l *liar, c *coproc.Claims) {
		c.Role, c.Keys.ShareBox, c.Keys.Shares, c.Keys.Receipt = coproc.CSS, "", "", coproc.PublicKey{}
	}),
		rule: "certificate", node: "sa", text: "the certificate is for a CSS node"},
	{name: "generation twice", lie: func(l *liar) {
		l.when("installed", func() {
			l.here("sa")
			c := l.claims("csr1")
			c.Generation = 1
			l.grant("csr1", c)
		})
	}, rule: "certificate", node: "sa", text: "it is certificate 1 of csr1, and 1 were given before"},
	{name: "certificate that is too long", lie: claimsLie(func(_ *liar, c *coproc.Claims) { c.NotAfter += 24 * 60 * 60 }),
		rule: "certificate", node: "sa", text: "longer than the 30 days"},
	{name: "certificate of another family", lie: claimsLie(func(_ *liar, c *coproc.Claims) { c.Keys.Family = coproc.TPM }),
		rule: "certificate", node: "sa", text: "keys in a coprocessor of family tpm, the plan is for family soft"},
	{name: "certificate of a rehearsal", lie: claimsLie(func(_ *liar, c *coproc.Claims) { c.Rehearsal = true }),
		rule: "certificate", node: "sa", text: "of a rehearsal and this is none"},
	{name: "certificate for another audit key", lie: claimsLie(func(_ *liar, c *coproc.Claims) { c.Keys.Audit = public(newKey()) }),
		rule: "certificate", node: "sa", text: "another audit key"},
	{name: "certificate used after its time", lie: func(l *liar) {
		l.when("obtained", func() { l.now += 31 * 24 * 60 * 60 })
		l.decide(event("csr1", journal.EventReceived, bundle.KindCSRCert), func(*journal.Record) sign { return signed })
	}, rule: "certificate", node: "csr1", text: "outside of its time"},
}

// claimsLie has the SA certify csr1 with claims that are not right.
func claimsLie(do func(*liar, *coproc.Claims)) func(*liar) {
	return func(l *liar) {
		l.change(func(r *journal.Record) bool { return r.Task == procedure.TaskCertifyCSR && r.Peer == "csr1" }, func(r *journal.Record) {
			c, _ := coproc.UnverifiedClaims(r.Data)
			do(l, &c)
			r.Data = l.nodes["sa"].seal(cosesig.DomainCertificate, c)
		})
	}
}
