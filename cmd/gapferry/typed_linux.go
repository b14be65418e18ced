package main

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// canWaitForLine says that waitForLine works here.
const canWaitForLine = true

// waitForLine waits until a line was typed at a terminal, or the time is over,
// and reports whether there is one.
func waitForLine(tty *os.File, d time.Duration) bool {
	fds := []unix.PollFd{{Fd: int32(tty.Fd()), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, int(max(d, 0).Milliseconds()))
	return err == nil && n > 0
}
