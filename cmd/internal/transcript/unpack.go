package transcript

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
)

// carried is a bundle of the transcript that parses, and is no journal.
type carried struct {
	digest coproc.Digest
	sealed *bundle.Sealed
	header bundle.Header
	twins  twins
	good   bool // its signature is that of the right key

	key      coproc.PublicKey // that signed it, if it is good
	verified *bundle.Verified // likewise; nil for the sa-key that all begins with
	err      error            // why it is not good
	misdated error            // it is good, and was made outside of the time of its certificate by a clock that was wrong
	former   bool             // it is of another SA's time
	damaged  bool             // it is not, and the bundle that it is a copy of is here
}

// strange is a bundle that cannot be of this ceremony.
type strange struct {
	carried
	why string
}

// unpack parses the bundles and takes the journals out of them. What belongs to
// another ceremony has no place in a transcript.
func (c *checker) unpack() {
	var journals []*bundle.Sealed
	for _, e := range c.file.bundles {
		s, err := bundle.Parse(e.raw)
		if err != nil {
			c.findAt(Fault, "evidence", Ref{}, "bundle %s is not good: %v", e.digest.Short(), err)
			continue
		}
		h := s.UnverifiedHeader()
		if h.Kind == bundle.KindSAKey && e.digest != c.saKey {
			continue // told already
		}
		if why := c.foreign(h); why != "" {
			c.strange = append(c.strange, &strange{carried{digest: e.digest, sealed: s, header: h, twins: twinsOf(s)}, why})
			continue
		}
		if h.Kind == bundle.KindJournal {
			journals = append(journals, s)
			continue
		}
		c.carried = append(c.carried, &carried{digest: e.digest, sealed: s, header: h, twins: twinsOf(s)})
	}
	c.exports = c.openExports(journals)
}

// foreign says why a bundle cannot be of this ceremony; empty where it can.
func (c *checker) foreign(h bundle.Header) string {
	n := c.nodes[h.From.Name]
	switch {
	case h.Kind == bundle.KindShare:
		return "does not belong in a transcript: gathering shares undoes their separation"
	case h.Ceremony != c.plan.CeremonyID():
		return "is of ceremony " + h.Ceremony.String() + ", this is ceremony " + c.plan.CeremonyID().String()
	case h.Rehearsal && !c.plan.Rehearsal:
		return "was made in a rehearsal, and this is none"
	case !h.Rehearsal && c.plan.Rehearsal:
		return "is of a live ceremony, and this is a rehearsal"
	case n == nil:
		return "is from " + h.From.String() + ", which the plan does not have"
	case h.From != c.ids[n.Name]:
		return "is from " + h.From.String() + ", the plan has " + c.ids[n.Name].String()
	}
	return ""
}
