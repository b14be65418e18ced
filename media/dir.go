package media

import (
	"path/filepath"
)

// Dir is a directory as a carrier: a mounted stick, a share, a test's folder.
// It must exist before it is read or written: a missing one is most likely a
// stick that is not mounted, and making it would write to the system's disk.
//
// A Dir is used by one goroutine at a time; any number of them, here or in
// other processes, may share one folder.
type Dir struct {
	root string // absolute
	name string // for people; "" means dir:root

	// device, if not 0, is the device number that the root must lie on. A
	// stick that was unmounted leaves an empty directory on the system's disk
	// behind; this is how it is told from the stick.
	device uint64
}

// OpenDir is the carrier dir:PATH. It need not be there yet; nothing is read or
// written. A path that begins with ~ is meant as AtHome says. The error is a
// *SpecError.
func OpenDir(path string) (*Dir, error) {
	spec := "dir:" + path
	if _, err := ParseSpec(spec); err != nil {
		return nil, err
	}
	// Absolute, so that the carrier stays where it is if the program moves.
	root, err := AtHome(path)
	if err == nil {
		root, err = filepath.Abs(root)
	}
	if err != nil {
		return nil, &SpecError{spec, Cause(err)}
	}
	return &Dir{root: root}, nil
}

// MountedDir is a file system's root as a carrier, under a name that is safe to
// print. Once another file system than that with a device number (st_dev) is
// mounted at the absolute path, or none, it is neither read nor written.
func MountedDir(path, name string, device uint64) *Dir {
	return &Dir{root: path, name: name, device: device}
}

// Name is "dir:PATH", or what MountedDir was given: safe to print.
func (d *Dir) Name() string {
	if d.name != "" {
		return d.name
	}
	return "dir:" + Escape(d.root)
}

// Root is the carrier's absolute path. Print it with Escape.
func (d *Dir) Root() string { return d.root }

// Write adds a file of 1 to MaxFileSize bytes and makes the folder if need be.
// The file's name must satisfy CheckName and the folder's CheckFolder. It never
// changes or replaces a file. When it returns nil, the bytes have been read
// back from the medium. When it returns an error, nothing is there under that
// name that was not there before, unless the error is a *StepError that says so
// (Left). Other errors are *NameError, *LimitError, *SpaceError and
// *ConflictError.
func (d *Dir) Write(folder, name string, data []byte) (WriteResult, error) {
	if err := CheckFolder(folder); err != nil {
		return WriteResult{}, err
	}
	if err := CheckName(name); err != nil {
		return WriteResult{}, err
	}
	if err := checkData(filepath.Join(folder, name), data); err != nil {
		return WriteResult{}, err
	}
	return d.writeIn(folder, name, data)
}

// Takes refuses, before anything is done that is to be written, a medium that is
// write-protected or has no room for size bytes, as far as the system tells. The
// errors are *StepError and *SpaceError.
func (d *Dir) Takes(size int) error { return d.takes(size) }

// checkData refuses what Read would skip.
func checkData(path string, data []byte) error {
	switch {
	case len(data) == 0:
		return &StepError{Step: "write", Path: path, Err: errEmpty}
	case len(data) > MaxFileSize:
		return &LimitError{path, MaxFileSize, "bytes"}
	}
	return nil
}
