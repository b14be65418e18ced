package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// isLine reports whether a terminal is no window of a program: a serial line, or
// the system's own console.
func isLine(tty *os.File) bool {
	const firstPTS, lastPTS = 136, 143 // major numbers of pseudo terminals, of Linux's devices.txt
	device, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGDEV)
	major := unix.Major(uint64(device))
	return err == nil && (major < firstPTS || major > lastPTS)
}

// echoSwitch turns the terminal's echo off and on. restoreTerminal puts it back
// as it was.
func echoSwitch(tty *os.File) (quiet, shown func() error, err error) {
	fd := int(tty.Fd())
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, nil, err
	}
	restoreTerminal = func() { _ = unix.IoctlSetTermios(fd, unix.TCSETS, before) }
	set := func(echo bool) error {
		t := *before
		t.Lflag |= unix.ECHO | unix.ICANON | unix.ISIG
		t.Cc[unix.VSUSP] = 0 // whoever comes back to a stopped program would type in the open
		if !echo {
			t.Lflag &^= unix.ECHO
		}
		return unix.IoctlSetTermios(fd, unix.TCSETS, &t)
	}
	quiet = func() error {
		if err := set(false); err != nil {
			return err
		}
		return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH)
	}
	return quiet, func() error { return set(true) }, nil
}
