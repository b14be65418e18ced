package transcript

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// judge verifies each bundle as it was carried. A copy that a carrier damaged
// is not the fault of the node that it is from: where the good one is here, it
// is left aside.
func (c *checker) judge() {
	good := map[twin]bool{}
	for _, b := range c.carried {
		c.bundles[b.digest] = b
		if b.digest == c.saKey {
			b.good, b.key = true, c.sa.Sign // it was verified first of all
		} else if b.verified, b.err = b.sealed.Verify(bundle.Anchors{
			Ceremony: c.plan.CeremonyID(), SAKey: c.sa.Sign,
			Targets: c.vouched[b.header.From.Name], Now: headerTime(b.header),
		}); b.err == nil {
			b.good, b.key = true, b.verified.Key()
		}
		if b.good {
			for _, t := range twins(b) {
				good[t] = true
			}
		}
	}
	damaged := func(b *carried) bool {
		for _, t := range twins(b) {
			if good[t] {
				return true
			}
		}
		return false
	}
	for _, b := range c.carried {
		b.damaged = !b.good && damaged(b)
	}
	for _, b := range c.strange {
		if b.damaged = damaged(&b.carried); b.damaged {
			c.findAt(Exception, "evidence", Ref{}, "a damaged copy of the %s %s is left aside: the good one is here", b.header.Kind, b.digest.Short())
			continue
		}
		c.findAt(Fault, "evidence", Ref{Node: b.header.From.Name}, "the %s %s %s", b.header.Kind, b.digest.Short(), b.why)
	}
}

// twin is what a bundle has in common with a copy of it in which something was
// changed: its whole header, or what is inside. A sequence number is not
// enough: a node that was set up anew counts from 1 again.
type twin struct {
	header, payload coproc.Digest
}

func twins(b *carried) []twin {
	m, err := cosesig.Parse(b.sealed.Bytes())
	if err != nil {
		return nil
	}
	return []twin{{header: coproc.DigestOf(m.Protected)}, {payload: coproc.DigestOf(m.Payload)}}
}
