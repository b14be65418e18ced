//go:build unix

package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// leastFiles is how many files have to be allowed open at once: three streams,
// those of the run time, the terminal, the store with its lock and journal, and
// what one stick needs at a time, with room to spare.
const leastFiles = 64

// enoughFiles refuses to begin where a limit would end the program, or an act,
// in the middle.
func enoughFiles() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || uint64(limit.Cur) >= leastFiles {
		return nil
	}
	return fmt.Errorf("this process may have %d files open at once, and needs %d: raise the limit (ulimit -n %d)", limit.Cur, leastFiles, leastFiles)
}
