package media

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/gapferry/gapferry/media/flock"
)

// Problem is an error of a medium or of what is on it. Those of this package, of
// media/usb and of media/qr/capture are problems, but for those that are Misuse.
type Problem interface {
	error
	AboutMedium()
}

// Misuse is an error of what a medium was named, or of what this computer cannot do.
type Misuse interface {
	error
	Misused()
}

// StepError is a step of a careful read or write that failed.
type StepError struct {
	Step string // "fsync", "rename", "read back", …
	Path string // what it was done to; print it with Escape
	Err  error

	// Left lists names that the write made and could not take away again:
	// "name: reason", safe to print. Whoever reads the medium must not
	// believe them before a Write of the same bytes has succeeded.
	Left []string
}

// Error names the step, the path, the cause, and what to do.
func (e *StepError) Error() string {
	s := fmt.Sprintf("%s %s: %s", e.Step, Escape(e.Path), Cause(e.Err))
	if hint := e.hint(); hint != "" {
		s += ": " + hint
	}
	if len(e.Left) > 0 {
		s += "; could not remove " + strings.Join(e.Left, ", ")
	}
	return s
}

// AboutMedium marks a problem of a medium.
func (*StepError) AboutMedium() {}

func (e *StepError) Unwrap() error { return e.Err }

// Hints of StepError.
const (
	hintFull   = "the medium is full: make room or use another one"
	hintRO     = "the medium is write-protected or mounted read-only: use its switch, mount it writable, or use another one"
	hintPerm   = "this user may not do that: look at the owner and the mount"
	hintGone   = "the medium is gone: plug it in, mount it and repeat"
	hintFaulty = "the medium is faulty: use another one"
	hintBusy   = "another program is using it: wait for it and repeat"
)

func (e *StepError) hint() string {
	switch {
	case e.Step == "unmount" && isAny(e.Err, syscall.EPERM, syscall.EACCES):
		return "this user may not: unmount it in the file manager, or as root"
	case errors.Is(e.Err, errDiffers), errors.Is(e.Err, errUnlisted):
		return hintFaulty
	case isAny(e.Err, syscall.ENOSPC, syscall.EDQUOT):
		return hintFull
	case isAny(e.Err, syscall.EROFS):
		return hintRO
	case isAny(e.Err, syscall.EACCES, syscall.EPERM):
		return hintPerm
	case e.Step == "read": // of /proc: no medium's fault
		return ""
	case errors.Is(e.Err, errOtherFS), isAny(e.Err, goneErrnos...):
		return hintGone
	case isAny(e.Err, syscall.EIO):
		return hintFaulty
	case errors.Is(e.Err, flock.ErrHeld), isAny(e.Err, syscall.EBUSY):
		return hintBusy
	}
	return ""
}

func isAny(err error, targets ...syscall.Errno) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}

// Causes of a StepError that are not the kernel's.
var (
	errDiffers  = errors.New("other bytes came back than were written")
	errUnlisted = errors.New("the folder does not list the file under the name it was given")
	errNotDir   = errors.New("is not a folder")
	errMoved    = errors.New("another file took its place")
	errEmpty    = errors.New("nothing to write: an empty file is what a failed write leaves")
	errOtherFS  = errors.New("another file system is mounted there now")
)

// Cause is an error's text without the path that os puts before it, since
// that path can hold anything. It is safe to print.
func Cause(err error) string {
	var path *fs.PathError
	var link *os.LinkError
	var sys *os.SyscallError
	switch {
	case errors.As(err, &path):
		return Cause(path.Err)
	case errors.As(err, &link):
		return Cause(link.Err)
	case errors.As(err, &sys):
		return Cause(sys.Err)
	}
	return Escape(err.Error())
}

// ConflictError is a file that is there under the name to be written, with
// other bytes. It was not touched.
type ConflictError struct {
	Path string // of the file; print it with Escape
	Name string // its last element
}

func (e *ConflictError) Error() string {
	return "another file of that name with other bytes is there: " + Escape(e.Name)
}

// AboutMedium marks a problem of a medium.
func (*ConflictError) AboutMedium() {}

// Is makes errors.Is(err, fs.ErrExist) true.
func (e *ConflictError) Is(target error) bool { return target == fs.ErrExist }

// SpaceError is a medium with too little room. Nothing was written.
type SpaceError struct {
	Need, Free uint64 // bytes; Need allows for what the file system itself uses
}

func (e *SpaceError) Error() string {
	return fmt.Sprintf("the medium has %d KiB free and %d KiB are needed: make room or use another one",
		e.Free>>10, (e.Need+1023)>>10)
}

// AboutMedium marks a problem of a medium.
func (*SpaceError) AboutMedium() {}

// LimitError is more than this package reads or writes.
type LimitError struct {
	Path  string // where; print it with Escape
	Limit int64  // the most there may be
	What  string // of what: "bytes", "entries", …
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("%s: more than %d %s", Escape(e.Path), e.Limit, e.What)
}

// AboutMedium marks a problem of a medium.
func (*LimitError) AboutMedium() {}
