//go:build !linux

package media

import (
	"bytes"
	"os"
	"path/filepath"
)

// This is the recipe of write_linux.go as far as the standard library goes,
// and it promises less:
//
//   - the folder is synced only where the system can do that (not Windows);
//   - the read back may come from the page cache (ReadBack is Cached);
//   - over an existing name only a check stands, not the rename itself, and
//     writers in one folder do not wait for each other;
//   - free space is not asked for beforehand, and temporary files of
//     interrupted writes are not removed, only skipped by Read.
//
// It is for looking at bundles and for the tests of what is built on top.

func (d *Dir) writeIn(folder, name string, data []byte) (WriteResult, error) {
	root, err := d.openRoot()
	if err != nil {
		return WriteResult{}, err
	}
	root.Close()
	dir := filepath.Join(d.root, folder)
	if err := os.Mkdir(dir, 0o755); err == nil {
		syncDir(d.root)
	} else if !os.IsExist(err) {
		return WriteResult{}, &StepError{Step: "make folder", Path: dir, Err: err}
	}
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return WriteResult{}, &StepError{Step: "open", Path: dir, Err: errNotDir}
	}
	return writeFile(filepath.Join(dir, name), data, 0o644)
}

func (d *Dir) writeAtRoot(name string, data []byte) (WriteResult, error) {
	root, err := d.openRoot()
	if err != nil {
		return WriteResult{}, err
	}
	root.Close()
	return writeFile(filepath.Join(d.root, name), data, 0o644)
}

func writeLocal(dir, name string, data []byte) error {
	_, err := writeFile(filepath.Join(dir, name), data, 0o600)
	return err
}

// CleanTemps removes nothing here.
func CleanTemps(string) ([]string, error) { return nil, nil }

func writeFile(path string, data []byte, mode os.FileMode) (WriteResult, error) {
	if info, err := os.Lstat(path); err == nil {
		if info.Mode().IsRegular() && info.Size() == int64(len(data)) {
			if got, err := os.ReadFile(path); err == nil && bytes.Equal(got, data) {
				return WriteResult{AlreadyThere: true, ReadBack: Cached}, nil
			}
		}
		return WriteResult{}, &ConflictError{path, filepath.Base(path)}
	}
	temp := filepath.Join(filepath.Dir(path), tempName())
	f, err := os.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return WriteResult{}, &StepError{Step: "create", Path: path, Err: err}
	}
	made := temp
	fail := func(step string, err error) (WriteResult, error) {
		f.Close()
		failed := &StepError{Step: step, Path: path, Err: err}
		if err := os.Remove(made); err != nil {
			failed.Left = []string{filepath.Base(made) + ": " + Cause(err)}
		}
		return WriteResult{}, failed
	}
	if _, err := f.Write(data); err != nil {
		return fail("write", err)
	}
	if err := f.Sync(); err != nil {
		return fail("fsync", err)
	}
	if err := f.Close(); err != nil { // Windows renames no open file
		return fail("close", err)
	}
	if err := os.Rename(temp, path); err != nil {
		return fail("rename", err)
	}
	made = path
	syncDir(filepath.Dir(path))
	got, err := os.ReadFile(path)
	if err == nil && !bytes.Equal(got, data) {
		err = errDiffers
	}
	if err != nil {
		return fail("read back", err)
	}
	return WriteResult{Written: true, ReadBack: Cached}, nil
}

// syncDir syncs a folder where the system can: macOS can, Windows cannot.
func syncDir(path string) {
	if f, err := os.Open(path); err == nil {
		f.Sync()
		f.Close()
	}
}

// takes finds nothing out here.
func (d *Dir) takes(int) error { return nil }
