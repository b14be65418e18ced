package terminal

import (
	"context"
	"os"
	"time"

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
	KeyBackspace = 8   // that of others, and Ctrl-H
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
		if erase == KeyBackspace {
			t.Cc[unix.VERASE] = KeyBackspace
		}
	}
	return t
}

// ttyModes are what a terminal is switched to.
type ttyModes struct {
	found func() error // as it was before
	quiet func() error // shows nothing of what is typed, and forgets it
	shown func() error // shows what is typed
	early func() bool  // whether something was typed while nothing was shown
}

// modesOf remembers how a terminal is, and knows how it has to be.
func modesOf(tty *os.File) (ttyModes, error) {
	fd, line := int(tty.Fd()), isLine(tty)
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return ttyModes{}, err
	}
	set := func(t unix.Termios) error { return unix.IoctlSetTermios(fd, unix.TCSETS, &t) }
	forget := func() error { return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH) }
	return ttyModes{
		found: func() error { return set(*before) },
		quiet: func() error {
			if err := set(lineMode(*before, false, line)); err != nil {
				return err
			}
			return forget()
		},
		shown: func() error { return set(lineMode(*before, true, line)) },
		early: func() bool {
			raw := lineMode(*before, false, line)
			raw.Lflag &^= unix.ICANON // only then is half a line counted
			if set(raw) != nil {
				return false
			}
			n, err := unix.IoctlGetInt(fd, unix.TIOCINQ)
			return err == nil && n > 0
		},
	}, nil
}

// readHidden reads a line that nobody sees, as it was typed.
func readHidden(t *Terminal) ([]byte, error) { return readLine(t) }

// canWaitForLine says that waitForLine works here.
const canWaitForLine = true

// forever is no bound on a wait.
const forever = -time.Millisecond

// waitForLine waits until a line was typed at a terminal, or wake can be read, or
// the time is over, and reports whether there is a line, or what ended it.
func waitForLine(tty, wake *os.File, d time.Duration) bool {
	fds := []unix.PollFd{{Fd: int32(tty.Fd()), Events: unix.POLLIN}, {Fd: -1}}
	if wake != nil {
		fds[1] = unix.PollFd{Fd: int32(wake.Fd()), Events: unix.POLLIN}
	}
	if d != forever {
		d = max(d, 0)
	}
	for {
		n, err := unix.Poll(fds, int(d.Milliseconds()))
		if d == forever && err == unix.EINTR {
			continue
		}
		return err == nil && n > 0 && fds[0].Revents != 0
	}
}

// doneFile is a file that can be read when a context is done; nil if there is none.
func doneFile(ctx context.Context) *os.File {
	var p [2]int
	if ctx.Done() == nil || unix.Pipe2(p[:], unix.O_CLOEXEC) != nil {
		return nil
	}
	context.AfterFunc(ctx, func() { _ = unix.Close(p[1]) })
	return os.NewFile(uintptr(p[0]), "done")
}
