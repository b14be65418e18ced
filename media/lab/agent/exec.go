//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"

	"github.com/gapferry/gapferry/media/lab/internal/wire"
)

// exec runs a program. Its lines are sent as they come: a writer whose stick
// is pulled out may never end, and what it told before counts.
func (a *agent) exec(r wire.Request) (*wire.Exit, error) {
	if len(r.Args) == 0 {
		return nil, errors.New("no program")
	}
	cmd := exec.Command(r.Args[0], r.Args[1:]...)
	cmd.Dir = "/store"
	cmd.Env = []string{"HOME=/store", "PATH=/"}
	cmd.Stdin = bytes.NewReader(r.Stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if r.Talk {
		cmd.Stderr = io.MultiWriter(&stderr, &speaker{say: func(text string) { a.send(wire.Message{ID: r.ID, Said: &text}) }})
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	feed, err := extraFiles(cmd, r.FDs)
	if err != nil {
		return nil, err
	}
	if r.Talk {
		hangUp, err := a.terminal(cmd, r.ID)
		if err != nil {
			feed.abandon()
			return nil, err
		}
		defer hangUp()
	}
	if r.Screen {
		screen, err := console(cmd)
		if err != nil {
			feed.abandon()
			return nil, err
		}
		defer screen.Close()
	}
	if err := cmd.Start(); err != nil {
		feed.abandon()
		return nil, err
	}
	a.mu.Lock()
	a.running[r.ID] = cmd.Process
	a.mu.Unlock()
	feed.pour()
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		text := lines.Text()
		a.send(wire.Message{ID: r.ID, Line: &text})
	}
	err = errors.Join(lines.Err(), cmd.Wait())
	a.mu.Lock()
	delete(a.running, r.ID)
	a.mu.Unlock()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	text := stderr.Bytes()
	return &wire.Exit{Code: cmd.ProcessState.ExitCode(), Stderr: string(text[:min(len(text), wire.MaxStderr)])}, nil
}

func (a *agent) kill(id int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p := a.running[id]; p != nil {
		return p.Kill()
	}
	return nil
}

// pipes are the extra descriptors of a program.
type pipes struct {
	ours, theirs []*os.File
	data         [][]byte
}

func extraFiles(cmd *exec.Cmd, data [][]byte) (*pipes, error) {
	p := &pipes{data: data}
	for range data {
		r, w, err := os.Pipe()
		if err != nil {
			p.abandon()
			return nil, fmt.Errorf("pipe: %w", err)
		}
		p.ours, p.theirs = append(p.ours, w), append(p.theirs, r)
	}
	cmd.ExtraFiles = p.theirs
	return p, nil
}

// pour writes the data, after the program was started.
func (p *pipes) pour() {
	for _, f := range p.theirs {
		f.Close()
	}
	var done sync.WaitGroup
	for i, f := range p.ours {
		done.Go(func() {
			f.Write(p.data[i]) // a program that does not read it is its own affair
			f.Close()
		})
	}
}

func (p *pipes) abandon() {
	for _, f := range append(p.ours, p.theirs...) {
		f.Close()
	}
}
