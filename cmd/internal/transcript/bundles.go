package transcript

import (
	"errors"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/coproc"
)

// bundleCheck verifies the bundles that were carried.
type bundleCheck struct {
	*earlierSA
	bundles map[coproc.Digest]*carried // those that are of this ceremony
	madeIn  map[coproc.Digest]*entry   // those that were made while their room's clock was wrong
}

func newBundleCheck(s *earlierSA) *bundleCheck {
	return &bundleCheck{earlierSA: s, bundles: map[coproc.Digest]*carried{}}
}

// verifyBundles verifies each bundle as it was carried. A copy that a carrier damaged
// is not the fault of the node that it is from: where the good one is here, it
// is left aside. What the journals name is looked at first.
func (c *bundleCheck) verifyBundles() {
	seen, named := newCopies(c.attempts), c.namedInJournals()
	c.madeIn = c.misdated()
	for _, first := range []bool{true, false} {
		for _, b := range c.carried {
			if named[b.digest] == first {
				c.verifyBundle(b, seen)
			}
		}
	}
	for _, b := range c.carried {
		b.damaged = !b.good && seen.here(b.twins)
	}
	for _, b := range c.foreign {
		if b.damaged = seen.here(b.twins); b.damaged {
			c.findAt(Exception, "evidence", RecordRef{}, "a damaged copy of the %s %s is left aside: the good one is here", b.header.Kind, b.digest.Short())
			continue
		}
		c.findAt(Fault, "evidence", RecordRef{Node: b.header.From.Name}, "the %s %s %s", b.header.Kind, b.digest.Short(), b.why)
	}
}

// namedInJournals are the bundles that a journal has: an honest one is among them, and not
// behind thousands of copies of it.
func (c *bundleCheck) namedInJournals() map[coproc.Digest]bool {
	all := map[coproc.Digest]bool{c.saKey: true}
	for _, l := range c.instances {
		for _, r := range l.journal.Records() {
			if r.Bundle != nil {
				all[*r.Bundle] = true
			}
		}
	}
	return all
}

func (c *bundleCheck) verifyBundle(b *carried, seen *copies) {
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

// again verifies a bundle that was made outside of the time of its certificate
// by a clock that was wrong, as its maker's journal says.
func (c *bundleCheck) again(b *carried, trust bundle.Anchors) {
	e := c.madeIn[b.digest]
	if e == nil || !errors.Is(b.err, coproc.ErrExpired) {
		return
	}
	certificates := trust.Targets
	if own := b.header.Certificate; len(own) > 0 {
		cert, err := c.certificate(own)
		if err != nil {
			return
		}
		certificates = []coproc.Certificate{cert}
	}
	for _, cert := range certificates {
		trust.Now = within(e, cert)
		if v, err := b.sealed.Verify(trust); err == nil {
			b.verified, b.err, b.misdated = v, nil, b.err
			return
		}
	}
}

// misdated are the records of bundles that were made while a clock was wrong.
func (c *bundleCheck) misdated() map[coproc.Digest]*entry {
	all := map[coproc.Digest]*entry{}
	for _, l := range c.instances {
		for _, e := range l.entries {
			if e.Event == journal.EventWritten && e.Bundle != nil && l.clocks.By(e.Seq) > 0 {
				all[*e.Bundle] = e
			}
		}
	}
	return all
}

// within is the time nearest to the beginning of a certificate at which a record
// can have been made.
func within(e *entry, cert coproc.Certificate) time.Time {
	from, to := e.span()
	return time.Unix(min(max(cert.Claims().NotBefore, from), to), 0)
}
