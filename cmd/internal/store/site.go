package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc/atomicfile"
)

// UnfinishedFile stands in the directory of a store that is being made. Taking
// it away makes the store; while it is there, what lies beside it is of an
// init that did not end, and of nobody else.
const UnfinishedFile = "init-unfinished"

// storeParts are the names of everything that an init makes in a store's
// directory, but for UnfinishedFile.
var storeParts = []string{
	PlanFile, PlanFile + atomicfile.TempSuffix, JournalFile, LockFile, OutboxDir, DeviceDir,
	ChipFile, ChipFile + atomicfile.TempSuffix,
	"." + DeviceDir + ".creating", // while the software coprocessor is made
}

// lostAndFound is in every new ext file system: a mount point is empty all the same.
const lostAndFound = "lost+found"

// probeSize is written and removed again before anybody is asked for anything,
// in bytes: more than a new store takes.
const probeSize = 1 << 20

// Site is the directory in which a store is being made.
type Site struct {
	dir  string   // without links
	made []string // directories that this init made, the outermost first
	lock *os.File
}

// SiteFor finds where a store can be made, and refuses any other place, before
// anybody is asked for a passphrase: dir must not be there, be empty, or hold
// what an init left that did not end. Nothing of it stays.
func SiteFor(dir string) (*Site, error) {
	if dir == "" {
		return nil, unnamed(refusal.CodeSite)
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	s := &Site{dir: path}
	if err := s.free(dir); err != nil {
		return nil, err
	}
	return s, s.probe(dir)
}

// siteRefused says in words why a store cannot be made in a place.
func siteRefused(dir string, err error) error {
	return refusal.New(refusal.CodeSite, "a store cannot be made in %s: %w", dir, err)
}

// free refuses a place where something is, named as it was given.
func (s *Site) free(dir string) error {
	info, err := os.Stat(s.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return siteRefused(dir, err)
	case !info.IsDir():
		return refusal.New(refusal.CodeSite, "%s is a file, not a directory: a store is not made there", dir)
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return siteRefused(dir, err)
	}
	unfinished, foreign, journal := false, false, false
	for _, e := range entries {
		switch name := e.Name(); {
		case name == UnfinishedFile:
			unfinished = true
		case name == JournalFile:
			journal = true
		case name != lostAndFound && !slices.Contains(storeParts, name):
			foreign = true
		}
	}
	empty := !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() != lostAndFound })
	switch {
	case empty, unfinished && !foreign:
		return nil
	case journal && !unfinished:
		return refusal.New(refusal.CodeExists, "there is a store in %s already; a store is made once", dir)
	}
	return refusal.New(refusal.CodeExists, "the directory %s is not empty and is no store", dir)
}

// probe writes what a store may take where it is to be, or where its directory
// is to be made, and removes it.
func (s *Site) probe(dir string) (err error) {
	at := s.dir
	for {
		info, err := os.Stat(at)
		if err == nil && !info.IsDir() {
			return refusal.New(refusal.CodeSite, "%s cannot be made: %s is a file", dir, at)
		}
		if err == nil {
			break
		}
		if _, link := os.Lstat(at); link == nil && errors.Is(err, fs.ErrNotExist) {
			return refusal.New(refusal.CodeSite, "%s is a link to a place that is not there: a store is not made through it", at)
		}
		if !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at) {
			return siteRefused(dir, err)
		}
		at = filepath.Dir(at)
	}
	f, err := os.CreateTemp(at, ".gapferry-init-")
	if err != nil {
		return siteRefused(dir, err)
	}
	_, err = f.Write(make([]byte, probeSize))
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close(), os.Remove(f.Name())); err != nil {
		return siteRefused(dir, err)
	}
	return nil
}

// begin makes the directory and takes it, after the officers have chosen their
// passphrases. What an earlier init left is removed.
func (s *Site) begin() (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, s.abandon())
		}
	}()
	for at := s.dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		s.made = slices.Insert(s.made, 0, at)
	}
	for k, at := range s.made {
		if err := os.Mkdir(at, 0o700); err != nil {
			s.made = s.made[:k]
			return err
		}
	}
	if err := s.free(s.dir); err != nil { // since SiteFor looked
		return err
	}
	if err := atomicfile.Write(s.path(UnfinishedFile), nil); err != nil {
		return err
	}
	if s.lock, err = lockFile(s.path(LockFile)); err != nil {
		return err // another init is at work here
	}
	if err := s.clear(); err != nil {
		return err
	}
	return atomicfile.SyncDir(s.dir)
}

func (s *Site) path(name string) string { return filepath.Join(s.dir, name) }

// clear removes what an init makes, but for the lock.
func (s *Site) clear() error {
	var errs []error
	for _, name := range storeParts {
		if name != LockFile {
			errs = append(errs, os.RemoveAll(s.path(name)))
		}
	}
	return errors.Join(errs...)
}

// finish makes the store one.
func (s *Site) finish() error {
	if err := atomicfile.SyncDir(s.dir); err != nil {
		return err
	}
	if err := os.Remove(s.path(UnfinishedFile)); err != nil {
		return err
	}
	if err := atomicfile.SyncDir(s.dir); err != nil {
		return err
	}
	for _, at := range s.made {
		if err := atomicfile.SyncDir(filepath.Dir(at)); err != nil {
			return err
		}
	}
	return s.lock.Close()
}

// abandon takes away what this init made, and nothing else.
func (s *Site) abandon() error {
	var errs []error
	if s.lock != nil {
		errs = append(errs, s.clear(), atomicfile.RemoveIfThere(s.path(LockFile)), atomicfile.RemoveIfThere(s.path(UnfinishedFile)), s.lock.Close())
	}
	for _, at := range slices.Backward(s.made) {
		_ = os.Remove(at) // it is not empty where somebody put something there
	}
	return errors.Join(errs...)
}

// notUnfinished refuses a directory in which an init did not end.
func notUnfinished(dir string) error {
	if _, err := os.Lstat(filepath.Join(dir, UnfinishedFile)); err != nil {
		return nil
	}
	return refusal.New(refusal.CodeNotHere, "the making of a store in %s did not end", dir).Hinted("begin again: {init --node NODE}")
}
