//go:build !linux

package terminal

import (
	"context"
	"os"
	"time"

	"golang.org/x/term"
)

// holdsEcho says that what is typed between questions can be seen on this
// system, and is kept for the next one.
const holdsEcho = false

// ttyModes are what a terminal is switched to: on this system, only while a line is
// read that nobody sees.
type ttyModes struct {
	found, quiet, shown func() error
	early               func() bool
}

func modesOf(tty *os.File) (ttyModes, error) {
	nothing := func() error { return nil }
	found := nothing
	if state, err := term.GetState(int(tty.Fd())); err == nil {
		found = func() error { return term.Restore(int(tty.Fd()), state) }
	}
	return ttyModes{found, nothing, nothing, func() bool { return false }}, nil
}

// readHidden reads a line that nobody sees, as it was typed.
func readHidden(t *Terminal) ([]byte, error) { return term.ReadPassword(int(t.tty.Fd())) }

// isLine cannot be told on this system.
func isLine(*os.File) bool { return false }

// canWaitForLine says that waitForLine does not work here: nobody can be asked
// while codes are shown or read.
const canWaitForLine = false

const forever = -1

func waitForLine(_, _ *os.File, _ time.Duration) bool { return false }

// doneFile is nothing here: a read cannot be woken.
func doneFile(context.Context) *os.File { return nil }
