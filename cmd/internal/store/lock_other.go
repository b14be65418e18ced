//go:build !unix

package store

import (
	"errors"
	"os"
)

// lockFile cannot promise that one process works in the store at a time, so
// there is no store on this system.
func lockFile(string) (*os.File, error) {
	return nil, errors.New("this system has no file lock that gapferry knows: keep stores on Linux, macOS or BSD")
}

// mayWrite leaves it to lockFile to refuse.
func mayWrite(string) error { return nil }
