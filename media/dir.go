package media

import (
	"path/filepath"
)

// Dir is a directory as a carrier: a mounted stick, a share, a test's folder.
// It must exist before it is read or written: a missing one is most likely a
// stick that is not mounted, and making it would write to the system's disk.
type Dir struct {
	root string // absolute
	name string // for people; "" means dir:root

	// device, if not 0, is the device number that the root must lie on. A
	// stick that was unmounted leaves an empty directory on the system's disk
	// behind; this is how it is told from the stick.
	device uint64
}

// Name is "dir:PATH", safe to print.
func (d *Dir) Name() string {
	if d.name != "" {
		return d.name
	}
	return "dir:" + Escape(d.root)
}

// Root is the carrier's absolute path. Print it with Escape.
func (d *Dir) Root() string { return d.root }

// Write implements Carrier. The file's name must satisfy CheckName and the
// folder's CheckFolder.
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
