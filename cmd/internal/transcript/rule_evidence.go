package transcript

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

// evidenceRule checks each bundle that was carried.
type evidenceRule struct{ *replay }

// check checks each bundle as it was carried: that it is signed with the
// right key, and that the journal of the node it is from has it as written.
func (c evidenceRule) check() {
	const rule = "evidence"
	slices.SortStableFunc(c.carried, func(a, b *carried) int {
		return cmp.Compare(a.header.Sequence, b.header.Sequence)
	})
	for _, b := range c.carried {
		ref := RecordRef{Node: b.header.From.Name}
		if w := c.written[b.digest]; w != nil {
			ref = w.ref()
		}
		switch {
		case b.former:
			c.formerAside++
		case b.good:
			if w := c.written[b.digest]; b.misdated != nil && w != nil {
				c.find(Exception, "certificate", w, "the %s %s was made outside of the time of its certificate: %v; but %s", b.header.Kind, b.digest.Short(), b.misdated, c.clockOf(w))
			}
			c.inJournal(rule, b)
			if b.header.Kind == bundle.KindRevoke {
				c.openRevoke(rule, b, b.verified)
			}
		case b.damaged:
			c.findAt(Exception, rule, RecordRef{}, "a damaged copy of a %s of %s, %s, is left aside: the good one is here", b.header.Kind, b.header.From.Name, b.digest.Short())
		case errors.Is(b.err, errCopies):
			c.findAt(Open, rule, ref, "the %s %s of %s is one of many: %v; bring it without them", b.header.Kind, b.digest.Short(), b.header.From.Name, b.err)
		case errors.Is(b.err, coproc.ErrExpired):
			c.findAt(Fault, "certificate", ref, "the %s %s was made outside of the time of its certificate: %v", b.header.Kind, b.digest.Short(), b.err)
		case errors.Is(b.err, bundle.ErrUnknownKey) && b.header.Kind == bundle.KindReceipt && c.unknownTo(b):
			c.stray(ref, fmt.Sprintf("the receipt %s of %s", b.digest.Short(), b.header.From.Name), c.nodes[b.header.From.Name])
		case errors.Is(b.err, bundle.ErrUnknownKey) && b.header.Kind == bundle.KindReceipt && !c.judged(b):
			c.findAt(Open, rule, ref, "the receipt %s cannot be judged without the certificate of %s, which the SA's journal has: bring a newer one", b.digest.Short(), b.header.From.Name)
		default:
			c.findAt(Fault, rule, ref, "the %s %s is not good: %v", b.header.Kind, b.digest.Short(), b.err)
		}
	}
}

// unknownTo reports whether the journals of its node and of the SA are here, and
// nothing in any journal knows of a bundle.
func (c evidenceRule) unknownTo(b *carried) bool {
	return c.here(c.nodes[b.header.From.Name]) && c.here(c.admin) && len(c.taken[b.digest]) == 0 && c.written[b.digest] == nil
}

// judged reports whether the SA's journal must have the certificate for a
// bundle: it goes on after somebody took the bundle in.
func (c evidenceRule) judged(b *carried) bool {
	return c.here(c.admin) && slices.ContainsFunc(c.taken[b.digest], func(e *entry) bool {
		return c.covers(c.current[c.admin.Coprocessor], e)
	})
}

// inJournal looks a bundle up in the journal of the node that it is from.
func (c evidenceRule) inJournal(rule string, b *carried) {
	from := c.nodes[b.header.From.Name]
	ref := RecordRef{Node: from.Name}
	w := c.written[b.digest]
	if w == nil {
		c.unwritten(rule, ref, from, b)
		return
	}
	d, err := journal.DataOf[journal.WrittenData](*w.Record)
	about := b.header.About
	if b.header.Kind == bundle.KindStatement {
		about = b.header.To[0]
	}
	switch {
	case err != nil:
		// sent-received tells of it
	case w.Kind != b.header.Kind || w.name() != b.header.From.Name:
		c.fault(rule, w, "it says to have made a %s at %s, the bundle is a %s from %s", w.Kind, w.name(), b.header.Kind, from.Name)
	case about != "" && w.Peer != about:
		c.fault(rule, w, "it says that the %s is about %s, the bundle is about %s", w.Kind, w.Peer, about)
	case d.Answers != b.header.Answers:
		c.fault(rule, w, "it says that the %s answers %s, the bundle answers %s", w.Kind, d.Answers.Short(), b.header.Answers.Short())
	case d.Sequence != b.header.Sequence:
		c.fault(rule, w, "it says that the %s has sequence number %d, the bundle has %d", w.Kind, d.Sequence, b.header.Sequence)
	}
}

