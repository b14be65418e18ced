package transcript

import (
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

// causality tells which record provably came before which, by bundles alone.
type causality struct {
	*timeline
	past map[*instance]map[*instance]uint64 // what a journal knows of others; see covers
}

// covers reports whether a journal provably goes on after another's record: one
// of its own records depends on it, by bundles that were taken in. Whatever was
// made before that record must then be in the journal. What it does not cover
// may have come later; clocks of two rooms say nothing about that.
func (c *causality) covers(l *instance, e *entry) bool {
	if l == nil {
		return false
	}
	if c.past[l] == nil {
		c.past[l] = c.causalPast(l, uint64(len(l.entries)))
	}
	return e.Seq <= c.past[l][e.instance]
}

// causalPast finds how much of each journal a record of one depends on. It goes over
// each record at most once.
func (c *causality) causalPast(l *instance, record uint64) map[*instance]uint64 {
	past := map[*instance]uint64{}
	type until struct {
		instance *instance
		record   uint64
	}
	work := []until{{l, record}}
	for len(work) > 0 {
		u := work[len(work)-1]
		work = work[:len(work)-1]
		from := past[u.instance]
		if u.record <= from {
			continue
		}
		past[u.instance] = u.record
		for _, e := range u.instance.entries[from:u.record] {
			if w := c.writer(e); w != nil && w.instance != u.instance {
				work = append(work, until{w.instance, w.Seq})
			}
		}
	}
	return past
}

// numberedBefore reports whether a bundle that is here has a sequence number that the
// journal of its node has gone past: it was made before the journal ended.
func (c *causality) numberedBefore(digest *coproc.Digest) bool {
	if digest == nil {
		return false
	}
	b := c.bundles[*digest]
	if b == nil || !b.good {
		return false
	}
	l, _, _ := c.madeUnder(c.nodes[b.header.From.Name], b.key)
	return l != nil && b.header.Sequence <= l.last[b.header.From.Name]
}

// makers are the journals of a node that may have something as made: those that
// are here, and those that are not.
type makers struct {
	node   *plan.Node
	here   []*instance
	absent []*absentJournal
}

// makersAt are all journals of a node; with an audit key, the one under it.
func (c *causality) makersAt(n *plan.Node, audit *coproc.PublicKey) makers {
	m := makers{node: n}
	for _, l := range c.history[n.Coprocessor] {
		if audit == nil || l.auditor == *audit {
			m.here = append(m.here, l)
		}
	}
	for _, g := range c.absent[n.Coprocessor] {
		if audit == nil || g.audit == *audit {
			m.absent = append(m.absent, g)
		}
	}
	return m
}

// signedBy leaves those makers under whose key a bundle was signed that is here:
// what was made before a coprocessor was set up anew, no newer journal has.
func (c *causality) signedBy(digest *coproc.Digest, m makers) makers {
	if digest == nil {
		return m
	}
	b := c.bundles[*digest]
	if b == nil || !b.good || b.header.From.Name != m.node.Name {
		return m
	}
	own := makers{node: m.node}
	for _, l := range m.here {
		if c.vouchesFor(m.node, b.key, l.auditor) {
			own.here = append(own.here, l)
		}
	}
	for _, g := range m.absent {
		if c.vouchesFor(m.node, b.key, g.audit) {
			own.absent = append(own.absent, g)
		}
	}
	if len(own.here)+len(own.absent) == 0 {
		return m // no certificate is here for that key
	}
	return own
}

// madeUnder is the journal of a node under the certificate of a signature key:
// one that is here, or one that is not. certified is false where no certificate
// names the key.
func (c *causality) madeUnder(n *plan.Node, key coproc.PublicKey) (l *instance, g *absentJournal, certified bool) {
	if n == c.admin {
		return c.current[n.Coprocessor], nil, true
	}
	for _, cert := range c.vouched[n.Name] {
		if claims := cert.Claims(); claims.Keys.Sign == key || claims.Keys.Receipt == key {
			m := c.makersAt(n, &claims.Keys.Audit)
			switch {
			case len(m.here) > 0:
				return m.here[0], nil, true
			case len(m.absent) > 0:
				g, certified = m.absent[0], true
			}
		}
	}
	return nil, g, certified
}

// happenedBefore reports whether one record provably came before another: in
// one journal, or by bundles that were taken in.
func (c *causality) happenedBefore(a, b *entry) bool {
	if a.instance == b.instance {
		return a.Seq < b.Seq
	}
	// Most remarks are known nowhere else, and that is known at once.
	return c.covers(b.instance, a) && a.Seq <= c.causalPast(b.instance, b.Seq)[a.instance]
}
