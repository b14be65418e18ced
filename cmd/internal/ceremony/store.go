package ceremony

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// The parts of a store.
const (
	planFile    = "plan.toml"
	journalFile = "journal.cbor"
	lockName    = "lock"
	outboxDir   = "outbox"
	deviceDir   = "coprocessor"
)

// Backend makes and opens coprocessors of one kind. The state of a software
// coprocessor lies in dir.
type Backend struct {
	Name   string
	Create func(dir string, s coproc.Setup) error
	Open   func(dir string) (coproc.Coprocessor, error)
}

// Store is an opened store on the disk: the plan, the journal and what its records
// come to, and the files of the outbox, of one coprocessor with the node or the two
// nodes that it holds. One process works in it at a time.
type Store struct {
	dir     string
	plan    *plan.Plan
	device  *plan.Coprocessor
	journal *journal.Journal
	history *history.State
	lock    *os.File // nil where it is only looked at
	now     func() time.Time
	clean   bool // the outbox was looked through
}

// Node is a store with its coprocessor, at which officers can log on. What can be
// asked of the store while nobody does is in the parts that it is made of.
type Node struct {
	*Store
	sets
	standing
	registers
	recordTimes
	wanted
	overview
	outbox
	notes

	cop coproc.Coprocessor // nil where the store is only looked at
}

// What a store's journal tells, by subject. None of them changes anything, or
// needs an officer.
type (
	sets        struct{ *Store } // share sets, and which of them were cancelled
	standing    struct{ *Store } // certificates, and which of them were revoked
	registers   struct{ *Store } // what is in the master-key registers
	recordTimes struct{ *Store } // what the records say of this machine's clock

	wanted struct { // what is to be brought
		*Store
		sets
	}
	overview struct { // where a store stands
		*Store
		sets
		standing
		registers
		recordTimes
	}
	outbox struct { // what was made, and may be handed out
		*Store
		sets
		standing
		registers
	}
	notes struct { // what a remark can be about
		*Store
		sets
		standing
	}
)

// nodeOf is the node of a store.
func nodeOf(s *Store) *Node {
	sets, standing, registers, times := sets{s}, standing{s}, registers{s}, recordTimes{s}
	return &Node{
		Store: s, sets: sets, standing: standing, registers: registers, recordTimes: times,
		wanted:   wanted{s, sets},
		overview: overview{s, sets, standing, registers, times},
		outbox:   outbox{s, sets, standing, registers},
		notes:    notes{s, sets, standing},
	}
}

// Open opens a store, checks its journal and takes its lock.
func Open(dir string, b Backend, now func() time.Time) (n *Node, err error) {
	defer func() { err = notOpened(dir, false, err) }()
	if err := storeThere(dir); err != nil {
		return nil, err
	}
	if err := mayWrite(dir); err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(dir, lockName))
	if err != nil {
		return nil, err
	}
	n = nodeOf(&Store{dir: dir, lock: lock, now: now})
	defer func(opened *Node) { // n itself is nil where an error is returned
		if err != nil {
			opened.Close()
		}
	}(n)
	if err := n.read(os.O_RDWR); err != nil {
		return nil, err
	}
	if n.cop, err = b.Open(filepath.Join(dir, deviceDir)); err != nil {
		return nil, refusal.Wrap(err, "open coprocessor %s", n.device.Name)
	}
	return n, nil
}

// Look opens a store to read what its journal says, beside a process that may
// be at work in it. Nothing can be done with it, and nothing of it is written or
// locked: it may lie on a file system that is read-only, or be somebody else's.
func Look(dir string, now func() time.Time) (*Node, error) {
	if err := storeThere(dir); err != nil {
		return nil, notOpened(dir, true, err)
	}
	n := nodeOf(&Store{dir: dir, now: now})
	if err := n.read(os.O_RDONLY); err != nil {
		return nil, notOpened(dir, true, errors.Join(err, n.Close()))
	}
	return n, nil
}

func storeThere(dir string) error {
	if dir == "" {
		return unnamed(refusal.CodeNotHere)
	}
	if err := notUnfinished(dir); err != nil {
		return err
	}
	_, err := os.Stat(filepath.Join(dir, journalFile))
	if errors.Is(err, fs.ErrNotExist) {
		return refusal.New(refusal.CodeNotHere, "%w in %s", ErrNoStore, dir)
	}
	return err
}

