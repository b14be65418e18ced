package history

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// TaskKey says which task at which node: about which other node, and with
// which share, where it has them.
type TaskKey struct {
	Node  string
	Task  procedure.TaskID
	Peer  string
	Share int
}

// Written is a bundle in the outbox.
type Written struct {
	Digest  coproc.Digest
	Answers coproc.Digest
	Kind    bundle.Kind
	From    string
	Peer    string
	Share   int
	Folder  string
	Name    string
	Set     coproc.ShareSetID // of share and cancel
	Seq     uint64            // of the record that tells of it
	Copies  []string          // carriers it was copied to
}

// State is what the records of a journal come to: which tasks are done, what
// was made and taken in, and what of it is void. It is read freely; Apply alone
// changes it, but for Reopen.
type State struct {
	Init     journal.InitData
	tasks    map[TaskKey]journal.Record
	Outbox   []Written
	Sequence map[string]uint64 // last sequence number used by each node

	// Received has the latest bundle taken in of each kind from each node
	// (for csr-cert: about each node).
	Received map[receivedKey]journal.Record
	// Seen has every bundle ever taken in, so that none is taken twice.
	Seen map[coproc.Digest]bool
	// Cancelled has the share sets that were cancelled, as far as is known here.
	Cancelled map[coproc.ShareSetID]journal.CancelData
	// Statements has the share set of each statement that was made or taken in
	// here, of void sets as well.
	Statements map[coproc.Digest]coproc.ShareSetID
	// Revoked has, for each node, what the SA took back last.
	Revoked map[string]journal.RevokeData
	// compared has the profiles that compared the source's keys.
	compared map[sourceOf][]string
	// Holders has, for each key, the certificates that it was in.
	Holders map[string][]Holder
	// registers has, for each node and class, the last record that tells what
	// its master-key registers are.
	registers map[registersKey]journal.Record
	// LastSet has, for each target, the record of the master key that it set
	// last. It stays when the share set of it is cancelled too late, and phase 3d
	// begins once more.
	LastSet map[string]journal.Record
	// AskedUnregister is the request to take the SA-key hash back, or nil. It is
	// open as long as the SA key is not registered.
	AskedUnregister *journal.Record

	// AskedAnew is the request to begin anew, or nil.
	AskedAnew *journal.Record
	// Since has, for each node, the record by which it began anew last.
	Since map[string]uint64
	// FormerOutbox are the bundles that were made before that.
	FormerOutbox []Written
	// sa has, for each node, the SA key that it registered last.
	sa map[string]coproc.PublicKey
	// ofSA has what was known under each former SA key, for the day it comes back.
	ofSA map[coproc.PublicKey]certified
	// Tainted has the keys that a former SA took back.
	Tainted map[string]Taint
}

type registersKey struct {
	node  string
	class coproc.Class
}

type receivedKey struct {
	node string // that took it in
	kind bundle.Kind
	peer string
}

// Replay applies records, oldest first, to an empty history. Data that is not
// what its event has is refusal.ErrJournal.
func Replay(records []journal.Record) (*State, error) {
	s := &State{
		tasks:     map[TaskKey]journal.Record{},
		Sequence:  map[string]uint64{},
		Received:  map[receivedKey]journal.Record{},
		Seen:      map[coproc.Digest]bool{},
		Cancelled: map[coproc.ShareSetID]journal.CancelData{},

		Statements: map[coproc.Digest]coproc.ShareSetID{},
		Revoked:    map[string]journal.RevokeData{},
		compared:   map[sourceOf][]string{},
		Holders:    map[string][]Holder{},

		registers: map[registersKey]journal.Record{},
		LastSet:   map[string]journal.Record{},

		Since:   map[string]uint64{},
		sa:      map[string]coproc.PublicKey{},
		ofSA:    map[coproc.PublicKey]certified{},
		Tainted: map[string]Taint{},
	}
	for i := range records {
		if err := s.Apply(records[i]); err != nil {
			return nil, fmt.Errorf("%w: record %d: %v", refusal.ErrJournal, records[i].Seq, err)
		}
	}
	return s, nil
}

// Apply adds the next record.
func (s *State) Apply(r journal.Record) error {
	switch r.Event {
	case journal.EventInit:
		return detcbor.Unmarshal(r.Data, &s.Init)
	case journal.EventTask:
		s.tasks[TaskKey{r.Node, r.Task, r.Peer, r.Share}] = r
		if r.Bundle != nil {
			s.Seen[*r.Bundle] = true // the request that a certificate answers
		}
		if r.Task == procedure.TaskSet {
			s.LastSet[r.Node] = r
		}
		if r.Task == procedure.TaskCertifyCSS || r.Task == procedure.TaskCertifyCSR {
			s.hold(r.Data)
		}
	case journal.EventAct, journal.EventFound:
		if r.Unregisters() {
			s.unregister(r)
			return nil
		}
		if r.BeginsAnew() {
			return s.beginAnew(r)
		}
		return s.keepRegisters(r)
	case journal.EventCleared:
		// After the key was set nothing of it is left in the new register.
		if !s.WasSet(r.Node) {
			s.clearInstalled(r.Node)
		}
		return s.keepRegisters(r)
	case journal.EventCanceled:
		return s.cancel(r)
	case journal.EventRevoked:
		return s.revoke(r)
	case journal.EventCompared:
		d, err := journal.DataOf[journal.ComparedData](r)
		if err != nil {
			return err
		}
		of := sourceOf{r.Node, d.Certificate, d.ShareSet}
		s.compared[of] = append(s.compared[of], r.Profile)
	case journal.EventReceived:
		s.Received[receivedKey{r.Node, r.Kind, r.Peer}] = r
		if r.Bundle != nil {
			s.Seen[*r.Bundle] = true
		}
		switch r.Kind {
		case bundle.KindSAKey:
			return s.meetSA(r)
		case bundle.KindCSSCert, bundle.KindCSRCert:
			s.hold(r.Data)
		case bundle.KindStatement:
			if set, ok := SetOf(r); ok && r.Bundle != nil {
				s.Statements[*r.Bundle] = set
			}
		case bundle.KindCancel: // at the SA, which has nothing else of the set
			return s.void(r)
		case bundle.KindRevoke:
			return s.revoke(r)
		}
	case journal.EventWritten:
		var d journal.WrittenData
		if err := detcbor.Unmarshal(r.Data, &d); err != nil {
			return err
		}
		if r.Bundle == nil {
			return fmt.Errorf("no bundle")
		}
		s.Sequence[r.Node] = max(s.Sequence[r.Node], d.Sequence)
		if r.Kind == bundle.KindStatement {
			s.Statements[*r.Bundle] = s.SetFor(r.Node, r.Peer)
		}
		s.Outbox = append(s.Outbox, Written{
			Digest: *r.Bundle, Answers: d.Answers, Kind: r.Kind, From: r.Node, Peer: r.Peer, Share: r.Share, Folder: d.Folder, Name: d.Name, Set: d.ShareSet, Seq: r.Seq,
		})
	case journal.EventCopied:
		for _, made := range [][]Written{s.Outbox, s.FormerOutbox} {
			for i := range made {
				if r.Bundle != nil && made[i].Digest == *r.Bundle {
					made[i].Copies = append(made[i].Copies, r.Text)
				}
			}
		}
	}
	return nil
}

