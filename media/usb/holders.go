package usb

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/media"
)

// Holder is a process that keeps a volume from being unmounted.
type Holder struct {
	PID     int
	Command string // its name, 15 bytes at most; print it with Escape
	What    string // "current directory", "open file", "root directory", "program"
	Path    string // print it with Escape
}

func (h Holder) String() string {
	return fmt.Sprintf("%s (process %d, %s %s)", media.Escape(h.Command), h.PID, h.What, media.Escape(h.Path))
}

// BusyError is a volume that is in use, and so was not unmounted.
type BusyError struct {
	Mount   string
	Holders []Holder // who uses it, so far as this user may see
	Mounts  []string // what is mounted below it
	// Unseen is the number of processes of other users, which may be those.
	Unseen int
}

func (e *BusyError) Error() string {
	var by []string
	for _, h := range e.Holders {
		by = append(by, h.String())
	}
	for _, m := range e.Mounts {
		by = append(by, "what is mounted at "+media.Escape(m))
	}
	s := fmt.Sprintf("unmount %s: it is in use", media.Escape(e.Mount))
	if len(by) > 0 {
		s += " by " + strings.Join(by, ", ")
	} else if e.Unseen > 0 {
		s += fmt.Sprintf(", perhaps by one of %d processes of other users", e.Unseen)
	}
	return s + ": leave the folder or end the program, and repeat; do not unplug it"
}

// AboutMedium marks a problem of a medium.
func (*BusyError) AboutMedium() {}
