package history

import (
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// WasSet reports whether a target set the master key that it was given, of a
// share set that is good as far as it knows.
func (s *State) WasSet(node string) bool {
	_, set := s.tasks[TaskKey{Node: node, Task: procedure.TaskSet}]
	return set
}

// clearInstalled: what was installed at a node is gone. It may be installed
// and verified again.
func (s *State) clearInstalled(node string) {
	for k, done := range s.tasks {
		if k.Node == node && (k.Task == procedure.TaskInstallShares || k.Task == procedure.TaskVerify) {
			if done.Bundle != nil {
				delete(s.Seen, *done.Bundle)
			}
			delete(s.tasks, k)
		}
	}
}

// cancel: a share set is void, at its source or at its target. A record of the
// target names the bundle that told it.
func (s *State) cancel(r journal.Record) error {
	if r.Kind == bundle.KindCancel {
		return s.cancelHere(r)
	}
	// Nothing of it is handed out again, and all of its shares may be obtained
	// anew.
	for k := range s.tasks {
		if k.Node == r.Node && k.Task == procedure.TaskObtainShares && k.Peer == r.Peer {
			delete(s.tasks, k)
		}
	}
	s.Outbox = slices.DeleteFunc(s.Outbox, func(w Written) bool {
		return w.From == r.Node && w.Peer == r.Peer && (w.Kind == bundle.KindShare || w.Kind == bundle.KindStatement)
	})
	if len(r.Data) == 0 {
		return nil // nothing had been begun
	}
	return s.void(r)
}

// cancelHere: the target knows that a share set is void. It touches that set
// alone: a cancel that somebody held back can come when another set is here.
func (s *State) cancelHere(r journal.Record) error {
	d, err := journal.DataOf[journal.CancelData](r)
	if err != nil {
		return err
	}
	if r.Bundle != nil {
		s.Seen[*r.Bundle] = true
	}
	k := receivedKey{r.Node, bundle.KindStatement, r.Peer}
	last := s.Received[k]
	if last.Bundle != nil && s.Statements[*last.Bundle] == d.ShareSet {
		// What was set stays. Phase 3d begins once more all the same: another set
		// confirms the key, with a receipt that is worth something.
		delete(s.tasks, TaskKey{Node: r.Node, Task: procedure.TaskSet})
		s.clearInstalled(r.Node)
		delete(s.Seen, *last.Bundle) // it is void, which says more than a replay
		delete(s.Received, k)
	}
	return s.void(r)
}

func (s *State) void(r journal.Record) error {
	d, err := journal.DataOf[journal.CancelData](r)
	if err == nil {
		s.Cancelled[d.ShareSet] = d
	}
	return err
}

func (s *State) revoke(r journal.Record) error {
	d, err := journal.DataOf[journal.RevokeData](r)
	if err == nil && d.Generation > s.Revoked[r.Peer].Generation {
		s.Revoked[r.Peer] = d
	}
	return err
}

// unregister keeps that a hash is to be taken back, or was: then every node of
// the coprocessor may register one again.
func (s *State) unregister(r journal.Record) {
	switch r.Task {
	case procedure.TaskAskUnregister:
		s.AskedUnregister = &r
	case procedure.TaskWithdrawUnregister:
		s.AskedUnregister = nil
	case procedure.TaskUnregister:
		s.AskedUnregister = nil
		for k := range s.tasks {
			if k.Task == procedure.TaskRegisterHash {
				delete(s.tasks, k)
			}
		}
	}
}

// beginAnew: what was done with the keys that are gone is done no more. Only the
// audit of the access controls and the registers stay.
func (s *State) beginAnew(r journal.Record) error {
	switch r.Task {
	case procedure.TaskAskAnew:
		s.AskedAnew = &r
		return nil
	case procedure.TaskWithdrawAnew:
		s.AskedAnew = nil
		return nil
	}
	d, err := journal.DataOf[journal.AnewData](r)
	if err != nil {
		return err
	}
	s.AskedAnew, s.Since[r.Node] = nil, r.Seq
	for k, done := range s.tasks {
		registration := k.Task == procedure.TaskRegisterHash || k.Task == procedure.TaskRegisterKey
		switch {
		case k.Node != r.Node, k.Task == procedure.TaskAudit, registration && d.Keeps:
			continue
		case k.Task == procedure.TaskInstallShares && done.Bundle != nil:
			delete(s.Seen, *done.Bundle) // its set is void, which says more than a replay
		}
		delete(s.tasks, k)
	}
	for k, rec := range s.Received {
		switch {
		case k.node != r.Node, k.kind == bundle.KindSAKey && d.Keeps:
			continue
		case k.kind == bundle.KindSAKey:
			delete(s.Seen, *rec.Bundle) // the same SA may be registered again
		}
		delete(s.Received, k)
	}
	kept := s.Outbox[:0:0]
	for _, w := range s.Outbox {
		if w.Set != (coproc.ShareSetID{}) && w.From == r.Node {
			s.Cancelled[w.Set] = journal.CancelData{ShareSet: w.Set, Reason: d.Reason, By: r.Profile}
		}
		if w.From != r.Node || w.Kind == bundle.KindJournal {
			kept = append(kept, w)
			continue
		}
		s.FormerOutbox = append(s.FormerOutbox, w)
	}
	s.Outbox = kept
	return nil
}

// meetSA keeps who the SA is. Another one counts its certificates from 1; what the
// former took back stays so for the keys that were in it, and if the former comes
// back, for its certificates, too.
func (s *State) meetSA(r journal.Record) error {
	keys, err := journal.DataOf[coproc.Keys](r)
	if err != nil {
		return err
	}
	before, ok := s.sa[r.Node]
	s.sa[r.Node] = keys.Sign
	if !ok || before == keys.Sign {
		return nil
	}
	for key, holders := range s.Holders {
		for _, h := range holders {
			if d, ok := s.Revoked[h.Node]; ok && h.Generation <= d.Generation {
				s.Tainted[key] = Taint{h, d}
			}
		}
	}
	s.ofSA[before] = certified{s.Holders, s.Revoked}
	now, ok := s.ofSA[keys.Sign]
	if !ok {
		now = certified{map[string][]Holder{}, map[string]journal.RevokeData{}}
	}
	s.Holders, s.Revoked, s.compared = now.holders, now.revoked, map[sourceOf][]string{}
	return nil
}

// RegisteredSA is the SA key that a node registered last; false where it never did.
func (s *State) RegisteredSA(node string) (coproc.PublicKey, bool) {
	key, ok := s.sa[node]
	return key, ok
}

// certified is what is known of the certificates of one SA: Holders and Revoked of
// State, as they were when another took its place.
type certified struct {
	holders map[string][]Holder
	revoked map[string]journal.RevokeData
}

// Taint is why a key is not certified again: an SA that is not here any more took
// back a certificate that it was in.
type Taint struct {
	Held    Holder
	Revoked journal.RevokeData
}

// hold keeps which keys a certificate is for.
func (s *State) hold(certificate []byte) {
	c, err := coproc.UnverifiedClaims(certificate) // verified when it was taken in, or made here; the record is signed
	if err != nil {
		return
	}
	for _, k := range c.Keys.Named() {
		h := Holder{c.Node.Name, c.Generation, k.Name}
		if !slices.Contains(s.Holders[k.Text], h) {
			s.Holders[k.Text] = append(s.Holders[k.Text], h)
		}
	}
}

// Holder is a certificate, given out or taken in here, that a key was in.
type Holder struct {
	Node       string
	Generation uint32
	Key        string // what the key is there: see coproc.Keys.Named
}
