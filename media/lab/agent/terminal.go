//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gapferry/gapferry/media/lab/internal/wire"
)

// speaker hands on what is written to it, line by line.
type speaker struct {
	say  func(string)
	rest []byte
}

func (s *speaker) Write(b []byte) (int, error) {
	s.rest = append(s.rest, b...)
	for {
		line, rest, ok := bytes.Cut(s.rest, []byte("\n"))
		if !ok {
			return len(b), nil
		}
		s.say(string(line))
		s.rest = rest
	}
}

// terminal gives a program, which is not started yet, a terminal of its own.
// What it says there is sent as it comes. hangUp ends that.
func (a *agent) terminal(cmd *exec.Cmd, id int) (hangUp func(), err error) {
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	n, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		keyboard.Close()
		return nil, err
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		keyboard.Close()
		return nil, err
	}
	cmd.ExtraFiles = append(cmd.ExtraFiles, tty)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 2 + len(cmd.ExtraFiles)}
	a.mu.Lock()
	a.terminals[id] = keyboard
	a.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for buf := make([]byte, 4096); ; {
			k, err := keyboard.Read(buf)
			if err != nil {
				return
			}
			text := string(buf[:k])
			a.send(wire.Message{ID: id, Asked: &text})
		}
	}()
	return func() {
		a.mu.Lock()
		delete(a.terminals, id)
		a.mu.Unlock()
		tty.Close() // the last one: the program has ended
		<-done
		keyboard.Close()
	}, nil
}

// console gives a program, which is not started yet, the machine's own screen
// and keyboard.
func console(cmd *exec.Cmd) (*os.File, error) {
	tty, err := os.OpenFile("/dev/tty1", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	cmd.ExtraFiles = append(cmd.ExtraFiles, tty)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 2 + len(cmd.ExtraFiles)}
	return tty, nil
}

// typeIn types a line at the terminal of a program.
func (a *agent) typeIn(id int, text string) error {
	a.mu.Lock()
	keyboard := a.terminals[id]
	a.mu.Unlock()
	if keyboard == nil {
		return errors.New("the program has no terminal")
	}
	_, err := keyboard.WriteString(text + "\n")
	return err
}
