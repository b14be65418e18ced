package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// holdsEcho says that what is typed between questions is neither shown nor kept.
const holdsEcho = true

// isLine reports whether a terminal is no window of a program: a serial line, or
// the system's own console.
func isLine(tty *os.File) bool {
	const firstPTS, lastPTS = 136, 143 // major numbers of pseudo terminals, of Linux's devices.txt
	device, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGDEV)
	major := unix.Major(uint64(device))
	return err == nil && (major < firstPTS || major > lastPTS)
}

// The keys that do something while a line is typed, on any terminal.
const (
	keyInterrupt = 3   // Ctrl-C
	keyEnd       = 4   // Ctrl-D
	keyQuit      = 28  // Ctrl-\
	keyKill      = 21  // Ctrl-U
	keyWord      = 23  // Ctrl-W
	keyErase     = 127 // most keyboards' backspace
	keyBackspace = 8   // that of others, and Ctrl-H
)

// lineMode is how a terminal has to be for somebody to type a line, whatever the
// program before left it like: Enter ends a line, sent as CR or as LF; all eight
// bits of a letter come through as they were typed; Ctrl-C works; nothing stops
// the output. Nobody comes back to a stopped program: they would type in the open.
func lineMode(found unix.Termios, echo, line bool) unix.Termios {
	t := found
	t.Iflag &^= unix.IGNCR | unix.INLCR | unix.ISTRIP | unix.IUCLC | unix.PARMRK
	t.Iflag |= unix.ICRNL | unix.IUTF8
	if !line { // a serial line may need its flow control
		t.Iflag &^= unix.IXON | unix.IXOFF
	}
	t.Oflag &^= unix.OLCUC | unix.OCRNL | unix.ONOCR | unix.ONLRET
	t.Oflag |= unix.OPOST | unix.ONLCR
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ECHOPRT | unix.XCASE | unix.NOFLSH | unix.TOSTOP | unix.EXTPROC
	t.Lflag |= unix.ICANON | unix.ISIG | unix.IEXTEN | unix.ECHOE | unix.ECHOK | unix.ECHOKE | unix.ECHOCTL
	erase := t.Cc[unix.VERASE]
	for _, c := range []int{unix.VSUSP, unix.VEOL, unix.VEOL2, unix.VLNEXT, unix.VREPRINT, unix.VDISCARD, unix.VERASE, unix.VKILL, unix.VWERASE} {
		t.Cc[c] = 0
	}
	t.Cc[unix.VINTR], t.Cc[unix.VQUIT], t.Cc[unix.VEOF] = keyInterrupt, keyQuit, keyEnd
	if echo {
		// What is erased goes from the screen, too. In what nobody sees, asTyped
		// erases, which knows letters and both keys.
		t.Lflag |= unix.ECHO
		t.Cc[unix.VKILL], t.Cc[unix.VWERASE], t.Cc[unix.VERASE] = keyKill, keyWord, keyErase
		if erase == keyBackspace {
			t.Cc[unix.VERASE] = keyBackspace
		}
	}
	return t
}

// echoSwitch turns the terminal's echo off and on, and finds out whether
// something was typed while it was off. restoreTerminal puts the terminal back
// as it was.
func echoSwitch(tty *os.File) (quiet, shown func() error, early func() bool, err error) {
	fd, line := int(tty.Fd()), isLine(tty)
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, nil, nil, err
	}
	restoreTerminal = func() { _ = unix.IoctlSetTermios(fd, unix.TCSETS, before) }
	set := func(t unix.Termios) error { return unix.IoctlSetTermios(fd, unix.TCSETS, &t) }
	forget := func() error { return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH) }
	quiet = func() error {
		if err := set(lineMode(*before, false, line)); err != nil {
			return err
		}
		return forget()
	}
	shown = func() error { return set(lineMode(*before, true, line)) }
	early = func() bool {
		raw := lineMode(*before, false, line)
		raw.Lflag &^= unix.ICANON // only then is half a line counted
		if set(raw) != nil {
			return false
		}
		n, err := unix.IoctlGetInt(fd, unix.TIOCINQ)
		return err == nil && n > 0
	}
	return quiet, shown, early, nil
}

// readHidden reads a line that nobody sees, as it was typed.
func readHidden(tty *os.File) ([]byte, error) { return readLine(tty) }