// unnamed refuses an empty name: a variable of a script that was not set, most
// often. To take it for the usual directory would be a guess.
func unnamed(c refusal.Code) *refusal.Error {
	why := refusal.New(c, "no directory is named for the store: --store, or the variable GAPFERRY_STORE, is empty")
	why.Hint = "name the store with --store, or unset GAPFERRY_STORE: then it is ./gapferry-store"
	return why
}

// read reads plan and journal, opened with a flag of os.OpenFile.
func (n *Store) read(flag int) error {
	text, err := os.ReadFile(filepath.Join(n.dir, planFile))
	if err != nil {
		return err
	}
	if n.plan, err = plan.Parse(text); err != nil {
		return refusal.New(refusal.CodeStore, "the store's own plan: %w", err)
	}
	if n.journal, err = journal.Open(filepath.Join(n.dir, journalFile), flag); err != nil {
		return refusal.Wrap(err, "store %s", n.dir)
	}
	if n.history, err = history.Replay(n.journal.Records()); err != nil {
		return refusal.Wrap(err, "store %s", n.dir)
	}
	if n.history.Init.Plan != n.plan.Digest() {
		return refusal.New(refusal.CodeStore, "the store's plan is not the one it was made with: %s was changed", planFile)
	}
	if n.device = n.plan.Coprocessor(n.history.Init.Device); n.device == nil {
		return refusal.New(refusal.CodeStore, "the store is of coprocessor %q, which its plan does not have", n.history.Init.Device)
	}
	return nil
}

// cleanOutbox removes what a crash left before its record was written. None
// of it has left the node. It is called when an officer is logged on and the
// journal is known to be whole: a journal that was cut would make good bundles
// look left over.
func (n *Store) cleanOutbox() error {
	known := map[string]bool{}
	for _, w := range n.history.Outbox {
		known[filepath.Join(w.Folder, w.Name)] = true
	}
	root := filepath.Join(n.dir, outboxDir)
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := strings.TrimPrefix(path, root+string(filepath.Separator))
		if known[name] || n.history.FormerOutbox[name] {
			return nil
		}
		return os.Remove(path)
	})
}

// Close releases the store and its coprocessor.
func (n *Node) Close() error {
	var err error
	if n.cop != nil {
		err = n.cop.Close()
	}
	return errors.Join(err, n.Store.Close())
}

// Close releases the store.
func (n *Store) Close() error {
	var errs []error
	if n.journal != nil {
		errs = append(errs, n.journal.Close())
	}
	if n.lock != nil {
		errs = append(errs, n.lock.Close())
	}
	return errors.Join(errs...)
}

// Plan is the plan of the store.
func (n *Store) Plan() *plan.Plan { return n.plan }

// Device is the coprocessor of the store.
func (n *Store) Device() *plan.Coprocessor { return n.device }

// Records are the records of the journal, oldest first.
func (n *Store) Records() []journal.Record { return n.journal.Records() }

// Unsigned is the number of records behind the last one that was signed.
func (n *Store) Unsigned() int { return n.journal.Unsigned() }

// Signed reports whether record seq, from 1, has a signature of its own.
func (n *Store) Signed(seq uint64) bool { return n.journal.Signed(seq) }

// Unattended counts the records that were written while nobody was logged on.
func (n *Store) Unattended() int { return n.journal.Unattended() }

// here returns the node of a role that this store's coprocessor holds.
func (n *Store) here(role coproc.NodeRole) (*plan.Node, error) {
	for _, p := range n.plan.At(n.device.Name) {
		if p.Role == role {
			return p, nil
		}
	}
	return nil, refusal.New(refusal.CodeNotHere, "this is coprocessor %q, which holds %s: there is no %s node here",
		n.device.Name, names(n.plan.At(n.device.Name)), role)
}

func names(nodes []*plan.Node) string {
	var s []string
	for _, p := range nodes {
		s = append(s, p.Name)
	}
	return strings.Join(s, " and ")
}
