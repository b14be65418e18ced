//go:build !linux

package main

import "os"

// echoSwitch does nothing on this system: what is typed between questions can
// be seen, and is kept for the next one.
func echoSwitch(*os.File) (quiet, shown func() error, err error) {
	nothing := func() error { return nil }
	return nothing, nothing, nil
}

// isLine cannot be told on this system.
func isLine(*os.File) bool { return false }
