package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// seat is a gapferry process at a terminal of its own, and somebody who sits there.
type seat struct {
	t        testing.TB
	cmd      *exec.Cmd
	keyboard *os.File // the other end of the terminal

	mu   sync.Mutex
	said []byte // everything that the terminal was told
	more chan struct{}
}

// sitDown starts a process at a terminal of a size. Its standard input is the
// terminal, or in.
func sitDown(t testing.TB, cols, rows int, in *os.File, c call) *seat {
	t.Helper()
	skipUnderRace(t)
	return sitAnyway(t, cols, rows, in, c)
}

// sitAnyway is sitDown for what the race detector has to see.
func sitAnyway(t testing.TB, cols, rows int, in *os.File, c call) *seat {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	s := &seat{t: t, keyboard: keyboard, more: make(chan struct{}, 1)}
	s.resize(cols, rows)
	if c.left != nil {
		c.left(keyboard)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command(self, c.args...)
	s.cmd.Dir = c.dir
	s.cmd.Env = append(os.Environ(), beGapferry+"=1", "GAPFERRY_STORE=", "TERM=xterm-256color", "STY=")
	s.cmd.Env = append(s.cmd.Env, c.env...)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = tty, tty, tty
	if in != nil {
		s.cmd.Stdin = in
	}
	if c.out != nil {
		s.cmd.Stdout, s.cmd.Stderr = c.out, c.out
	}
	for _, content := range c.fds {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		go func() {
			fmt.Fprint(w, content)
			w.Close()
		}()
		s.cmd.ExtraFiles = append(s.cmd.ExtraFiles, r)
	}
	s.cmd.ExtraFiles = append(s.cmd.ExtraFiles, tty)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 2 + len(s.cmd.ExtraFiles)}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go s.listen()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		keyboard.Close()
	})
	return s
}

func (s *seat) listen() {
	for buf := make([]byte, 64<<10); ; {
		n, err := s.keyboard.Read(buf)
		s.mu.Lock()
		s.said = append(s.said, buf[:n]...)
		s.mu.Unlock()
		select {
		case s.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// resize makes the window larger or smaller.
func (s *seat) resize(cols, rows int) {
	s.t.Helper()
	size := &unix.Winsize{Row: uint16(rows), Col: uint16(cols)}
	if err := unix.IoctlSetWinsize(int(s.keyboard.Fd()), unix.TIOCSWINSZ, size); err != nil {
		s.t.Fatal(err)
	}
}

// types types at the keyboard.
func (s *seat) types(text string) {
	s.t.Helper()
	if _, err := s.keyboard.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

// told is everything that the terminal was told so far.
func (s *seat) told() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.said)
}

// patience bounds every wait in these tests; it is never used up where things work.
const patience = 60 * time.Second

// sees waits until something that has not been seen before it stands on the terminal.
func (s *seat) sees(what string) {
	s.t.Helper()
	s.until(what, func(told string) bool { return strings.Contains(told, what) })
}

func (s *seat) until(what string, ok func(told string) bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); ; {
		told := s.told()
		if ok(told) {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("never seen: %q\n…%q", what, tail(told))
		}
		select {
		case <-s.more:
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// leaves waits until the process has ended.
func (s *seat) leaves() answer {
	s.t.Helper()
	done := make(chan error, 1)
	go func() { done <- s.cmd.Wait() }()
	select {
	case err := <-done:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			s.t.Fatal(err)
		}
	case <-time.After(patience):
		s.t.Fatalf("it does not end\n…%q", tail(s.told()))
	}
	s.drain()
	return answer{out: s.told(), code: s.cmd.ProcessState.ExitCode()}
}

// drain waits until what the process wrote last has come through.
func (s *seat) drain() {
	for {
		select {
		case <-s.more:
		case <-time.After(100 * time.Millisecond):
			return
		}
	}
}

// mustLeave wants an exit code.
func (s *seat) mustLeave(code int) answer {
	s.t.Helper()
	a := s.leaves()
	if a.code != code {
		s.t.Fatalf("exit code %d, want %d\n…%q", a.code, code, tail(a.out))
	}
	return a
}

// tail is as much of a terminal's output as somebody wants to read.
func tail(told string) string { return told[max(0, len(told)-1000):] }
