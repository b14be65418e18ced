package transcript

import (
	"bytes"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// earlierSA is what coprocessors did under another SA before they began anew.
type earlierSA struct {
	*journals
	formerTimesOf []*formerTime
	formerSA      map[coproc.PublicKey]bool
	formerBundles map[coproc.Digest]bool // that records of another SA's time name
	formerAside   int                    // bundles of that time that were carried
	formerKeys    map[string]*entry      // by target: the master key was set then
}

func newEarlierSA(j *journals) *earlierSA {
	return &earlierSA{journals: j, formerSA: map[coproc.PublicKey]bool{}, formerBundles: map[coproc.Digest]bool{}, formerKeys: map[string]*entry{}}
}

// A coprocessor can begin anew and keep its master key: two officers had it forget
// the SA key, its own keys and its share sets. Under the same SA all of it is
// judged here. What it did under another SA is not: nothing of that can be
// verified with the card of this one.

// eventFormer stands for whatever a record of another SA's time tells: no rule
// knows it.
const eventFormer journal.Event = "former"

// formerTime is what one instance of a coprocessor did under other SAs.
type formerTime struct {
	by      *entry            // the act that ended it
	hash    coproc.Thumbprint // of the SA key then
	records int
	shares  int // that were given out
}

// formerTimes sets aside what was done under another SA: the acts on registers and
// the audit stay, as they rest on no SA.
func (s *earlierSA) formerTimes() {
	for _, l := range s.instances {
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
			if err != nil || d.Keeps || d.Hash == s.hash || sa == nil || sa.Sign.Thumbprint() != d.Hash || !s.twoBegan(ask, e) {
				continue // order and officer tell of what cannot be
			}
			s.formerSA[sa.Sign] = true
			s.setAside(l, l.entries[:i], &formerTime{by: e, hash: d.Hash})
		}
	}
}

// twoBegan reports whether the two officers of the plan had a coprocessor begin
// anew. With less nothing is set aside: one officer with a program of their own can
// write such records, after another SA key of their own, behind what is to be hidden.
func (s *earlierSA) twoBegan(ask, e *entry) bool {
	return ask != nil && e.node != nil && ask.node == e.node && bytes.Equal(ask.Data, e.Data) &&
		ask.Profile == e.node.Officers.RegisterHash && e.Profile == e.node.Officers.RegisterKey && !s.samePerson(ask.Profile, e.Profile)
}

func (s *earlierSA) setAside(l *instance, entries []*entry, f *formerTime) {
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
			s.formerKeys[e.node.Name] = e
			e.pattern = e.Data
		}
		if e.Bundle != nil {
			s.formerBundles[*e.Bundle] = true
		}
		if d, err := journal.DataOf[journal.WrittenData](*e.Record); err == nil && e.Event == journal.EventWritten {
			l.last[e.name()] = max(l.last[e.name()], d.Sequence)
		}
		aside := journal.Record{
			Seq: e.Seq, Time: e.Time, Profile: e.Profile, Node: e.Record.Node, Phase: e.Phase, Means: e.Means,
			Event: eventFormer, Text: "under another SA: " + s.what(e),
		}
		e.Record = &aside
	}
	s.formerTimesOf = append(s.formerTimesOf, f)
}

// isFormer reports whether a bundle is of another SA's time: a record says so that
// its officer signed, it answers one of those, or that SA's key vouches for it.
func (s *earlierSA) isFormer(b *carried) bool {
	if s.formerBundles[b.digest] || s.formerBundles[b.header.Answers] {
		return true
	}
	for sa := range s.formerSA {
		_, err := b.sealed.Verify(bundle.Anchors{Ceremony: s.plan.CeremonyID(), SAKey: sa, Now: headerTime(b.header)})
		if err == nil && b.header.Kind != bundle.KindCSSKey && b.header.Kind != bundle.KindCSRKey {
			return true
		}
	}
	return false
}
