package transcript

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

// covers reports whether a journal provably goes on after another's record: one
// of its own records depends on it, by bundles that were taken in. Whatever was
// made before that record must then be in the journal. What it does not cover
// may have come later; clocks of two rooms say nothing about that.
func (c *checker) covers(l *life, e *entry) bool {
	if l == nil {
		return false
	}
	if c.past[l] == nil {
		c.past[l] = c.pastOf(l, uint64(len(l.entries)))
	}
	return e.Seq <= c.past[l][e.life]
}

// pastOf finds how much of each journal a record of one depends on. It goes over
// each record at most once.
func (c *checker) pastOf(l *life, record uint64) map[*life]uint64 {
	past := map[*life]uint64{}
	type until struct {
		life   *life
		record uint64
	}
	work := []until{{l, record}}
	for len(work) > 0 {
		u := work[len(work)-1]
		work = work[:len(work)-1]
		from := past[u.life]
		if u.record <= from {
			continue
		}
		past[u.life] = u.record
		for _, e := range u.life.entries[from:u.record] {
			if w := c.writer(e); w != nil && w.life != u.life {
				work = append(work, until{w.life, w.Seq})
			}
		}
	}
	return past
}

// numbered reports whether a bundle that is here has a sequence number that the
// journal of its node has gone past: it was made before the journal ended.
func (c *checker) numbered(digest *coproc.Digest) bool {
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
	node *plan.Node
	here []*life
	gone []*goneJournal
}

// makersAt are all journals of a node; with an audit key, the one under it.
func (c *checker) makersAt(n *plan.Node, audit *coproc.PublicKey) makers {
	m := makers{node: n}
	for _, l := range c.history[n.Coprocessor] {
		if audit == nil || l.auditor == *audit {
			m.here = append(m.here, l)
		}
	}
	for _, g := range c.gone[n.Coprocessor] {
		if audit == nil || g.audit == *audit {
			m.gone = append(m.gone, g)
		}
	}
	return m
}

// signedBy leaves those makers under whose key a bundle was signed that is here:
// what was made before a coprocessor was set up anew, no newer journal has.
func (c *checker) signedBy(digest *coproc.Digest, m makers) makers {
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
	for _, g := range m.gone {
		if c.vouchesFor(m.node, b.key, g.audit) {
			own.gone = append(own.gone, g)
		}
	}
	if len(own.here)+len(own.gone) == 0 {
		return m // no certificate is here for that key
	}
	return own
}

// vouchesFor reports whether a certificate of a node has both keys.
func (c *checker) vouchesFor(n *plan.Node, sign, audit coproc.PublicKey) bool {
	return slices.ContainsFunc(c.vouched[n.Name], func(cert coproc.Certificate) bool {
		keys := cert.Claims().Keys
		return keys.Sign == sign && keys.Audit == audit
	})
}

// missing tells of something that a record took in and that no journal of its
// maker has: a fault where each of them must have it, open where one may have
// been handed out before, or is not here, and an exception where that one is
// lost.
func (c *checker) missing(rule string, e *entry, m makers, format string, a ...any) {
	if c.numbered(e.Bundle) {
		c.fault(rule, e, format, a...)
		return
	}
	m = c.signedBy(e.Bundle, m)
	lost, text := "", fmt.Sprintf(format, a...)
	for _, g := range m.gone {
		if c.lost[g.audit] == nil {
			c.find(Open, "journal-missing", e, "%s: %s is not here", text, g.name())
			return
		}
		lost = g.name()
	}
	for _, l := range m.here {
		switch {
		case c.covers(l, e):
		case c.lost[l.auditor] == nil:
			c.find(Open, "journal-end", e, "%s: bring a newer journal of %s%s", text, m.node.Name, c.ifEnded(l))
			return
		default:
			lost = fmt.Sprintf("the end of the journal that %s had under certificate %d", m.node.Name, l.generation)
		}
	}
	if lost == "" {
		c.fault(rule, e, "%s", text)
		return
	}
	c.find(Exception, "lost", e, "%s; %s, which may have it, is lost", text, lost)
}

// ifEnded says what to do where nothing newer of a journal can be had; empty
// for the one that a coprocessor still writes.
func (c *checker) ifEnded(l *life) string {
	for _, n := range l.nodes {
		if c.generationOf(n, l.auditor) > 0 && n != c.admin && c.replaced(n, l.auditor) {
			return fmt.Sprintf(", from certificate %d", l.generation) + c.ifLost(n, l.auditor)
		}
	}
	return ""
}

// madeUnder is the journal of a node under the certificate of a signature key:
// one that is here, or one that is not. certified is false where no certificate
// names the key.
func (c *checker) madeUnder(n *plan.Node, key coproc.PublicKey) (l *life, g *goneJournal, certified bool) {
	if n == c.admin {
		return c.primary[n.Coprocessor], nil, true
	}
	for _, cert := range c.vouched[n.Name] {
		if claims := cert.Claims(); claims.Keys.Sign == key {
			m := c.makersAt(n, &claims.Keys.Audit)
			switch {
			case len(m.here) > 0:
				return m.here[0], nil, true
			case len(m.gone) > 0:
				g, certified = m.gone[0], true
			}
		}
	}
	return nil, g, certified
}
