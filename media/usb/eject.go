package usb

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
