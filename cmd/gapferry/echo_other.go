//go:build !linux

package main

import (
	"os"

	"golang.org/x/term"
)

// holdsEcho says that what is typed between questions can be seen on this
// system, and is kept for the next one.
const holdsEcho = false

// echoSwitch does nothing on this system.
func echoSwitch(*os.File) (quiet, shown func() error, early func() bool, err error) {
	nothing := func() error { return nil }
	return nothing, nothing, func() bool { return false }, nil
}

// readHidden reads a line that nobody sees, as it was typed.
func readHidden(tty *os.File) ([]byte, error) { return term.ReadPassword(int(tty.Fd())) }

// isLine cannot be told on this system.
func isLine(*os.File) bool { return false }