// unwritten tells of a good bundle that no journal here has as made.
func (c evidenceRule) unwritten(rule string, ref RecordRef, from *plan.Node, b *carried) {
	what := fmt.Sprintf("the %s %s of %s", b.header.Kind, b.digest.Short(), from.Name)
	l, g, certified := c.madeUnder(from, b.key)
	switch {
	case !c.here(from):
		// told already: its journal is missing or bad
	case !certified && (len(c.taken[b.digest]) > 0 || !c.here(c.admin)):
		c.findAt(Open, "journal-end", ref, "no journal here has %s as made, and no certificate is here for the key that signed it: bring newer journals of %s and %s", what, from.Name, c.admin.Name)
	case !certified:
		// It came to nothing, and whoever has the SA's recipient can make one in
		// the name of a node: it is told, and accuses nobody.
		c.stray(ref, what, from)
	case g != nil && c.lost[g.audit] != nil:
		c.findAt(Exception, "lost", ref, "%s was made under certificate %d, and that journal is lost: nobody can tell what else was", what, g.generation)
	case g != nil:
		c.findAt(Open, "journal-missing", ref, "%s is from before %s was set up anew, or after, and %s is not here", what, from.Name, g.name())
	case b.header.Sequence > l.last[from.Name] && c.lost[l.auditor] != nil:
		c.findAt(Exception, "lost", ref, "%s was made after the journal under certificate %d was handed out, and nothing newer of that one can be had", what, l.generation)
	case b.header.Sequence > l.last[from.Name]:
		c.findAt(Open, "journal-end", ref, "%s was made after %s handed out its journal: bring a newer one%s", what, from.Name, c.ifEnded(l))
	default:
		c.findAt(Fault, rule, ref, "the journal of %s does not have the %s %s as made: it is a forgery, or a record was left out", from.Name, b.header.Kind, b.digest.Short())
	}
}

// stray tells of a bundle that says to be of a node, that no journal knows and
// nobody vouches for.
func (c evidenceRule) stray(ref RecordRef, what string, from *plan.Node) {
	c.findAt(Exception, "evidence", ref, "%[1]s came to nothing: no journal here has it, and nobody vouches for the key that signed it. It is of %[2]s before it was set up anew, or somebody made it in that name. If %[2]s was set up anew since, bring newer journals of %[2]s and %[3]s; else that file can be left out",
		what, from.Name, c.admin.Name)
}

// openRevoke compares a revoke with the record of its making: it is sealed to
// the SA-key hash, so it can be read.
func (c evidenceRule) openRevoke(rule string, b *carried, v *bundle.Verified) {
	id, err := bundle.HashIdentity(c.hash)
	if err != nil {
		return
	}
	opened, err := v.Open(id)
	if err != nil {
		c.findAt(Fault, rule, RecordRef{Node: b.header.From.Name}, "the revoke %s cannot be opened: %v", b.digest.Short(), err)
		return
	}
	body, err := bundle.BodyAs[bundle.RevokeBody](opened)
	if err != nil {
		return
	}
	for _, e := range c.taken[b.digest] {
		d, err := journal.DataOf[journal.RevokeData](*e.Record)
		if err == nil && (d.Node != body.Node || d.Generation != body.Generation || d.Reason != body.Reason || d.By != body.By) {
			c.fault(rule, e, "the record says that certificate %d of %s was taken back, the revoke says certificate %d of %s", d.Generation, d.Node.Name, body.Generation, body.Node.Name)
		}
	}
}
