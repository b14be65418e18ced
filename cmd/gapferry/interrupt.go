package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// exitInterrupted is what a shell expects of a program ended with Ctrl-C.
const exitInterrupted = 130

// removing is how long a command has that makes what is to be removed at the end.
const removing = 10 * time.Second

// unwinding is how long a command has to notice that it was interrupted: what
// waits for somebody or for a medium does at once. Whatever else is being done is
// whole or not done at all, as after a loss of power.
const unwinding = 300 * time.Millisecond

// interrupt ends a command when a signal comes, like that of Ctrl-C: its context
// is done then. Without one (nil) a command runs to its end.
type interrupt struct {
	ctx     context.Context
	cancel  context.CancelFunc
	started sync.Once
	ended   chan struct{} // closed when the command has returned
	leave   sync.Once

	mu   sync.Mutex
	wait time.Duration // how long the command has to notice
	told string        // what is told; empty where something may have been done
	last []func()      // what is done at the end, however it comes
}

func newInterrupt() *interrupt {
	i := &interrupt{ended: make(chan struct{}), wait: unwinding}
	i.ctx, i.cancel = context.WithCancel(context.Background())
	return i
}

// watch begins to watch for signals. Where it is not called, they end the process
// as they end any other.
func (i *interrupt) watch() {
	if i == nil {
		return
	}
	i.started.Do(func() {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
		go func() {
			<-signals
			i.cancel()
			select {
			case <-i.ended:
			case <-time.After(i.patience()):
				i.tell()
				os.Exit(exitInterrupted)
			}
		}()
	})
}

func (i *interrupt) patience() time.Duration {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.wait
}

// removes has a directory removed at the end, and says what is told then.
func (i *interrupt) removes(dir, told string) {
	if i == nil {
		return
	}
	i.mu.Lock()
	i.wait, i.told = removing, told
	i.mu.Unlock()
	i.atEnd(func() { _ = os.RemoveAll(dir) })
	i.watch()
}

// untouched says what to tell of a command that has done nothing that could stay,
// until over is called.
func (i *interrupt) untouched(told string) (over func()) {
	if i == nil {
		return func() {}
	}
	say := func(told string) {
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.ctx.Err() == nil { // else it is over because of that
			i.told = told
		}
	}
	say("stopped. " + told)
	return func() { say("") }
}

// atEnd has something done at the end of the command, or in the middle of it
// where it does not notice the end in time. It may be done twice.
func (i *interrupt) atEnd(do func()) {
	if i == nil {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last = append(i.last, do)
}

// end is called when the command has returned, and reports whether it was
// interrupted: what failed because of that is not worth a word then.
func (i *interrupt) end() (interrupted bool) {
	close(i.ended)
	if i.ctx.Err() != nil {
		i.tell()
		return true
	}
	i.finish()
	return false
}

func (i *interrupt) finish() {
	i.mu.Lock()
	last := i.last
	i.mu.Unlock()
	for _, do := range last {
		do()
	}
}

// tell leaves everything as it was found, and says that the command was stopped.
func (i *interrupt) tell() {
	i.leave.Do(func() {
		i.finish()
		i.mu.Lock()
		defer i.mu.Unlock()
		told := i.told
		if told == "" {
			told = "stopped. What was done stays done; run the same command again to go on"
		}
		fmt.Fprintln(os.Stderr, "\ngapferry: "+told)
	})
}

// until is a file that nothing is written to any more when a context is done.
type until struct {
	ctx  context.Context
	file *os.File
}

func (u *until) Write(p []byte) (int, error) {
	if u.ctx.Err() != nil {
		return len(p), nil
	}
	return u.file.Write(p)
}

// Fd is the file's, so that a terminal is known to be one.
func (u *until) Fd() uintptr { return u.file.Fd() }
