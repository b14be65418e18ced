package media

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gapferry/gapferry/media/flock"
)

// lockWait is how long a writer waits for another one in the same folder: a
// write of 1 MiB to a bad stick takes some seconds. A variable for the tests.
var lockWait = time.Minute

// lockDir takes the flock of an open folder, so that one writer at a time is
// at work in it; closing the folder gives it back. It reports false if the
// file system has no such locks.
func lockDir(dir int) (bool, error) {
	for end := time.Now().Add(lockWait); ; {
		switch err := flock.Try(uintptr(dir)); {
		case err == nil:
			return true, nil
		case !errors.Is(err, flock.ErrHeld):
			return false, nil
		case time.Now().After(end):
			return false, flock.ErrHeld
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// cleanTemps removes, of names, the unfinished files that interrupted writes
// left in a locked folder, and returns their names. What it cannot remove it
// leaves: Read skips it.
func cleanTemps(dir int, names []string) (cleaned []string) {
	for _, name := range names {
		if !isTemp(name) {
			continue
		}
		if st, err := statAt(dir, name); err != nil || !st.regular {
			continue
		}
		if retry(func() error { return unix.Unlinkat(dir, name, 0) }) == nil {
			cleaned = append(cleaned, name)
		}
	}
	return cleaned
}
