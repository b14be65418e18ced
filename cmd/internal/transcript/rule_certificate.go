package transcript

import (
	"slices"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// certificateRule checks every certificate that the SA gave or a node took in.
type certificateRule struct{ *replay }

// check checks each certificate that the SA gave, and each that a node
// took in.
func (c certificateRule) check() {
	const rule = "certificate"
	for _, e := range c.entries {
		raw := certificateIn(e.Record)
		if e.isTask(procedure.TaskCertifyCSS) || e.isTask(procedure.TaskCertifyCSR) {
			c.granted(rule, e, raw)
			continue
		}
		if len(raw) == 0 {
			continue
		}
		cert, err := c.certificate(raw)
		if err != nil {
			c.fault(rule, e, "the certificate in it is not signed with the SA key: %v", err)
			continue
		}
		subject := e.Peer
		c.claims(rule, e, cert, c.nodes[subject])
		c.inTime(rule, e, cert, "it was taken in outside of its time")
		if c.here(c.admin) && !c.gave(subject, cert) {
			c.notGiven(rule, e, cert)
		}
	}
}

// notGiven tells of a certificate that the SA's journal does not have. One of a
// generation that it has given is none that came later.
func (c certificateRule) notGiven(rule string, e *entry, cert coproc.Certificate) {
	const text = "the SA's journal does not have this certificate of %s"
	if cert.Claims().Generation <= uint32(len(c.grants[e.Peer])) {
		c.fault(rule, e, text, e.Peer)
		return
	}
	c.missing(rule, e, c.makersAt(c.admin, nil), text, e.Peer)
}

// granted checks a certificate in the SA's journal.
func (c certificateRule) granted(rule string, e *entry, raw []byte) {
	cert, err := c.certificate(raw)
	if err != nil {
		c.fault(rule, e, "the certificate in it is not signed with the SA key: %v", err)
		return
	}
	claims := cert.Claims()
	before := uint32(len(c.grants[e.Peer]))
	for _, g := range c.grants[e.Peer] {
		if earlier := g.certificate.Claims(); earlier.Keys == claims.Keys {
			c.find(Exception, rule, e, "certificate %d of %s is for the keys of certificate %d: it was renewed", claims.Generation, e.Peer, earlier.Generation)
			break
		}
	}
	c.grants[e.Peer] = append(c.grants[e.Peer], &grant{entry: e, certificate: cert})
	c.claims(rule, e, cert, c.nodes[e.Peer])
	switch {
	case claims.Generation != before+1:
		c.fault(rule, e, "it is certificate %d of %s, and %d were given before", claims.Generation, e.Peer, before)
	case c.otherKeysFor(e.Peer, claims):
		c.fault(rule, e, "certificate %d of %s is for other keys than an earlier one that answers the same request", claims.Generation, e.Peer)
	case e.Bundle == nil || claims.Answers != *e.Bundle:
		c.fault(rule, e, "the certificate of %s answers another request than the record says", e.Peer)
	case claims.NotAfter-claims.NotBefore > int64(c.plan.CertificateDays)*24*60*60:
		c.fault(rule, e, "the certificate of %s is valid longer than the %d days of the plan", e.Peer, c.plan.CertificateDays)
	}
	// It is from the same clock as the record: if that was wrong, so is its time.
	if err := cert.CheckTime(time.Unix(e.Time, 0)); err != nil {
		c.fault(rule, e, "it was given outside of its time: %v", err)
	}
	if e.Bundle != nil {
		if w := c.written[*e.Bundle]; w != nil && w.instance.auditor != claims.Keys.Audit {
			c.fault(rule, e, "the certificate of %s vouches for another audit key than that of the journal with the request", e.Peer)
		}
	}
}

// otherKeysFor reports whether an earlier certificate of a node answers the same
// request with other keys.
func (c certificateRule) otherKeysFor(node string, claims coproc.Claims) bool {
	return slices.ContainsFunc(c.grants[node], func(g *grant) bool {
		earlier := g.certificate.Claims()
		return earlier.Answers == claims.Answers && earlier.Keys != claims.Keys
	})
}

// claims compares a certificate with the plan.
func (c certificateRule) claims(rule string, e *entry, cert coproc.Certificate, subject *plan.Node) {
	claims := cert.Claims()
	if claims.Role == coproc.CSS {
		c.sourceFamily = &claims.Keys.Family
	}
	switch {
	case subject == nil:
		c.fault(rule, e, "it is about node %q, which the plan does not have", e.Peer)
	case claims.Node != c.ids[subject.Name]:
		c.fault(rule, e, "the certificate is for %s, it should be for %s", claims.Node, c.ids[subject.Name])
	case claims.Role != subject.Role:
		c.fault(rule, e, "the certificate is for a %s node, %s is a %s node", claims.Role, subject.Name, subject.Role)
	case claims.Keys.Family != c.plan.Family():
		c.fault(rule, e, "the certificate of %s is of keys in a coprocessor of family %s, the plan is for family %s", subject.Name, claims.Keys.Family, c.plan.Family())
	case claims.Ceremony != c.plan.CeremonyID():
		c.fault(rule, e, "the certificate is of ceremony %s", claims.Ceremony)
	case claims.Rehearsal != c.plan.Rehearsal:
		c.fault(rule, e, "the certificate is of a rehearsal and this is none, or the other way round")
	}
}

// gave reports whether the SA's journal has a certificate.
func (c certificateRule) gave(node string, cert coproc.Certificate) bool {
	return c.grantOf(node, cert) != nil
}

// inTime checks that a certificate was valid when a record tells of it.
func (c certificateRule) inTime(rule string, e *entry, cert coproc.Certificate, what string) {
	// What a record says of its own time counts for nothing where somebody says
	// that its clock was wrong.
	own, other := cert.CheckTime(time.Unix(e.Time, 0)), cert.CheckTime(within(e, cert))
	switch g := c.grantOf(e.Peer, cert); {
	case other == nil && own != nil:
		c.find(Exception, rule, e, "%s: %v; but %s", what, own, c.clockOf(e))
	case other != nil && own == nil && g != nil && g.entry.instance.clocks.By(g.entry.Seq) > 0:
		c.find(Exception, rule, e, "%s: %v; but %s", what, other, c.clockOf(g.entry))
	case other != nil:
		c.fault(rule, e, "%s: %v", what, other)
	}
}