// SetFor is the share set that a source is giving out to a target.
func (s *State) SetFor(source, target string) (set coproc.ShareSetID) {
	for _, w := range s.Outbox {
		if w.From == source && w.Peer == target && w.Kind == bundle.KindShare {
			set = w.Set
		}
	}
	return set
}

// SetOf is the share set that a record tells to be in use: a share of it was
// made, its statement taken in, or the receipt of a target that set its key.
func SetOf(r journal.Record) (set coproc.ShareSetID, ok bool) {
	switch {
	case r.Event == journal.EventWritten && r.Kind == bundle.KindShare:
		d, err := journal.DataOf[journal.WrittenData](r)
		return d.ShareSet, err == nil
	case r.Event == journal.EventReceived && r.Kind == bundle.KindReceipt:
		d, err := journal.DataOf[journal.ReceiptData](r)
		return d.ShareSet, err == nil
	case r.Event == journal.EventReceived && r.Kind == bundle.KindStatement:
		d, err := journal.DataOf[journal.StatedData](r)
		if err != nil {
			return set, false
		}
		s, err := coproc.UnverifiedStatement(d.Statement) // verified when it was taken in; the record is signed
		return s.ShareSet, err == nil
	}
	return set, false
}

// Done returns the record of a task that was done.
func (s *State) Done(k TaskKey) (journal.Record, bool) {
	r, ok := s.tasks[k]
	return r, ok
}

// LastWritten returns the latest bundle of a kind that a node wrote.
func (s *State) LastWritten(from string, kind bundle.Kind, peer string, share int) *Written {
	for i := len(s.Outbox) - 1; i >= 0; i-- {
		w := &s.Outbox[i]
		if w.From == from && w.Kind == kind && w.Peer == peer && w.Share == share {
			return w
		}
	}
	return nil
}

// LastReceived returns the record of the latest bundle that a node took in, of a
// kind and from a peer.
func (s *State) LastReceived(node string, kind bundle.Kind, peer string) (journal.Record, bool) {
	r, ok := s.Received[receivedKey{node, kind, peer}]
	return r, ok
}

// keepRegisters keeps the last record that tells of the registers of a class.
func (s *State) keepRegisters(r journal.Record) error {
	if len(r.Data) == 0 {
		return nil // an act on something else
	}
	d, err := journal.DataOf[journal.ActData](r)
	if err == nil {
		s.registers[registersKey{r.Node, d.Class}] = r
	}
	return err
}

// sourceOf is whose keys an officer compared: a certificate of the source, and
// the share set that is believed because of it.
type sourceOf struct {
	node        string // the target
	certificate coproc.Digest
	set         coproc.ShareSetID
}

// LastRegisters returns the last record that tells what the registers of a class
// are at a node.
func (s *State) LastRegisters(node string, class coproc.Class) (journal.Record, bool) {
	r, ok := s.registers[registersKey{node, class}]
	return r, ok
}

// IsLatest reports whether a bundle is the latest taken in of its kind.
func (s *State) IsLatest(digest coproc.Digest) bool {
	for _, rec := range s.Received {
		if rec.Bundle != nil && *rec.Bundle == digest {
			return true
		}
	}
	return false
}

// Used reports whether a task that is done was done with a bundle: a request that
// was certified, a share that was installed.
func (s *State) Used(digest coproc.Digest) bool {
	for _, rec := range s.tasks {
		if rec.Bundle != nil && *rec.Bundle == digest {
			return true
		}
	}
	return false
}

// ComparedBy reports whether one of some profiles compared, at a target, the
// source's keys in a certificate for a share set.
func (s *State) ComparedBy(target string, certificate coproc.Digest, set coproc.ShareSetID, profiles []string) bool {
	by := s.compared[sourceOf{target, certificate, set}]
	return slices.ContainsFunc(profiles, func(p string) bool { return slices.Contains(by, p) })
}

// Reopen counts a task as not done, until it is done once more or restored. No
// record says so.
func (s *State) Reopen(k TaskKey) { delete(s.tasks, k) }

// Restore ends Reopen where nothing was done.
func (s *State) Restore(k TaskKey, done journal.Record) { s.tasks[k] = done }
