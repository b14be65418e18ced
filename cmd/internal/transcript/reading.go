package transcript

import (
	"errors"

	"github.com/gapferry/gapferry/bundle"
)

// reading is a journal as it was read, and what is wrong with it.
type reading struct {
	export   *export
	instance *instance // nil where nothing of it can be used
	found    []found
}

// unread is a journal bundle that cannot be opened.
type unread struct {
	sealed *bundle.Sealed
	err    error
}

// excludeUnsound leaves journals aside that whoever has the card can make or spoil,
// where a sound one of the same node is here, or must be: they say nothing about
// the node that they are named after. A coprocessor that nobody vouches for gets
// no share, so nothing of a master key is hidden with its journal.
func (c *journals) excludeUnsound(all []*reading) []*reading {
	type source struct{ from, key string }
	node, journal := map[string]bool{}, map[source]bool{}
	for _, r := range all {
		if c.sound(r) {
			node[r.export.from.Name], journal[source{r.export.from.Name, r.export.key}] = true, true
		}
	}
	for _, u := range c.unread {
		from, digest := u.sealed.UnverifiedHeader().From.Name, u.sealed.Digest().Short()
		if node[from] && !errors.Is(u.err, errTooMuch) {
			c.findAt(Exception, "evidence", RecordRef{}, "a journal bundle %s that says to be of %s is left aside: it cannot be opened, and the journal of %s is here", digest, from, from)
			continue
		}
		if errors.Is(u.err, errCopies) {
			c.findAt(Open, "evidence", RecordRef{Node: from}, "the journal bundle %s is one of many: %v; bring it without them", digest, u.err)
			continue
		}
		c.findAt(Fault, "evidence", RecordRef{Node: from}, "the journal bundle %s cannot be opened: %v", digest, u.err)
	}
	var kept []*reading
	for _, r := range all {
		x := r.export
		switch {
		case !c.vouchedKey(x) && node[x.from.Name]:
			c.findAt(Exception, "journal-signer", RecordRef{}, "a journal that says to be of %s is left aside: nobody vouches for the key that signed its bundle", x.from.Name)
			c.excluded = append(c.excluded, r)
		case !c.vouchedKey(x) && c.certified(x.from.Name):
			// It does not count, and the one that does is missing: that is told.
			c.findAt(Exception, "journal-signer", RecordRef{Node: x.from.Name}, "a journal that says to be of %s is left aside: %s", x.from.Name, c.notVouched(x.from.Name))
		case r.instance != nil && !c.vouchedOfficers(r.instance) && journal[source{x.from.Name, x.key}]:
			// Who has the audit key, as every officer can, made it: not the keys of the others.
			c.findAt(Exception, "journal-signer", RecordRef{}, "a journal that says to be of %s is left aside: nobody vouches for the officers' keys in it", x.from.Name)
			c.excluded = append(c.excluded, r)
		case x.err != nil && (r.instance == nil || r.instance.broken) && journal[source{x.from.Name, x.key}]:
			c.findAt(Exception, "evidence", RecordRef{}, "a damaged copy of the journal of %s is left aside: a good one is here", x.from.Name)
			c.excluded = append(c.excluded, r)
		default:
			kept = append(kept, r)
		}
	}
	return kept
}
