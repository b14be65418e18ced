// Package atomicfile replaces files so that a crash, or the loss of power,
// leaves the old content or the new, never a part of it. It is for a store on
// a proper file system of its own; for sticks, package media does more.
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// TempSuffix ends the name under which new content is written first. A crash
// can leave such a file; whoever owns the directory removes it.
const TempSuffix = ".tmp"

// Replace puts data in the place of a file, readable by its owner alone. Where
// only the last step fails, the sync of the directory, the new content is in
// place but may not survive the loss of power.
func Replace(path string, data []byte) error {
	temp := path + TempSuffix
	err := Write(temp, data)
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		return errors.Join(err, RemoveIfThere(temp))
	}
	return SyncDir(filepath.Dir(path))
}

// Write writes a file and waits until the medium has its content. Its name is
// kept for certain only after SyncDir.
func Write(path string, data []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}

// SyncDir waits until the medium has the names in a directory.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// RemoveIfThere removes a file; one that is not there is no error.
func RemoveIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
