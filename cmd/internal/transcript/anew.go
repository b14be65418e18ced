package transcript

import (
	"bytes"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// A coprocessor can begin anew and keep its master key: two officers had it forget
// the SA key, its own keys and its share sets. Under the same SA all of it is
// judged here. What it did under another SA is not: nothing of that can be
// verified with the card of this one.

// eventFormer stands for whatever a record of another SA's time tells: no rule
// knows it.
const eventFormer journal.Event = "former"

// formerTime is what one life of a coprocessor did under other SAs.
type formerTime struct {
	by      *entry            // the act that ended it
	hash    coproc.Thumbprint // of the SA key then
	records int
	shares  int // that were given out
}

// formerTimes sets aside what was done under another SA: the acts on registers and
// the audit stay, as they rest on no SA.
func (c *checker) formerTimes() {
	for _, l := range c.lives {
		var sa *coproc.Keys
		var asked *entry
		for i, e := range l.entries {
			if e.BeginsAnew() && e.Task != procedure.TaskAnew {
				if asked = nil; e.Task == procedure.TaskAskAnew {
					asked = e
				}
			}
			if e.is(journal.EventReceived, bundle.KindSAKey) {
				sa = new(coproc.Keys)
				if err := detcbor.Unmarshal(e.Data, sa); err != nil {
					sa = nil
				}
			}
			if e.Event != journal.EventAct || e.Task != procedure.TaskAnew {
				continue
			}
			ask := asked
			asked = nil
			d, err := journal.DataOf[journal.AnewData](*e.Record)
			if err != nil || d.Keeps || d.Hash == c.hash || sa == nil || sa.Sign.Thumbprint() != d.Hash || !c.twoBegan(ask, e) {
				continue // order and officer tell of what cannot be
			}
			c.formerSA[sa.Sign] = true
			c.setAside(l, l.entries[:i], &formerTime{by: e, hash: d.Hash})
		}
	}
}

// twoBegan reports whether the two officers of the plan had a coprocessor begin
// anew. With less nothing is set aside: one officer with a program of their own can
// write such records, after another SA key of their own, behind what is to be hidden.
func (c *checker) twoBegan(ask, e *entry) bool {
	return ask != nil && e.node != nil && ask.node == e.node && bytes.Equal(ask.Data, e.Data) &&
		ask.Profile == e.node.Officers.RegisterHash && e.Profile == e.node.Officers.RegisterKey && !c.samePerson(ask.Profile, e.Profile)
}

func (c *checker) setAside(l *life, entries []*entry, f *formerTime) {
	for _, e := range entries {
		switch e.Event {
		case journal.EventTask, journal.EventReceived, journal.EventWritten, journal.EventCopied,
			journal.EventCanceled, journal.EventRevoked, journal.EventCompared:
		default:
			continue
		}
		if e.isTask(procedure.TaskAudit) {
			continue
		}
		f.records++
		if e.is(journal.EventWritten, bundle.KindShare) {
			f.shares++
		}
		if e.isTask(procedure.TaskSet) && e.node != nil {
			c.formerKeys[e.node.Name] = e
			e.pattern = e.Data
		}
		if e.Bundle != nil {
			c.formerBundles[*e.Bundle] = true
		}
		if d, err := journal.DataOf[journal.WrittenData](*e.Record); err == nil && e.Event == journal.EventWritten {
			l.last[e.name()] = max(l.last[e.name()], d.Sequence)
		}
		aside := journal.Record{
			Seq: e.Seq, Time: e.Time, Profile: e.Profile, Node: e.Record.Node, Phase: e.Phase, Means: e.Means,
			Event: eventFormer, Text: "under another SA: " + c.what(e),
		}
		e.Record = &aside
	}
	c.formerTimesOf = append(c.formerTimesOf, f)
}

// isFormer reports whether a bundle is of another SA's time: a record says so that
// its officer signed, it answers one of those, or that SA's key vouches for it.
func (c *checker) isFormer(b *carried) bool {
	if c.formerBundles[b.digest] || c.formerBundles[b.header.Answers] {
		return true
	}
	for sa := range c.formerSA {
		_, err := b.sealed.Verify(bundle.Anchors{Ceremony: c.plan.CeremonyID(), SAKey: sa, Now: headerTime(b.header)})
		if err == nil && b.header.Kind != bundle.KindCSSKey && b.header.Kind != bundle.KindCSRKey {
			return true
		}
	}
	return false
}

// began tells of coprocessors that began anew.
func (c *checker) began() {
	const rule = "anew"
	for _, e := range c.entries {
		if !e.BeginsAnew() || e.Task != procedure.TaskAnew {
			continue
		}
		if d, err := journal.DataOf[journal.AnewData](*e.Record); err == nil {
			c.find(Exception, rule, e, "%s began anew and kept its master key: %s", e.name(), d.Reason)
		}
	}
	for _, f := range c.formerTimesOf {
		c.find(Exception, rule, f.by, "%d records of %s before this one are of another SA key, %x…, and are not judged here: %d shares were given out then. Verify them with the card of that SA",
			f.records, f.by.name(), f.hash[:4], f.shares)
	}
	if c.formerAside > 0 {
		c.findAt(Exception, rule, Ref{}, "%d bundles are of another SA key, and are left aside", c.formerAside)
	}
	for name, e := range c.formerKeys {
		if t := c.targets[name]; t != nil && t.key == nil && c.hasFormerKey(t) {
			c.find(Exception, rule, e, "%s has had the master key since before the SA was exchanged: how it came there, the transcript of that SA tells", name)
		}
	}
}

// hasFormerKey reports whether a target set the source's master key under another
// SA, and has it still.
func (c *checker) hasFormerKey(t *target) bool {
	e := c.formerKeys[t.node.Name]
	obtained := c.done[rowKey{c.source.Name, procedure.TaskObtainMasterKey, c.source.Name, 0}]
	return e != nil && t.changed == nil && obtained != nil && len(e.pattern) > 0 && bytes.Equal(e.pattern, obtained.Data)
}

// anewOrder checks the acts of beginning anew: asked for first, while an SA key is
// registered, and each request answered once. It reports whether it was done.
func (c *checker) anewOrder(h *hashOrder, e *entry) (done bool, d journal.AnewData) {
	const rule = "order"
	if !e.BeginsAnew() {
		return false, d
	}
	d, err := journal.DataOf[journal.AnewData](*e.Record)
	if err != nil {
		c.fault("record", e, "it does not say which SA key, and why")
		return false, d
	}
	asked := h.anew
	switch {
	case e.Task == procedure.TaskAskAnew && asked != nil:
		c.fault(rule, e, "%s was done before, in record %d", e.Task, asked.Seq)
	case e.Task != procedure.TaskAskAnew && asked == nil:
		c.fault(rule, e, "%s, and nobody had asked for it", e.Task)
	case asked != nil && !bytes.Equal(e.Data, asked.Data):
		c.fault(rule, e, "%s of another SA key, or for another reason, than was asked for in record %d", e.Task, asked.Seq)
	case h.key != nil && d.Hash != c.hash:
		c.fault(rule, e, "%s of the SA key %x…, and the one that is registered is %x…", e.Task, d.Hash[:4], c.hash[:4])
	case d.Keeps != e.life.holds(c.admin):
		c.fault(rule, e, "%s says the wrong thing of whether the SA key is this coprocessor's own", e.Task)
	}
	if h.anew = nil; e.Task == procedure.TaskAskAnew {
		h.anew = e
	}
	if done = e.Task == procedure.TaskAnew; done && !d.Keeps {
		*h = hashOrder{}
	}
	return done, d
}

// holds reports whether a coprocessor has a node.
func (l *life) holds(n *plan.Node) bool { return n.Coprocessor == l.device }

// beginAnew forgets what was done with the keys that are gone.
func (o *nodeOrder) beginAnew(d journal.AnewData) {
	for k := range o.done {
		keeps := k.step == did(procedure.TaskAudit) ||
			d.Keeps && (k.step == did(procedure.TaskRegisterHash) || k.step == did(procedure.TaskRegisterKey) || k.step == received(bundle.KindSAKey))
		if !keeps {
			delete(o.done, k)
		}
	}
	o.settled, o.installs, o.set = map[string]int{}, 0, coproc.ShareSetID{}
}

// begunAnew: rows of Table 2 that were done with those keys are to be done again.
func (f *follower) begunAnew(e *entry) {
	if !e.BeginsAnew() || e.Task != procedure.TaskAnew || e.node == nil {
		return
	}
	d, _ := journal.DataOf[journal.AnewData](*e.Record)
	for k := range f.done {
		registration := k.task == procedure.TaskRegisterHash || k.task == procedure.TaskRegisterKey
		if k.node == e.node.Name && k.task != procedure.TaskAudit && !(registration && d.Keeps) {
			delete(f.done, k)
		}
	}
	if e.node == f.source {
		for peer, s := range f.current {
			s.void = e
			delete(f.current, peer)
		}
		f.givenUp = map[string]map[int]*entry{}
		return
	}
	if t := f.targetAt(e.life, e.name()); t != nil && t.key == nil {
		f.forget(t)
		t.set = nil
	}
}
