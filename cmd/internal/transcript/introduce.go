package transcript

import (
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/coproc"
)

// introduction is what an sa-key bundle says.
type introduction struct {
	digest coproc.Digest
	header bundle.Header
	body   bundle.SAKeyBody
}

// introductions opens the sa-key bundles that have the hash. This is the root
// of all trust: the hash came on a card, another way than the bundles.
func introductions(raw [][]byte, hash coproc.Thumbprint) (all []introduction, others int) {
	id, err := bundle.HashIdentity(hash)
	if err != nil {
		return nil, 0
	}
	for _, b := range raw {
		s, err := bundle.Parse(b)
		if err != nil || s.UnverifiedHeader().Kind != bundle.KindSAKey {
			continue
		}
		v, err := s.Verify(bundle.Anchors{SAHash: &hash, Now: headerTime(s.UnverifiedHeader())})
		if err != nil {
			others++
			continue
		}
		opened, err := v.Open(id)
		if err != nil {
			others++
			continue
		}
		body, err := opened.SAKey()
		if err != nil {
			others++
			continue
		}
		all = append(all, introduction{v.Digest(), v.Header(), body})
	}
	return all, others
}

// headerTime is when a bundle says to be made: certificates must have been
// valid then, not now.
func headerTime(h bundle.Header) time.Time { return time.Unix(h.Time, 0) }

// introduce takes the SA's keys and the plan from the sa-key bundle.
func (c *checker) introduce() bool {
	var raw [][]byte
	for _, e := range c.file.bundles {
		raw = append(raw, e.raw)
	}
	all, others := introductions(raw, c.hash)
	if len(all) == 0 {
		text := "there is no sa-key bundle: nothing can be verified"
		if others > 0 {
			text = "no sa-key bundle has the SA key of this hash: the card or the transcript is of another SA key; nothing can be verified"
		}
		c.findAt(Fault, "evidence", Ref{}, "%s", text)
		return false
	}
	first := all[0]
	plan, err := ceremony.ParsePlan(first.body.Plan)
	if err != nil {
		c.findAt(Fault, "evidence", Ref{}, "the plan in sa-key %s is not good: %v", first.digest.Short(), err)
		return false
	}
	c.trust(plan, first.body.Keys, first.digest)
	here := Ref{Node: c.admin.Name}
	for _, other := range all[1:] {
		c.findAt(Fault, "evidence", here, "there are two different sa-key bundles of the SA key, %s and %s", first.digest.Short(), other.digest.Short())
	}
	if others > 0 {
		c.findAt(Fault, "evidence", here, "%d more sa-key bundles are not of the SA key", others)
	}
	switch h := first.header; {
	case h.Ceremony != plan.CeremonyID():
		c.findAt(Fault, "evidence", here, "sa-key is of ceremony %s, the plan in it of %s", h.Ceremony, plan.CeremonyID())
	case c.file.ceremony != plan.CeremonyID():
		c.findAt(Fault, "evidence", here, "the transcript says to be of ceremony %s, its plan is of %s", c.file.ceremony, plan.CeremonyID())
	case h.From != c.ids[c.admin.Name]:
		c.findAt(Fault, "evidence", here, "sa-key is from %s, the plan has %s", h.From, c.ids[c.admin.Name])
	case h.Rehearsal != plan.Rehearsal:
		c.findAt(Fault, "evidence", here, "sa-key and the plan in it differ in whether this is a rehearsal")
	}
	return true
}
