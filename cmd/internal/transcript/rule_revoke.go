package transcript

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// revokeRule checks that certificates which were taken back were not used.
type revokeRule struct{ *replay }

// check checks that a certificate was not used by who knew that it was taken
// back, and tells who did not know.
func (c revokeRule) check() {
	const rule = "revoke"
	known := map[instanceNode]revocation{}
	latest := map[instanceNode]coproc.Certificate{} // taken in
	holders := c.certifiedKeys()
	var made []*entry
	where := map[string]map[string]bool{} // revoked node → coprocessors that know
	for _, e := range c.entries {
		switch {
		case e.Event == journal.EventRevoked, e.is(journal.EventReceived, bundle.KindRevoke):
			d, err := journal.DataOf[journal.RevokeData](*e.Record)
			if err != nil || d.Node.Name != e.Peer || c.nodes[e.Peer] == nil {
				c.fault(rule, e, "the record of the revoke cannot be read, or is about no node of the plan")
				continue
			}
			if e.Event == journal.EventRevoked {
				made = append(made, e)
				where[e.Peer] = map[string]bool{}
				c.find(Exception, rule, e, "the certificate of %s was taken back by %s: %s", e.Peer, c.who(d.By), d.Reason)
			} else if where[e.Peer] == nil && c.here(c.admin) {
				c.missing(rule, e, c.makersAt(c.admin, nil), "it took in that certificates of %s were taken back, and the SA's journal does not say so", e.Peer)
			}
			if where[e.Peer] != nil {
				where[e.Peer][e.instance.device] = true
			}
			if k := (instanceNode{e.instance, e.Peer}); d.Generation >= known[k].generation {
				known[k] = revocation{e, d.Generation} // one of an earlier certificate gives nothing back
			}
		case e.is(journal.EventReceived, bundle.KindCSSCert), e.is(journal.EventReceived, bundle.KindCSRCert):
			cert, err := c.certificate(e.Data)
			if err != nil {
				continue
			}
			latest[instanceNode{e.instance, e.Peer}] = cert
			c.usedRevoked(rule, e, e.Peer, known[instanceNode{e.instance, e.Peer}], cert)
			c.usedRevokedKeys(rule, e, holders, known, cert)
		case e.isTask(procedure.TaskCertifyCSS), e.isTask(procedure.TaskCertifyCSR):
			if cert, err := c.certificate(e.Data); err == nil {
				c.usedRevokedKeys(rule, e, holders, known, cert)
			}
		case e.is(journal.EventWritten, bundle.KindShare), e.is(journal.EventWritten, bundle.KindStatement),
			e.is(journal.EventCopied, bundle.KindShare), e.is(journal.EventCopied, bundle.KindStatement):
			k := instanceNode{e.instance, e.Peer}
			c.usedRevoked(rule, e, e.Peer, known[k], latest[k])
			if !latest[k].IsZero() && e.Event == journal.EventWritten {
				c.usedRevokedKeys(rule, e, holders, known, latest[k])
			}
		case e.is(journal.EventReceived, bundle.KindStatement):
			if d, err := journal.DataOf[journal.StatedData](*e.Record); err == nil {
				if cert, err := c.certificate(d.Certificate); err == nil {
					c.usedRevoked(rule, e, c.source.Name, known[instanceNode{e.instance, c.source.Name}], cert)
				}
			}
		case e.is(journal.EventReceived, bundle.KindReceipt):
			if r := known[instanceNode{e.instance, e.Peer}]; r.entry != nil && c.lastGeneration(e) <= r.generation {
				c.fault(rule, e, "the receipt of %s was taken in, and its certificate was taken back before, in record %d", e.Peer, r.entry.Seq)
			}
		}
	}
	for _, e := range made {
		c.notKnown(rule, e, where[e.Peer])
	}
}

// revocation is a revoke as one coprocessor knows it.
type revocation struct {
	entry      *entry
	generation uint32
}

// lastGeneration is that of the latest certificate given to the node of a
// receipt before the receipt was taken in.
func (c revokeRule) lastGeneration(e *entry) uint32 {
	var n uint32
	for _, g := range c.grants[e.Peer] {
		if g.entry.at < e.at {
			n = max(n, g.certificate.Claims().Generation)
		}
	}
	return n
}

func (c revokeRule) usedRevoked(rule string, e *entry, node string, r revocation, cert coproc.Certificate) {
	if r.entry == nil || cert.IsZero() || cert.Claims().Generation > r.generation {
		return
	}
	c.fault(rule, e, "%s: with certificate %d of %s, which was taken back, as record %d says", c.what(e), cert.Claims().Generation, node, r.entry.Seq)
}

// notKnown tells which coprocessors did not take in a revoke.
func (c revokeRule) notKnown(rule string, e *entry, know map[string]bool) {
	const names = 5
	var missing []string
	n := 0
	for _, d := range c.plan.Coprocessors {
		if know[d.Name] || c.nodes[e.Peer].Coprocessor == d.Name || !c.here(c.nodesAt[d.Name][0]) {
			continue
		}
		if n++; n <= names {
			missing = append(missing, d.Name)
		}
	}
	if n > names {
		missing = append(missing, fmt.Sprintf("and %d more", n-names))
	}
	if n > 0 {
		c.find(Exception, rule, e, "that the certificate of %s was taken back is not known at %s", e.Peer, strings.Join(missing, ", "))
	}
}

// usedRevokedKeys tells of a certificate that was given, taken in, or shared to,
// though it has a key of one that was known to be taken back.
func (c revokeRule) usedRevokedKeys(rule string, e *entry, holders map[string][]certifiedKey, known map[instanceNode]revocation, cert coproc.Certificate) {
	claims := cert.Claims()
	for _, k := range claims.Keys.Named() {
		own := certifiedKey{claims.Node.Name, claims.Generation, k.Name}
		for _, h := range holders[k.Text] {
			r := known[instanceNode{e.instance, h.node}]
			if h.node == own.node && c.plan.KeepsAuditKey(own.node) && k.Name == "audit key" && h.key == k.Name {
				continue // of a node that began anew with other keys: anew tells of it
			}
			if h == own || r.entry == nil || h.generation > r.generation {
				continue
			}
			c.fault(rule, e, "%s: certificate %d of %s has a %s of certificate %d of %s, which was taken back, as record %d says",
				c.what(e), own.generation, own.node, k.Name, h.generation, h.node, r.entry.Seq)
			return
		}
	}
}
