package media

import (
	"errors"
	"fmt"
)

// Ejected is what an Eject really did, step by step.
type Ejected struct {
	Unmounted []string // mount points of the stick; print with Escape
	Unused    bool     // nothing on this computer has the stick open any more
	Flushed   bool     // the stick was told to store what it still held back
	Stopped   bool     // the stick was told to stop, and said yes
	// Notes say which steps did not work and why, safe to print.
	Notes []string
}

// MayRemove reports whether "you may remove it" is true: every file system of
// the stick is unmounted, nobody uses it, and it was told to store what it
// held back. Stopped is not needed: many sticks know no such command.
func (e Ejected) MayRemove() bool { return len(e.Unmounted) > 0 && e.Unused && e.Flushed }

func (e *Ejected) note(format string, args ...any) {
	e.Notes = append(e.Notes, fmt.Sprintf(format, args...))
}

// Errors of Eject that are not the kernel's.
var (
	errNotMounted   = errors.New("is not mounted there any more")
	errStillMounted = errors.New("is still mounted")
)

// scsiError is a SCSI command that a stick refused: the sense key and
// additional codes of SPC-4, section 4.5.
type scsiError struct{ key, asc, ascq byte }

func (e *scsiError) Error() string {
	return fmt.Sprintf("the stick answers with sense %x/%02x/%02x", e.key, e.asc, e.ascq)
}

// Sense keys (SPC-4, table 48).
const (
	recoveredError = 1 // and 0: the command was carried out
	illegalRequest = 5 // a command that a stick does not know
	unitAttention  = 6 // news first, as after a reset: ask again
)

// errNoSCSI is a device that takes no SCSI commands.
var errNoSCSI = errors.New("it takes no SCSI commands")

// unknownCommand reports whether a device has no such command, which is no
// failure of the device.
func unknownCommand(err error) bool {
	var sense *scsiError
	return errors.Is(err, errNoSCSI) || errors.As(err, &sense) && sense.key == illegalRequest
}
