package transcript

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
)

// judge verifies each bundle as it was carried. A copy that a carrier damaged
// is not the fault of the node that it is from: where the good one is here, it
// is left aside. What the journals name is looked at first.
func (c *checker) judge() {
	seen, named := newCopies(c.attempts), c.named()
	c.madeIn = c.misdated()
	for _, first := range []bool{true, false} {
		for _, b := range c.carried {
			if named[b.digest] == first {
				c.judgeOne(b, seen)
			}
		}
	}
	for _, b := range c.carried {
		b.damaged = !b.good && seen.here(b.twins)
	}
	for _, b := range c.strange {
		if b.damaged = seen.here(b.twins); b.damaged {
			c.findAt(Exception, "evidence", Ref{}, "a damaged copy of the %s %s is left aside: the good one is here", b.header.Kind, b.digest.Short())
			continue
		}
		c.findAt(Fault, "evidence", Ref{Node: b.header.From.Name}, "the %s %s %s", b.header.Kind, b.digest.Short(), b.why)
	}
}

// named are the bundles that a journal has: an honest one is among them, and not
// behind thousands of copies of it.
func (c *checker) named() map[coproc.Digest]bool {
	all := map[coproc.Digest]bool{c.saKey: true}
	for _, l := range c.lives {
		for _, r := range l.journal.Records() {
			if r.Bundle != nil {
				all[*r.Bundle] = true
			}
		}
	}
	return all
}

func (c *checker) judgeOne(b *carried, seen *copies) {
	c.bundles[b.digest] = b
	if b.digest == c.saKey {
		b.good, b.key = true, c.sa.Sign // it was verified first of all
		seen.note(b.twins, true)
		return
	}
	if b.err = seen.refuse(b.twins); b.err != nil {
		return
	}
	trust := bundle.Anchors{
		Ceremony: c.plan.CeremonyID(), SAKey: c.sa.Sign,
		Targets: c.vouched[b.header.From.Name], Now: headerTime(b.header),
		Certificate: func(raw []byte, _ coproc.PublicKey) (coproc.Certificate, error) { return c.certificate(raw) },
	}
	b.verified, b.err = b.sealed.Verify(trust)
	c.again(b, trust)
	if b.err == nil {
		b.good, b.key = true, b.verified.Key()
	}
	b.former = c.isFormer(b)
	seen.note(b.twins, b.good)
}
