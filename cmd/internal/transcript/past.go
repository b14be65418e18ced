package transcript

import "github.com/gapferry/gapferry/coproc"

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
	l, _ := c.lifeOf(b.header.From.Name, b.key)
	return l != nil && b.header.Sequence <= l.last[b.header.From.Name]
}

// missing tells of something that a record took in and that the journal of its
// node does not have: a fault where that journal must have it, open where it
// may have been handed out before.
func (c *checker) missing(rule string, e *entry, from *life, format string, a ...any) {
	if c.covers(from, e) || c.numbered(e.Bundle) {
		c.fault(rule, e, format, a...)
		return
	}
	c.find(Open, "journal-end", e, format+": bring a newer journal of %s", append(a, from.nodes[0].Name)...)
}

// lifeOf is the journal of a node under the certificate of a signature key; nil
// where it is not here. certified is false where no certificate names the key.
func (c *checker) lifeOf(name string, key coproc.PublicKey) (l *life, certified bool) {
	if name == c.admin.Name {
		return c.primary[c.admin.Coprocessor], true
	}
	for _, cert := range c.vouched[name] {
		claims := cert.Claims()
		if claims.Keys.Sign != key {
			continue
		}
		for _, l := range c.history[c.nodes[name].Coprocessor] {
			if l.auditor == claims.Keys.Audit {
				return l, true
			}
		}
		certified = true
	}
	return nil, certified
}
