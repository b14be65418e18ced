package transcript

import (
	"errors"
	"fmt"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

// collection is what was carried, unpacked and not verified yet.
type collection struct {
	*keyring
	file     *File
	attempts int              // at copies of a bundle of which none is good so far
	carried  []*carried       // bundles that parse, journals left out
	foreign  []*foreignBundle // bundles that are not of this ceremony
	exports  []*export        // journals as they were handed out
	unread   []unread         // journal bundles that cannot be opened
	excluded []*reading       // journals that say nothing about the node they are named after
}

func newCollection(k *keyring, f *File) *collection {
	return &collection{keyring: k, file: f, attempts: maxBadAttempts}
}

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

// foreignBundle is a bundle that cannot be of this ceremony.
type foreignBundle struct {
	carried
	why string
}

// saKeyBundle is what an sa-key bundle says.
type saKeyBundle struct {
	digest coproc.Digest
	twins  twins
	header bundle.Header
	body   bundle.SAKeyBody
}

// openSAKeys opens the sa-key bundles that have the hash. This is the root
// of all trust: the hash came on a card, another way than the bundles. Of those
// that name the right key and are not good it looks at most at so many.
func openSAKeys(raw [][]byte, hash coproc.Thumbprint, most int) (all []saKeyBundle, others []twins) {
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
		body, err := bundle.BodyAs[bundle.SAKeyBody](opened)
		if err != nil {
			others = append(others, twinsOf(s))
			continue
		}
		all = append(all, saKeyBundle{v.Digest(), twinsOf(s), v.Header(), body})
	}
	return all, others
}

// otherKeys tells of sa-key bundles that are not good: damaged copies of one
// that is, and such as are of somebody else.
func (v *collection) otherKeys(all []saKeyBundle, others []twins) {
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
		v.findAt(Exception, "evidence", RecordRef{}, "%d damaged copies of the sa-key are left aside: the good one is here", damaged)
	}
	if more := len(others) - damaged; more > 0 {
		v.findAt(Fault, "evidence", RecordRef{Node: v.admin.Name}, "%d more sa-key bundles are not of the SA key", more)
	}
}

// headerTime is when a bundle says to be made: certificates must have been
// valid then, not now.
func headerTime(h bundle.Header) time.Time { return time.Unix(h.Time, 0) }

// findRoot takes the SA's keys and the plan from the sa-key bundle.
func (v *collection) findRoot() bool {
	var raw [][]byte
	for _, e := range v.file.bundles {
		raw = append(raw, e.raw)
	}
	all, others := openSAKeys(raw, v.hash, v.attempts)
	if len(all) == 0 {
		text := "there is no sa-key bundle: nothing can be verified"
		switch {
		case len(others) >= v.attempts:
			text = fmt.Sprintf("of %d sa-key bundles none that was looked at is good, and not all were: make the transcript anew with merge, which leaves bad ones out", len(others))
		case len(others) > 0:
			text = "no sa-key bundle has the SA key of this hash: the card or the transcript is of another SA key; nothing can be verified"
		}
		v.findAt(Fault, "evidence", RecordRef{}, "%s", text)
		return false
	}
	first := all[0]
	plan, err := plan.Parse(first.body.Plan)
	if err != nil {
		v.findAt(Fault, "evidence", RecordRef{}, "the plan in sa-key %s is not good: %v", first.digest.Short(), err)
		return false
	}
	v.trust(plan, first.body.Keys, first.digest)
	here := RecordRef{Node: v.admin.Name}
	for _, other := range all[1:] {
		v.findAt(Fault, "evidence", here, "there are two different sa-key bundles of the SA key, %s and %s", first.digest.Short(), other.digest.Short())
	}
	v.otherKeys(all, others)
	switch h := first.header; {
	case h.Ceremony != plan.CeremonyID():
		v.findAt(Fault, "evidence", here, "sa-key is of ceremony %s, the plan in it of %s", h.Ceremony, plan.CeremonyID())
	case v.file.ceremony != plan.CeremonyID():
		v.findAt(Fault, "evidence", here, "the transcript says to be of ceremony %s, its plan is of %s", v.file.ceremony, plan.CeremonyID())
	case h.From != v.ids[v.admin.Name]:
		v.findAt(Fault, "evidence", here, "sa-key is from %s, the plan has %s", h.From, v.ids[v.admin.Name])
	case h.Rehearsal != plan.Rehearsal:
		v.findAt(Fault, "evidence", here, "sa-key and the plan in it differ in whether this is a rehearsal")
	}
	return true
}

// unpack parses the bundles and takes the journals out of them. What belongs to
// another ceremony has no place in a transcript.
func (v *collection) unpack() {
	var journals []*bundle.Sealed
	for _, e := range v.file.bundles {
		s, err := bundle.Parse(e.raw)
		if err != nil {
			v.findAt(Fault, "evidence", RecordRef{}, "bundle %s is not good: %v", e.digest.Short(), err)
			continue
		}
		h := s.UnverifiedHeader()
		if h.Kind == bundle.KindSAKey && e.digest != v.saKey {
			continue // told already
		}
		if why := v.whyForeign(h); why != "" {
			v.foreign = append(v.foreign, &foreignBundle{carried{digest: e.digest, sealed: s, header: h, twins: twinsOf(s)}, why})
			continue
		}
		if h.Kind == bundle.KindJournal {
			journals = append(journals, s)
			continue
		}
		v.carried = append(v.carried, &carried{digest: e.digest, sealed: s, header: h, twins: twinsOf(s)})
	}
	v.exports = v.openExports(journals)
}

func (v *collection) openExports(sealed []*bundle.Sealed) []*export {
	return newest(gatherExports(sealed, v.hash, v.attempts, func(s *bundle.Sealed, err error) { v.unread = append(v.unread, unread{s, err}) }))
}
