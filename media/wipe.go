package media

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
)

// Wiped is what a Wipe did.
type Wiped struct {
	Files   []string  // names of the files that were overwritten and removed
	Skipped []Skipped // what was not touched, and why
	Removed bool      // the folder was empty then, and was removed too
}

// errLinked is a file that has a second name, perhaps one of the operator's own.
var errLinked = errors.New("has another name too (a hard link)")

// Wipe overwrites the files of ours in a folder in place, with random bytes,
// and removes them; and the folder, if it is empty then. A folder that is not
// there is nothing to do. The errors are *NameError, *StepError and
// *LimitError; after one, Wiped says what was done until then.
//
// It promises little. The file system no longer shows the files and their old
// places were overwritten as far as it can tell. A flash memory writes new
// bytes elsewhere and may keep the old ones, and FAT keeps the names. What
// protects a bundle is that it is sealed to its receiver, not its deletion: if
// the policy asks for more, the stick has to be destroyed.
func (d *Dir) Wipe(folder string) (Wiped, error) {
	var done Wiped
	if err := CheckFolder(folder); err != nil {
		return done, err
	}
	root, err := d.openRoot()
	if err != nil {
		return done, err
	}
	defer root.Close()
	r := &reader{root: root, path: d.root}
	for _, name := range r.spelled(folder) {
		if err := r.wipe(name, &done); err != nil {
			done.Skipped = r.sortedSkipped()
			return done, err
		}
	}
	done.Skipped = r.sortedSkipped()
	return done, nil
}

// wipe is Wipe for one name of the folder.
func (r *reader) wipe(folder string, done *Wiped) error {
	path := filepath.Join(r.path, folder)
	info, err := r.root.Lstat(folder)
	switch {
	case os.IsNotExist(err):
		return nil
	case err == nil && !info.IsDir():
		err = errNotDir
	}
	if err != nil {
		return &StepError{Step: "open", Path: path, Err: err}
	}
	entries, err := listDir(r.root, folder, info, MaxFiles)
	if err != nil {
		return r.atRoot(err, folder)
	}
	skipped := len(r.skipped)
	for _, e := range entries {
		name, ours := folder+"/"+e.Name(), canonical(e.Name())
		if CheckName(ours) != nil && !isTemp(ours) {
			r.skip(name, "not a name that gapferry gives to files")
			continue
		}
		reason, err := wipeFile(r.root, name)
		if err != nil {
			return &StepError{Step: "wipe", Path: filepath.Join(path, e.Name()), Err: err}
		}
		if reason != "" {
			r.skip(name, reason)
			continue
		}
		done.Files = append(done.Files, e.Name())
	}
	syncIn(r.root, folder)
	if len(r.skipped) == skipped && r.root.Remove(folder) == nil {
		done.Removed = true
		syncIn(r.root, ".")
	}
	return nil
}

// wipeFile overwrites and removes one file, or says why it let it be.
func wipeFile(root *os.Root, name string) (reason string, err error) {
	before, err := root.Lstat(name)
	switch {
	case err != nil:
		return "", err
	case !before.Mode().IsRegular():
		return kindOf(before.Mode()) + ", not a regular file", nil
	case before.Size() > MaxFileSize:
		return "too large to be one of ours", nil
	case linksOf(before) > 1:
		return errLinked.Error(), nil
	}
	f, err := root.OpenFile(name, wipeFlags, 0)
	if err != nil {
		return "", err
	}
	err = overwrite(f, before)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return "", err
	}
	return "", root.Remove(name)
}

// overwrite writes over an open file that must be the one that want tells of.
func overwrite(f *os.File, want os.FileInfo) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(info, want) || linksOf(info) > 1 {
		return errMoved
	}
	random := make([]byte, info.Size())
	rand.Read(random) // never fails
	if _, err := f.WriteAt(random, 0); err != nil {
		return err
	}
	if err := f.Sync(); err != nil { // before the truncation, or it may never be written
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	return f.Sync()
}

// syncIn syncs a folder, where the system can: the files in it are overwritten
// already, and a name that comes back stands for an empty file.
func syncIn(root *os.Root, folder string) {
	if f, err := root.OpenFile(folder, listFlags, 0); err == nil {
		f.Sync()
		f.Close()
	}
}
