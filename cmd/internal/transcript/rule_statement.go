package transcript

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/coproc"
)

// statementRule checks what the source signed about each share set.
type statementRule struct{ *replay }

// check checks what the source signed about each share set, as the
// targets took it in. That a statement is of the ceremony and the source of its
// certificate is part of reading it; certificate checks that one.
func (c statementRule) check() {
	const rule = "statement"
	own := map[instanceNode]*entry{} // of a target: its latest certificate
	for _, e := range c.entries {
		if e.node == nil || e.node.Role != coproc.CSR {
			continue
		}
		if e.is(journal.EventReceived, bundle.KindCSRCert) {
			own[e.place()] = e
		}
		if !e.is(journal.EventReceived, bundle.KindStatement) {
			continue
		}
		s := c.stated(e)
		if s == nil {
			c.fault(rule, e, "the statement is not signed with a key of the source that the SA certified")
			continue
		}
		switch {
		case s.Target != c.ids[e.node.Name]:
			c.fault(rule, e, "the statement is for %s, not for %s", s.Target, e.node.Name)
		case s.Class != c.plan.MasterKeyClass():
			c.fault(rule, e, "the statement is of a %s master key, the plan clones %s", s.Class, c.plan.Class)
		case int(s.M) != c.plan.M || int(s.N) != c.plan.N:
			c.fault(rule, e, "the statement says %d of %d shares, the plan %d of %d", s.M, s.N, c.plan.M, c.plan.N)
		}
		if cert := own[e.place()]; cert != nil && coproc.DigestOf(cert.Data) != s.Certificate {
			c.fault(rule, e, "the statement is for another certificate of %s than the one in record %d", e.node.Name, cert.Seq)
		}
		c.statedShares(rule, e, s)
	}
}

// statedShares compares the digests in a statement with the shares that the
// source's journal has.
func (c statementRule) statedShares(rule string, e *entry, s *coproc.Statement) {
	if !c.here(c.source) {
		return
	}
	set, source := c.sets[s.ShareSet], c.makersAt(c.source, c.signedUnder(e))
	if set == nil || len(set.shares) == 0 || set.peer != e.node.Name {
		c.missing(rule, e, source, "the statement is of share set %s, of which the source's journal has no share for %s", short(s.ShareSet), e.node.Name)
		return
	}
	for i, d := range s.Shares {
		sh := set.shares[i+1]
		switch {
		case sh == nil && !d.IsZero():
			c.missing(rule, e, source, "the statement has a share %d, which the source's journal does not have", i+1)
		case sh != nil && sh.payload != d:
			c.fault(rule, e, "share %d in the statement is not the one that the source made in record %d", i+1, sh.written.Seq)
		}
	}
}
