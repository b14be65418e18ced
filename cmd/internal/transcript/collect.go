package transcript

import (
	"errors"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// Collected is a transcript that was put together, and what of the files has
// no place in it.
type Collected struct {
	File     *File
	Excluded []Excluded
}

// Excluded are files that are not in a transcript, and why. The names come from
// outside.
type Excluded struct {
	Why   string
	Files []string
}

// Why files are left out.
const (
	whyNoBundle  = "no bundle, or damaged"
	whyShare     = "shares never go into a transcript: gathering them undoes their separation"
	whyCeremony  = "of another ceremony"
	whyRehearsal = "of a rehearsal, and this is none, or the other way round"
	whyOtherKey  = "an sa-key that does not have the hash of the card"
	whyUnread    = "a journal that the hash of the card does not open"
	whyTooMuch   = "journals that unpack to more than a coprocessor writes"
	whyNobody    = "a journal signed with a key that nobody vouches for"
	whyDamaged   = "a damaged copy of what is here"
	whyOlder     = "a journal of which a longer export is here"
)

// collector puts a transcript together.
type collector struct {
	hash     coproc.Thumbprint
	root     saKeyBundle
	roots    map[coproc.Digest]bool // every sa-key that has the hash
	seen     map[coproc.Digest]bool
	names    map[coproc.Digest]string
	raw      [][]byte
	journals []*bundle.Sealed
	left     map[string][]string // by why
}

// Collect puts the evidence of one ceremony together: what carriers brought,
// and transcripts made before. Of several exports of one journal it keeps the
// longest, if that continues the others. Shares are never kept. An sa-key
// with the hash must be among them: a *ceremony.Refusal tells that there is none.
func Collect(files []bundle.Incoming, old []*File, hash coproc.Thumbprint) (*Collected, error) {
	c := &collector{hash: hash, seen: map[coproc.Digest]bool{}, names: map[coproc.Digest]string{}, left: map[string][]string{}, roots: map[coproc.Digest]bool{}}
	for _, f := range old {
		for _, e := range f.bundles {
			files = append(files, bundle.Incoming{Folder: "transcript", Name: e.digest.Short() + bundle.Extension, Data: e.raw})
		}
	}
	if err := c.findRoot(files); err != nil {
		return nil, err
	}
	for _, in := range files {
		c.add(in)
	}
	c.addJournals()
	f, err := newFile(c.root.header.Ceremony, c.raw)
	if err != nil {
		return nil, err
	}
	if f, err = c.excludeUseless(f); err != nil {
		return nil, err
	}
	return &Collected{File: f, Excluded: c.excluded()}, nil
}

// findRoot finds the sa-key, which says which ceremony it is.
func (c *collector) findRoot(files []bundle.Incoming) error {
	var raw [][]byte
	for _, in := range files {
		raw = append(raw, in.Data)
	}
	all, others := openSAKeys(raw, c.hash, anyAttempts)
	for _, i := range all {
		c.roots[i.digest] = true
	}
	switch {
	case len(all) > 0:
		c.root = all[0]
		return nil
	case len(others) > 0:
		return &refusal.Error{Code: refusal.CodeUnknownKey,
			Text: "no sa-key that was brought has the hash of the card: nothing can be verified"}
	}
	return &refusal.Error{Code: refusal.CodeMissing,
		Text: "there is no sa-key among what was brought: nothing can be verified without it"}
}

// add takes a file in, unless it has no place in the transcript.
func (c *collector) add(in bundle.Incoming) {
	digest := coproc.DigestOf(in.Data)
	if c.seen[digest] {
		return // on two carriers
	}
	c.seen[digest] = true
	name := in.Folder + "/" + in.Name
	c.names[digest] = name
	s, err := bundle.Parse(in.Data)
	if err != nil {
		c.exclude(whyNoBundle, name)
		return
	}
	switch h := s.UnverifiedHeader(); {
	case h.Kind == bundle.KindShare:
		c.exclude(whyShare, name)
	case h.Ceremony != c.root.header.Ceremony:
		c.exclude(whyCeremony, name)
	case h.Rehearsal != c.root.header.Rehearsal:
		c.exclude(whyRehearsal, name)
	case h.Kind == bundle.KindJournal:
		c.journals = append(c.journals, s)
	case h.Kind == bundle.KindSAKey && !c.roots[digest]:
		c.exclude(whyOtherKey, name)
	default:
		c.raw = append(c.raw, in.Data)
	}
}

// addJournals keeps of each journal its longest export.
func (c *collector) addJournals() {
	all := gatherExports(c.journals, c.hash, anyAttempts, func(s *bundle.Sealed, err error) {
		why := whyUnread
		if errors.Is(err, errTooMuch) {
			why = whyTooMuch
		}
		c.exclude(why, c.names[s.Digest()])
	})
	kept := map[*export]bool{}
	for _, x := range newest(slices.Clone(all)) {
		kept[x] = true
		c.raw = append(c.raw, x.raw...)
	}
	for _, x := range all {
		for _, raw := range x.raw {
			if !kept[x] {
				c.exclude(whyOlder, c.names[coproc.DigestOf(raw)])
			}
		}
	}
}

// excludeUseless leaves out what says nothing about the node that it is named after: what
// a carrier damaged, where the good copy is here, and journals that nobody
// vouches for. What is the only one of its kind stays: verifying it tells.
func (c *collector) excludeUseless(f *File) (*File, error) {
	v := newReplay(f, c.hash)
	v.attempts = anyAttempts
	if !v.findRoot() {
		return f, nil
	}
	v.unpack()
	v.readJournals()
	v.formerTimes()
	v.verifyBundles()
	out := map[coproc.Digest]string{}
	for _, b := range v.carried {
		if b.damaged {
			out[b.digest] = whyDamaged
		}
	}
	for _, b := range v.foreign {
		if b.damaged {
			out[b.digest] = whyDamaged
		}
	}
	for _, r := range v.excluded {
		why := whyDamaged
		if !v.vouchedKey(r.export) {
			why = whyNobody
		}
		for _, raw := range r.export.raw {
			out[coproc.DigestOf(raw)] = why
		}
	}
	var kept [][]byte
	for _, e := range f.bundles {
		if why := out[e.digest]; why != "" {
			c.exclude(why, c.names[e.digest])
			continue
		}
		kept = append(kept, e.raw)
	}
	return newFile(f.ceremony, kept)
}

func (c *collector) exclude(why, name string) { c.left[why] = append(c.left[why], name) }

func (c *collector) excluded() []Excluded {
	var list []Excluded
	for _, why := range []string{whyNoBundle, whyShare, whyCeremony, whyRehearsal, whyOtherKey, whyUnread, whyTooMuch, whyNobody, whyDamaged, whyOlder} {
		if names := c.left[why]; len(names) > 0 {
			list = append(list, Excluded{why, names})
		}
	}
	return list
}
