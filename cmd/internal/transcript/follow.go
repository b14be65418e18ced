package transcript

import (
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// replayTimeline goes once over the timeline and keeps what the rules ask for.
func (p *replay) replayTimeline() {
	for _, n := range p.plan.Targets() {
		p.targets[n.Name] = &target{node: n}
	}
	f := replayer{p, map[string]*shareSet{}, map[string]map[int]*entry{}, map[remarkKey][]*entry{}}
	var subjects []*entry // remarks that say more of their subject
	for _, e := range p.entries {
		switch e.Event {
		case journal.EventWritten:
			f.wrote(e)
		case journal.EventCopied:
			if e.Bundle != nil && e.Kind == bundle.KindShare {
				p.copied[*e.Bundle] = append(p.copied[*e.Bundle], e)
			}
			if e.Bundle != nil && !slices.Contains(p.copies[*e.Bundle], e.Text) {
				p.copies[*e.Bundle] = append(p.copies[*e.Bundle], e.Text)
			}
		case journal.EventReceived:
			f.received(e)
		case journal.EventTask:
			f.did(e)
		case journal.EventAct, journal.EventFound:
			f.registers(e)
			f.unregistered(e)
			f.begunAnew(e)
		case journal.EventCleared:
			f.cleared(e)
			f.registers(e)
		case journal.EventCanceled:
			f.canceled(e)
		case journal.EventRevoked:
			f.revoked(e)
		case journal.EventNote:
			if n := journal.CopyOf(*e.Record); n > 0 {
				k := remarkKey{e.Peer, e.Share, n}
				f.remarks[k] = append(f.remarks[k], e)
			} else if len(e.Data) > 0 {
				subjects = append(subjects, e)
			} else if e.Share != 0 && e.Peer != "" {
				k := remarkKey{e.Peer, e.Share, 0}
				f.remarks[k] = append(f.remarks[k], e)
			}
		}
	}
	f.account(f.remarks)
	for _, e := range subjects {
		switch subjectOf(e) {
		case journal.SubjectJournal:
			f.accountLost(e)
		case journal.SubjectLeftOut:
			f.accountLeftOut(e)
		}
	}
}

// replayer is what replayTimeline needs on its way.
type replayer struct {
	*replay
	current map[string]*shareSet      // at the source, by target
	givenUp map[string]map[int]*entry // before the set has a name
	remarks map[remarkKey][]*entry
}

// set is the share set of that id. The first that names it says for whom it is.
func (f *replayer) set(id coproc.ShareSetID, peer string) *shareSet {
	s := f.sets[id]
	if s == nil {
		s = &shareSet{id: id, peer: peer, shares: map[int]*share{}, givenUp: map[int]*entry{}}
		f.sets[id] = s
		f.byPeer[peer] = append(f.byPeer[peer], s)
	}
	return s
}

func (f *replayer) wrote(e *entry) {
	d, err := journal.DataOf[journal.WrittenData](*e.Record)
	if err != nil || e.Bundle == nil {
		return // sent-received tells of it
	}
	e.instance.last[e.name()] = max(e.instance.last[e.name()], d.Sequence)
	switch e.Kind {
	case bundle.KindShare:
		s := f.set(d.ShareSet, e.Peer)
		if s.shares[e.Share] == nil {
			s.shares[e.Share] = &share{set: s, index: e.Share, written: e, payload: d.Payload}
			f.shares[*e.Bundle] = s.shares[e.Share]
		}
		for i, up := range f.givenUp[e.Peer] {
			s.givenUp[i] = up
		}
		delete(f.givenUp, e.Peer)
		f.current[e.Peer] = s
	case bundle.KindStatement:
		if s := f.current[e.Peer]; s != nil {
			s.written = e
		}
	case bundle.KindReceipt:
		if t := f.targetAt(e.instance, e.name()); t != nil {
			t.receipt = e
		}
	}
}

// took notes where a bundle was taken in.
func (f *replayer) took(e *entry) {
	if e.Bundle == nil {
		return
	}
	f.taken[*e.Bundle] = append(f.taken[*e.Bundle], e)
	if k := (instanceDigest{e.instance, *e.Bundle}); f.firstTaken[k] == nil {
		f.firstTaken[k] = e
	}
}

func (f *replayer) received(e *entry) {
	f.took(e)
	switch e.Kind {
	case bundle.KindStatement:
		t, st := f.targetAt(e.instance, e.name()), f.stated(e)
		if t == nil || st == nil {
			return
		}
		t.set = f.set(st.ShareSet, e.name())
		t.set.received, t.set.statement = e, st
	case bundle.KindReceipt:
		if t := f.makerOf(e); t != nil {
			t.receiptAt = append(t.receiptAt, e)
		}
	case bundle.KindCancel:
		if d, err := journal.DataOf[journal.CancelData](*e.Record); err == nil {
			if s := f.sets[d.ShareSet]; s != nil {
				s.known = append(s.known, e)
			}
		}
	}
}

func (f *replayer) did(e *entry) {
	f.took(e)
	t := f.targetAt(e.instance, e.name())
	if t == nil || t == f.targets[e.name()] { // Table 2 is filled in by the current instance
		f.done[keyOf(e)] = e
	}
	switch e.Task {
	case procedure.TaskObtainShares:
		s := f.current[e.Peer]
		if s != nil && s.shares[e.Share] != nil {
			s.shares[e.Share].obtained = e
			return
		}
		if s != nil {
			s.givenUp[e.Share] = e
			return
		}
		if f.givenUp[e.Peer] == nil {
			f.givenUp[e.Peer] = map[int]*entry{}
		}
		f.givenUp[e.Peer][e.Share] = e
	case procedure.TaskInstallShares:
		if t != nil {
			if t.installs == nil {
				t.installs = map[int]bool{}
			}
			t.installs[e.Share] = true
		}
		if e.Bundle != nil && f.shares[*e.Bundle] != nil {
			f.shares[*e.Bundle].installed = e
		}
	case procedure.TaskVerify:
		if t != nil {
			t.verified = e
		}
	case procedure.TaskSet:
		if t != nil {
			t.key, t.keySet, t.keyShares = e, t.set, t.installed()
			t.after, t.changed = nil, nil // it is the current one now, whatever was before
		}
	}
}

// keyOf is the row of a task's record.
func keyOf(e *entry) rowKey {
	k := rowKey{e.name(), e.Task, e.name(), e.Share}
	if e.Peer != "" {
		k.subject = e.Peer
	}
	return k
}

// cleared empties the new register of a target: what was installed is gone.
func (f *replayer) cleared(e *entry) {
	if t := f.targetAt(e.instance, e.name()); t != nil && (t.key == nil || t.set != nil && t.set != t.keySet) {
		f.forget(t) // once it was set, nothing of it is left in the new register
	}
}

func (f *replayer) forget(t *target) {
	name := t.node.Name
	counts := t == f.targets[name]
	for i := 1; i <= f.plan.N; i++ {
		if counts {
			delete(f.done, rowKey{name, procedure.TaskInstallShares, name, i})
		}
		if t.set != nil && t.set.shares[i] != nil {
			t.set.shares[i].installed = nil
		}
	}
	if counts {
		delete(f.done, rowKey{name, procedure.TaskVerify, name, 0})
	}
	t.verified, t.installs = nil, nil
}

func (f *replayer) canceled(e *entry) {
	f.took(e)
	d, err := journal.DataOf[journal.CancelData](*e.Record)
	if err != nil {
		return // cancel tells of it
	}
	if e.node == f.source {
		if d.ShareSet != (coproc.ShareSetID{}) {
			f.set(d.ShareSet, e.Peer).canceled = e
		}
		for i := 1; i <= f.plan.N; i++ {
			delete(f.done, rowKey{e.name(), procedure.TaskObtainShares, e.Peer, i})
		}
		delete(f.current, e.Peer)
		delete(f.givenUp, e.Peer)
		return
	}
	t := f.targetAt(e.instance, e.name())
	if t == nil {
		return
	}
	s := f.set(d.ShareSet, e.name())
	s.known, s.atTarget = append(s.known, e), e
	switch {
	case t.set != s:
	case t.key == nil || t.keySet != s:
		f.forget(t)
		t.set = nil
	default: // too late: it has the key, and another set can confirm it
		t.late = append(t.late, e)
		t.set, t.verified, t.installs = nil, nil, nil
	}
}

func (f *replayer) revoked(e *entry) {
	d, err := journal.DataOf[journal.RevokeData](*e.Record)
	if err != nil {
		return // revoke tells of it
	}
	if t := f.targets[e.Peer]; t != nil && d.Node.Name == e.Peer && d.Generation >= t.upTo {
		t.revoked, t.upTo = e, d.Generation
	}
}

// registers follows what is in the current register of a target and of the
// source after the master key was set there, or given out.
func (f *replayer) registers(e *entry) {
	d := f.registersOf(e)
	if d == nil || e.node == nil {
		return
	}
	if t := f.targetAt(e.instance, e.name()); t != nil && t.key != nil {
		t.after, t.changed = d, nil
		if !holds(d.Current, t.key.Data) {
			t.changed = e
		}
	}
	if e.node == f.source && f.obtained() != nil && !e.instance.superseded {
		f.sourceAfter, f.sourceChanged = d, nil
		if !holds(d.Current, f.obtained().Data) {
			f.sourceChanged = e
		}
	}
}

// unregistered: a hash that was taken back is not registered at any node of its
// coprocessor.
func (f *replayer) unregistered(e *entry) {
	if !e.Unregisters() || e.Task != procedure.TaskUnregister {
		return
	}
	for _, n := range e.instance.nodes {
		delete(f.done, rowKey{n.Name, procedure.TaskRegisterHash, n.Name, 0})
	}
}

// begunAnew: rows of Table 2 that were done with those keys are to be done again.
func (f *replayer) begunAnew(e *entry) {
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
	if t := f.targetAt(e.instance, e.name()); t != nil && t.key == nil {
		f.forget(t)
		t.set = nil
	}
}
