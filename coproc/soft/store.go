package soft

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Names and modes within the directory of a coprocessor.
const (
	stateFile   = "state.age"
	profileDir  = "profiles"
	keySuffix   = ".age"
	countSuffix = ".failures"
	tempSuffix  = ".tmp"

	fileMode fs.FileMode = 0o600
	dirMode  fs.FileMode = 0o700
)

// replaceFile puts data in the place of a file, whole or not at all: a crash
// leaves the old content or the new. Where only the last step fails, the sync
// of the directory, the new content is in place but may not survive the loss
// of power.
func replaceFile(path string, data []byte) error {
	temp := path + tempSuffix
	if err := writeSynced(temp, data); err != nil {
		return errors.Join(err, removeIfThere(temp))
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, removeIfThere(temp))
	}
	return syncDir(filepath.Dir(path))
}

// writeSynced writes a file and waits until the medium has it.
func writeSynced(path string, data []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// cleanTemps removes the files that a crash left half written.
func cleanTemps(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), tempSuffix) {
			if err := removeIfThere(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
