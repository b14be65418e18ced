// Package flock takes the lock of an open file or folder: flock(2), which the
// kernel gives back when the file is closed or the process ends, however it
// ends. It is advisory, for processes that ask, and holds on this computer only.
//
// A store, a folder that a bundle is written to and a scan's file are locked
// with it. Two of these are open already, and looked at, when they are locked,
// and a folder is opened below another one that is: so the lock is that of an
// open file, not of a path.
package flock

import "errors"

var (
	// ErrHeld is a lock that another open file has, here or in another process.
	ErrHeld = errors.New("locked by another program")
	// ErrNone is a system without such locks.
	ErrNone = errors.New("this system has no file lock that gapferry knows")
)

// Try takes the lock of an open file (os.File.Fd) for it alone, or fails at
// once. A file that has it already takes it again. The errors are ErrHeld,
// ErrNone, and those of the kernel, for a file system that has no locks.
func Try(fd uintptr) error { return try(fd) }
