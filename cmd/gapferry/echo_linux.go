package main

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// echoSwitch turns the terminal's echo off and on, and puts it back as it was
// when the process is interrupted.
func echoSwitch(tty *os.File) (quiet, shown func() error, err error) {
	fd := int(tty.Fd())
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, nil, err
	}
	restoreTerminal = func() { _ = unix.IoctlSetTermios(fd, unix.TCSETS, before) }
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT)
	go func() {
		<-interrupted
		stopped()
	}()
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
