package transcript

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// cancelRule checks that void share sets were not used.
type cancelRule struct{ *replay }

// check checks that a share set was not used by who knew that it is void, and
// tells who did not know.
func (c cancelRule) check() {
	const rule = "cancel"
	set := map[instanceNode]*shareSet{} // of the statement that a target took in last
	for _, e := range c.entries {
		switch {
		case e.Event == journal.EventCanceled && e.node == c.source:
			c.canceledHere(rule, e)
		case e.Event == journal.EventCanceled, e.is(journal.EventReceived, bundle.KindCancel):
			c.canceledThere(rule, e)
		case e.is(journal.EventWritten, bundle.KindShare):
			d, err := journal.DataOf[journal.WrittenData](*e.Record)
			if s := c.sets[d.ShareSet]; err == nil && s != nil && s.canceled != nil && s.canceled.at < e.at {
				c.fault(rule, e, "share %d is of set %s, which was cancelled in record %d", e.Share, short(s.id), s.canceled.Seq)
			}
		case e.is(journal.EventReceived, bundle.KindStatement):
			if s := c.stated(e); s != nil {
				set[e.place()] = c.sets[s.ShareSet]
				c.void(rule, e, set[e.place()])
			}
		case e.isTask(procedure.TaskInstallShares) && e.Bundle != nil && c.shares[*e.Bundle] != nil:
			c.void(rule, e, c.shares[*e.Bundle].set)
		case e.isTask(procedure.TaskVerify), e.isTask(procedure.TaskSet), e.is(journal.EventWritten, bundle.KindReceipt):
			c.void(rule, e, set[e.place()])
		case e.is(journal.EventReceived, bundle.KindReceipt):
			c.voidReceipt(rule, e)
		}
	}
	for _, t := range c.plan.Targets() {
		for _, s := range c.byPeer[t.Name] {
			if s.canceled != nil {
				c.unknown(rule, s)
			}
		}
	}
}

// canceledHere checks the record at the source.
func (c cancelRule) canceledHere(rule string, e *entry) {
	d, err := journal.DataOf[journal.CancelData](*e.Record)
	switch {
	case err != nil || d.ShareSet == coproc.ShareSetID{}:
		c.fault(rule, e, "the record of the cancel cannot be read")
	case c.targets[e.Peer] == nil:
		c.fault(rule, e, "it cancelled for %q, which is not a target of the plan", e.Peer)
	case c.sets[d.ShareSet].peer != e.Peer:
		c.fault(rule, e, "it cancelled share set %s for %s, which is a set for %s", short(d.ShareSet), e.Peer, c.sets[d.ShareSet].peer)
	case !slices.Equal(d.Out, c.sets[d.ShareSet].out()):
		c.fault(rule, e, "it says that shares %v of set %s were obtained, the journal has %v", d.Out, short(d.ShareSet), c.sets[d.ShareSet].out())
	case d.By != e.Profile:
		c.fault(rule, e, "it says that %s cancelled, %s signed it", d.By, e.Profile)
	default:
		c.find(Exception, rule, e, "share set %s for %s was cancelled by %s: %s", short(d.ShareSet), e.Peer, c.who(d.By), d.Reason)
	}
}

func short(id coproc.ShareSetID) string { return id.String()[:8] }

// canceledThere compares a cancel that was taken in with the source's.
func (c cancelRule) canceledThere(rule string, e *entry) {
	d, err := journal.DataOf[journal.CancelData](*e.Record)
	if err != nil {
		c.fault(rule, e, "the record of the cancel cannot be read")
		return
	}
	if !c.here(c.source) {
		return
	}
	s := c.sets[d.ShareSet]
	if s == nil || s.canceled == nil {
		c.missing(rule, e, c.makersAt(c.source, nil), "it took in that share set %s is void, and the source's journal does not say so", short(d.ShareSet))
		return
	}
	about := e.Peer
	if e.Event == journal.EventCanceled {
		about = e.name() // at the target
	}
	if own, err := journal.DataOf[journal.CancelData](*s.canceled.Record); err == nil && !slices.Equal(own.Out, d.Out) {
		c.fault(rule, e, "it took in that shares %v were obtained, the source's record %d says %v", d.Out, s.canceled.Seq, own.Out)
	}
	if s.peer != about {
		c.fault(rule, e, "it took in that share set %s for %s is void, which is a set for %s", short(s.id), about, s.peer)
	}
	if own, err := journal.DataOf[journal.CancelData](*s.canceled.Record); err == nil && (own.Reason != d.Reason || own.By != d.By) {
		c.fault(rule, e, "it took in that %s cancelled (%s), the source's record %d says %s (%s)", d.By, d.Reason, s.canceled.Seq, own.By, own.Reason)
	}
}

