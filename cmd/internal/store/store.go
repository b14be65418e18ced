package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
)

// The parts of a store.
const (
	PlanFile    = "plan.toml"
	JournalFile = "journal.cbor"
	LockFile    = "lock"
	OutboxDir   = "outbox"
	TakenDir    = "taken" // what was taken in and can be handed out again, each under its digest
	DeviceDir   = "coprocessor"
	ChipFile    = "chip" // which device the coprocessor is, as chip.ParseSelection reads it; without it, soft
)

// Backend makes coprocessors of one device and opens those of any. What one keeps
// of itself lies in dir.
type Backend struct {
	Chip   chip.Selection // what Create makes
	Create func(dir string, s coproc.Setup) error
	Open   func(dir string, on chip.Selection) (coproc.Coprocessor, error)
}

// Store is an opened store on the disk: the plan, the journal and what its records
// come to, the files of the outbox, and the coprocessor, with the node or the two
// nodes that it holds. One process works in it at a time.
type Store struct {
	dir         string
	plan        *plan.Plan
	device      *plan.Coprocessor
	chip        chip.Selection
	journal     *journal.Journal
	history     *history.State
	coprocessor coproc.Coprocessor // nil where the store is only looked at
	lock        *os.File           // nil where it is only looked at
	now         func() time.Time
	clean       bool // the outbox was looked through
}

// Open opens a store, checks its journal and takes its lock.
func Open(dir string, b Backend, now func() time.Time) (s *Store, err error) {
	defer func() { err = notOpened(dir, false, err) }()
	if err := storeThere(dir); err != nil {
		return nil, err
	}
	if err := mayWrite(dir); err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(dir, LockFile))
	if err != nil {
		return nil, err
	}
	s = &Store{dir: dir, lock: lock, now: now}
	defer func(opened *Store) { // s itself is nil where an error is returned
		if err != nil {
			opened.Close()
		}
	}(s)
	if err := s.read(os.O_RDWR); err != nil {
		return nil, err
	}
	if s.coprocessor, err = b.Open(filepath.Join(dir, DeviceDir), s.chip); err != nil {
		return nil, refusal.Wrap(err, "open coprocessor %s", s.device.Name)
	}
	return s, nil
}

// Look opens a store to read what its journal says, beside a process that may
// be at work in it. Nothing can be done with it, and nothing of it is written or
// locked: it may lie on a file system that is read-only, or be somebody else's.
func Look(dir string, now func() time.Time) (*Store, error) {
	if err := storeThere(dir); err != nil {
		return nil, notOpened(dir, true, err)
	}
	s := &Store{dir: dir, now: now}
	if err := s.read(os.O_RDONLY); err != nil {
		return nil, notOpened(dir, true, errors.Join(err, s.Close()))
	}
	return s, nil
}

func storeThere(dir string) error {
	if dir == "" {
		return unnamed(refusal.CodeNotHere)
	}
	if err := notUnfinished(dir); err != nil {
		return err
	}
	_, err := os.Stat(filepath.Join(dir, JournalFile))
	if errors.Is(err, fs.ErrNotExist) {
		return refusal.New(refusal.CodeNotHere, "%w in %s", ErrNone, dir)
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
func (s *Store) read(flag int) error {
	text, err := os.ReadFile(filepath.Join(s.dir, PlanFile))
	if err != nil {
		return err
	}
	if s.plan, err = plan.Parse(text); err != nil {
		return refusal.New(refusal.CodeStore, "the store's own plan: %w", err)
	}
	if s.chip, err = selected(s.dir); err != nil {
		return err
	}
	if err := Suits(s.chip, s.plan); err != nil {
		return err
	}
	if s.journal, err = journal.Open(filepath.Join(s.dir, JournalFile), flag); err != nil {
		return refusal.Wrap(err, "store %s", s.dir)
	}
	if s.history, err = history.Replay(s.journal.Records()); err != nil {
		return refusal.Wrap(err, "store %s", s.dir)
	}
	if s.history.Init.Plan != s.plan.Digest() {
		return refusal.New(refusal.CodeStore, "the store's plan is not the one it was made with: %s was changed", PlanFile)
	}
	if s.device = s.plan.Coprocessor(s.history.Init.Device); s.device == nil {
		return refusal.New(refusal.CodeStore, "the store is of coprocessor %q, which its plan does not have", s.history.Init.Device)
	}
	return nil
}

// Close releases the store and its coprocessor.
func (s *Store) Close() error {
	var errs []error
	if s.coprocessor != nil {
		errs = append(errs, s.coprocessor.Close())
	}
	if s.journal != nil {
		errs = append(errs, s.journal.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// Plan is the plan of the store.
func (s *Store) Plan() *plan.Plan { return s.plan }

// Device is the coprocessor of the store, as the plan has it.
func (s *Store) Device() *plan.Coprocessor { return s.device }

// Coprocessor is the coprocessor itself; nil where the store is only looked at.
func (s *Store) Coprocessor() coproc.Coprocessor { return s.coprocessor }

// Journal is the journal as it was read. What is to be written goes through Append.
func (s *Store) Journal() *journal.Journal { return s.journal }

// History is what the records of the journal come to. It follows each Append.
func (s *Store) History() *history.State { return s.history }

// Now is the time by the clock of this machine.
func (s *Store) Now() time.Time { return s.now() }

// Records are the records of the journal, oldest first.
func (s *Store) Records() []journal.Record { return s.journal.Records() }

// Unsigned is the number of records behind the last one that was signed.
func (s *Store) Unsigned() int { return s.journal.Unsigned() }

// Signed reports whether record seq, from 1, has a signature of its own.
func (s *Store) Signed(seq uint64) bool { return s.journal.Signed(seq) }

// Unattended counts the records that were written while nobody was logged on.
func (s *Store) Unattended() int { return s.journal.Unattended() }
