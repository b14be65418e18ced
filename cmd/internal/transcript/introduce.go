package transcript

import (
	"errors"
	"fmt"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

// introduction is what an sa-key bundle says.
type introduction struct {
	digest coproc.Digest
	twins  twins
	header bundle.Header
	body   bundle.SAKeyBody
}

// introductions opens the sa-key bundles that have the hash. This is the root
// of all trust: the hash came on a card, another way than the bundles. Of those
// that name the right key and are not good it looks at most at so many.
func introductions(raw [][]byte, hash coproc.Thumbprint, most int) (all []introduction, others []twins) {
	id, err := bundle.HashIdentity(hash)
	if err != nil {
		return nil, nil
	}
	trust, attempts := bundle.Anchors{SAHash: &hash}, 0
	for _, b := range raw {
		s, err := bundle.Parse(b)
		if err != nil || s.UnverifiedHeader().Kind != bundle.KindSAKey {
			continue
		}
		if attempts >= most {
			others = append(others, twinsOf(s))
			continue
		}
		trust.Now = headerTime(s.UnverifiedHeader())
		if trust.SAKey.IsZero() {
			// One that opens with the words brings the key, whoever signed it:
			// from here on a signature comes before the words' scrypt.
			if key, err := trust.KeyFor(s); err == nil {
				trust.SAKey = key
			}
		}
		v, err := s.Verify(trust)
		if err != nil {
			if !errors.Is(err, bundle.ErrUnknownKey) {
				attempts++
			}
			others = append(others, twinsOf(s))
			continue
		}
		opened, err := v.Open(id)
		if err != nil {
			others = append(others, twinsOf(s))
			continue
		}
		body, err := opened.SAKey()
		if err != nil {
			others = append(others, twinsOf(s))
			continue
		}
		all = append(all, introduction{v.Digest(), twinsOf(s), v.Header(), body})
	}
	return all, others
}

// otherKeys tells of sa-key bundles that are not good: damaged copies of one
// that is, and such as are of somebody else.
func (c *checker) otherKeys(all []introduction, others []twins) {
	seen, damaged := newCopies(anyAttempts), 0
	for _, i := range all {
		seen.note(i.twins, true)
	}
	for _, t := range others {
		if seen.here(t) {
			damaged++
		}
	}
	if damaged > 0 {
		c.findAt(Exception, "evidence", Ref{}, "%d damaged copies of the sa-key are left aside: the good one is here", damaged)
	}
	if more := len(others) - damaged; more > 0 {
		c.findAt(Fault, "evidence", Ref{Node: c.admin.Name}, "%d more sa-key bundles are not of the SA key", more)
	}
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
	all, others := introductions(raw, c.hash, c.attempts)
	if len(all) == 0 {
		text := "there is no sa-key bundle: nothing can be verified"
		switch {
		case len(others) >= c.attempts:
			text = fmt.Sprintf("of %d sa-key bundles none that was looked at is good, and not all were: make the transcript anew with merge, which leaves bad ones out", len(others))
		case len(others) > 0:
			text = "no sa-key bundle has the SA key of this hash: the card or the transcript is of another SA key; nothing can be verified"
		}
		c.findAt(Fault, "evidence", Ref{}, "%s", text)
		return false
	}
	first := all[0]
	plan, err := plan.Parse(first.body.Plan)
	if err != nil {
		c.findAt(Fault, "evidence", Ref{}, "the plan in sa-key %s is not good: %v", first.digest.Short(), err)
		return false
	}
	c.trust(plan, first.body.Keys, first.digest)
	here := Ref{Node: c.admin.Name}
	for _, other := range all[1:] {
		c.findAt(Fault, "evidence", here, "there are two different sa-key bundles of the SA key, %s and %s", first.digest.Short(), other.digest.Short())
	}
	c.otherKeys(all, others)
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