// void tells of a target that used a set after it knew that it is void.
func (c cancelRule) void(rule string, e *entry, s *shareSet) {
	if s != nil && s.atTarget != nil && s.atTarget.instance == e.instance && s.atTarget.at < e.at {
		c.fault(rule, e, "%s: with share set %s, which was cancelled, as record %d says", c.what(e), short(s.id), s.atTarget.Seq)
	}
}

// voidReceipt tells of a receipt for a void set that was taken in.
func (c cancelRule) voidReceipt(rule string, e *entry) {
	d, err := journal.DataOf[journal.ReceiptData](*e.Record)
	if err != nil || c.sets[d.ShareSet] == nil {
		return
	}
	s := c.sets[d.ShareSet]
	for _, k := range append([]*entry{s.canceled}, s.known...) {
		if k != nil && k.instance == e.instance && k.at < e.at {
			c.fault(rule, e, "the receipt of %s is of share set %s, which was cancelled, as record %d says", e.Peer, short(s.id), k.Seq)
			return
		}
	}
}

// unknown tells where a cancel did not arrive, and where it came too late.
func (c cancelRule) unknown(rule string, s *shareSet) {
	t, id := c.keySetter(s), short(s.id)
	atSA := c.admin.Coprocessor == c.source.Coprocessor
	for _, e := range s.known {
		atSA = atSA || e.instance.device == c.admin.Coprocessor
	}
	var confirmed *target
	for _, l := range c.instancesOf(s.peer) {
		if slices.Contains(l.late, s.atTarget) && l.keySet != nil && l.keySet != s {
			confirmed = l
		}
	}
	switch {
	case confirmed != nil:
		c.find(Exception, rule, confirmed.key, "%s had set the master key from share set %s before it knew of the cancel, and set %s confirmed it", s.peer, id, short(confirmed.keySet.id))
	case t != nil && c.late(t, s):
		has := "HAS"
		if t.changed != nil {
			has = "HAD" // target tells what it has now
		}
		c.find(Exception, rule, t.key, "%s %s THE MASTER KEY from share set %s, which the source cancelled: the cancel came too late, and this target must be looked at%s", s.peer, has, id, c.tell(s, s.atTarget != nil, s.peer))
	case s.atTarget == nil && c.here(c.nodes[s.peer]):
		c.find(Exception, rule, s.canceled, "the cancel of set %s is not known at %s: shares of it that are on sticks can still be installed there%s", id, s.peer, c.tell(s, false, s.peer))
	}
	if !atSA && c.here(c.admin) {
		c.find(Exception, rule, s.canceled, "the cancel of set %s for %s is not known at the SA%s", id, s.peer, c.tell(s, false, c.admin.Name))
	}
}

// tell names who can hand out a cancel again to a node that does not know of it: the
// source, as long as it has the store that made it, and whoever took it in. It is
// empty where the node knows, and where nobody can, or nobody would take it in.
func (c cancelRule) tell(s *shareSet, knows bool, to string) string {
	if knows || c.sourceRevoked(s) {
		return ""
	}
	for _, e := range append([]*entry{s.canceled, s.atTarget}, s.known...) {
		if e != nil && c.current[e.instance.device] == e.instance && e.name() != to {
			return fmt.Sprintf(". To tell %s: `gapferry resend --kind cancel --target %s` at %s, then `gapferry cancel --from` there", to, s.peer, e.name())
		}
	}
	return ""
}

// sourceRevoked reports whether the SA took back the certificate under which the source
// cancelled a set: the cancel is refused then, as the set is.
func (c cancelRule) sourceRevoked(s *shareSet) bool {
	var under, upTo uint32
	for _, g := range c.grants[c.source.Name] {
		if s.canceled != nil && g.entry.at < s.canceled.at {
			under = max(under, g.certificate.Claims().Generation)
		}
	}
	for _, e := range c.entries {
		if d, err := journal.DataOf[journal.RevokeData](*e.Record); e.Event == journal.EventRevoked && e.Peer == c.source.Name && err == nil {
			upTo = max(upTo, d.Generation)
		}
	}
	return under > 0 && under <= upTo
}
