// Command gapferry clones a master key from one cryptographic coprocessor to
// others that never share a network. The README says how; this package is the
// part that speaks with people: flags, prompts, progress and words.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync/atomic"
)

// restoreTerminal puts the terminal back as it was found.
var restoreTerminal = func() {}

// stopping says that another goroutine is ending the program: what fails
// because of that is not worth a word.
var stopping atomic.Bool

// exitInterrupted is what a shell expects of a program ended with Ctrl-C.
const exitInterrupted = 130

// nothingYet is what to say of a command that has done nothing that could stay:
// "Nothing was written", or empty.
var nothingYet atomic.Value

// stopped ends the program after Ctrl-C. Whatever was being done is whole or
// not done at all, as after a loss of power.
func stopped() {
	restoreTerminal()
	if nothing, _ := nothingYet.Load().(string); nothing != "" {
		fmt.Fprintln(os.Stderr, "\ngapferry: stopped. "+nothing)
	} else {
		fmt.Fprintln(os.Stderr, "\ngapferry: stopped. What was done stays done; run the same command again to go on")
	}
	os.Exit(exitInterrupted)
}

// memoryLocked says that nothing of this process's memory is swapped out.
var memoryLocked bool

func main() { os.Exit(run()) }

// run is the program, to its exit code.
func run() int {
	if err := enoughFiles(); err != nil {
		report(os.Stderr, err)
		return exitOther
	}
	// A stick that somebody filled is held in memory while it is verified: not
	// as much again may wait to be collected.
	debug.SetGCPercent(50)
	memoryLocked = hideMemory()
	err := newApp(os.Stdin, os.Stdout, os.Stderr).Run(os.Args)
	restoreTerminal()
	if stopping.Load() {
		select {}
	}
	if err != nil {
		report(os.Stderr, err)
	}
	return exitCode(err)
}

// report prints an error and, where there is something to do about it, a hint.
func report(w io.Writer, err error) {
	say(w, "gapferry: ", err.Error())
	h := hint(err)
	var there *advised
	if errors.As(err, &there) {
		h = there.advice
	}
	if h != "" {
		say(w, "  hint: ", h)
	}
}
