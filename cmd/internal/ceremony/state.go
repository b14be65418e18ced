package ceremony

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

// taskKey says which task at which node: about which other node, and with
// which share, where it has them.
type taskKey struct {
	node  string
	task  procedure.TaskID
	peer  string
	share int
}

// written is a bundle in the outbox.
type written struct {
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

// state is what the journal says happened here.
type state struct {
	init     journal.InitData
	tasks    map[taskKey]journal.Record
	outbox   []written
	sequence map[string]uint64 // last sequence number used by each node

	// received has the latest bundle taken in of each kind from each node
	// (for csr-cert: about each node).
	received map[receivedKey]journal.Record
	// seen has every bundle ever taken in, so that none is taken twice.
	seen map[coproc.Digest]bool
	// voided has the share sets that were cancelled, as far as is known here.
	voided map[coproc.ShareSetID]journal.CancelData
	// statements has the share set of each statement that was made or taken in
	// here, of void sets as well.
	statements map[coproc.Digest]coproc.ShareSetID
	// revoked has, for each node, what the SA took back last.
	revoked map[string]journal.RevokeData
	// compared has the profiles that compared the source's keys.
	compared map[sourceOf][]string
	// holders has, for each key, the certificates that it was in.
	holders map[string][]holder
	// registers has, for each node and class, the last record that tells what
	// its master-key registers are.
	registers map[registersKey]journal.Record
	// lastSet has, for each target, the record of the master key that it set
	// last. It stays when the share set of it is cancelled too late, and phase 3d
	// begins once more.
	lastSet map[string]journal.Record
	// asked is the request to take the SA-key hash back, or nil. It is open as
	// long as the SA key is not registered: see Unregistering.
	asked *journal.Record

	// anew is the request to begin anew, or nil: see BeginningAnew.
	anew *journal.Record
	// since has, for each node, the record by which it began anew last.
	since map[string]uint64
	// formerOutbox are the files of bundles that were made before that.
	formerOutbox map[string]bool
	// sa has, for each node, the SA key that it registered last.
	sa map[string]coproc.PublicKey
	// tainted has the keys that a former SA took back.
	tainted map[string]taint
}

// holder is a certificate that was given out or taken in here.
type holder struct {
	node       string
	generation uint32
	key        string // what it is there: see coproc.Keys.Named
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

func deriveState(records []journal.Record) (*state, error) {
	s := &state{
		tasks:    map[taskKey]journal.Record{},
		sequence: map[string]uint64{},
		received: map[receivedKey]journal.Record{},
		seen:     map[coproc.Digest]bool{},
		voided:   map[coproc.ShareSetID]journal.CancelData{},

		statements: map[coproc.Digest]coproc.ShareSetID{},
		revoked:    map[string]journal.RevokeData{},
		compared:   map[sourceOf][]string{},
		holders:    map[string][]holder{},

		registers: map[registersKey]journal.Record{},
		lastSet:   map[string]journal.Record{},

		since:        map[string]uint64{},
		formerOutbox: map[string]bool{},
		sa:           map[string]coproc.PublicKey{},
		tainted:      map[string]taint{},
	}
	for i := range records {
		if err := s.apply(records[i]); err != nil {
			return nil, fmt.Errorf("%w: record %d: %v", refusal.ErrJournal, records[i].Seq, err)
		}
	}
	return s, nil
}

func (s *state) apply(r journal.Record) error {
	switch r.Event {
	case journal.EventInit:
		return detcbor.Unmarshal(r.Data, &s.init)
	case journal.EventTask:
		s.tasks[taskKey{r.Node, r.Task, r.Peer, r.Share}] = r
		if r.Bundle != nil {
			s.seen[*r.Bundle] = true // the request that a certificate answers
		}
		if r.Task == procedure.TaskSet {
			s.lastSet[r.Node] = r
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
		if !s.wasSet(r.Node) {
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
		s.received[receivedKey{r.Node, r.Kind, r.Peer}] = r
		if r.Bundle != nil {
			s.seen[*r.Bundle] = true
		}
		switch r.Kind {
		case bundle.KindSAKey:
			return s.meetSA(r)
		case bundle.KindCSSCert, bundle.KindCSRCert:
			s.hold(r.Data)
		case bundle.KindStatement:
			if set, ok := setOf(r); ok && r.Bundle != nil {
				s.statements[*r.Bundle] = set
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
		s.sequence[r.Node] = max(s.sequence[r.Node], d.Sequence)
		if r.Kind == bundle.KindStatement {
			s.statements[*r.Bundle] = s.setFor(r.Node, r.Peer)
		}
		s.outbox = append(s.outbox, written{
			Digest: *r.Bundle, Answers: d.Answers, Kind: r.Kind, From: r.Node, Peer: r.Peer, Share: r.Share, Folder: d.Folder, Name: d.Name, Set: d.ShareSet, Seq: r.Seq,
		})
	case journal.EventCopied:
		for i := range s.outbox {
			if r.Bundle != nil && s.outbox[i].Digest == *r.Bundle {
				s.outbox[i].Copies = append(s.outbox[i].Copies, r.Text)
			}
		}
	}
	return nil
}

// wasSet reports whether a target set the master key that it was given, of a
// share set that is good as far as it knows.
func (s *state) wasSet(node string) bool {
	_, set := s.tasks[taskKey{node: node, task: procedure.TaskSet}]
	return set
}

// clearInstalled: what was installed at a node is gone. It may be installed
// and verified again.
func (s *state) clearInstalled(node string) {
	for k, done := range s.tasks {
		if k.node == node && (k.task == procedure.TaskInstallShares || k.task == procedure.TaskVerify) {
			if done.Bundle != nil {
				delete(s.seen, *done.Bundle)
			}
			delete(s.tasks, k)
		}
	}
}

// cancel: a share set is void, at its source or at its target. A record of the
// target names the bundle that told it.
func (s *state) cancel(r journal.Record) error {
	if r.Kind == bundle.KindCancel {
		return s.cancelHere(r)
	}
	// Nothing of it is handed out again, and all of its shares may be obtained
	// anew.
	for k := range s.tasks {
		if k.node == r.Node && k.task == procedure.TaskObtainShares && k.peer == r.Peer {
			delete(s.tasks, k)
		}
	}
	s.outbox = slices.DeleteFunc(s.outbox, func(w written) bool {
		return w.From == r.Node && w.Peer == r.Peer && (w.Kind == bundle.KindShare || w.Kind == bundle.KindStatement)
	})
	if len(r.Data) == 0 {
		return nil // nothing had been begun
	}
	return s.void(r)
}

// cancelHere: the target knows that a share set is void. It touches that set
// alone: a cancel that somebody held back can come when another set is here.
func (s *state) cancelHere(r journal.Record) error {
	d, err := journal.DataOf[journal.CancelData](r)
	if err != nil {
		return err
	}
	if r.Bundle != nil {
		s.seen[*r.Bundle] = true
	}
	k := receivedKey{r.Node, bundle.KindStatement, r.Peer}
	last := s.received[k]
	if last.Bundle != nil && s.statements[*last.Bundle] == d.ShareSet {
		// What was set stays. Phase 3d begins once more all the same: another set
		// confirms the key, with a receipt that is worth something.
		delete(s.tasks, taskKey{node: r.Node, task: procedure.TaskSet})
		s.clearInstalled(r.Node)
		delete(s.seen, *last.Bundle) // it is void, which says more than a replay
		delete(s.received, k)
	}
	return s.void(r)
}

// setFor is the share set that a source is giving out to a target.
func (s *state) setFor(source, target string) (set coproc.ShareSetID) {
	for _, w := range s.outbox {
		if w.From == source && w.Peer == target && w.Kind == bundle.KindShare {
			set = w.Set
		}
	}
	return set
}

// setOf is the share set that a record tells to be in use: a share of it was
// made, its statement taken in, or the receipt of a target that set its key.
func setOf(r journal.Record) (set coproc.ShareSetID, ok bool) {
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

func (s *state) void(r journal.Record) error {
	d, err := journal.DataOf[journal.CancelData](r)
	if err == nil {
		s.voided[d.ShareSet] = d
	}
	return err
}

func (s *state) revoke(r journal.Record) error {
	d, err := journal.DataOf[journal.RevokeData](r)
	if err == nil && d.Generation > s.revoked[r.Peer].Generation {
		s.revoked[r.Peer] = d
	}
	return err
}

// done returns the record of a task that was done.
func (s *state) done(k taskKey) (journal.Record, bool) {
	r, ok := s.tasks[k]
	return r, ok
}

// sent returns the latest bundle of a kind that a node wrote.
func (s *state) sent(from string, kind bundle.Kind, peer string, share int) *written {
	for i := len(s.outbox) - 1; i >= 0; i-- {
		w := &s.outbox[i]
		if w.From == from && w.Kind == kind && w.Peer == peer && w.Share == share {
			return w
		}
	}
	return nil
}

// got returns the record of the latest bundle taken in.
func (s *state) got(node string, kind bundle.Kind, peer string) (journal.Record, bool) {
	r, ok := s.received[receivedKey{node, kind, peer}]
	return r, ok
}
