// Command gapferry clones a master key from one cryptographic coprocessor to
// others that never share a network. The README says how; this package is the
// part that speaks with people: flags, prompts, progress and words.
package main

import (
	"errors"
	"io"
	"os"
	"runtime/debug"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

// garbage is how much may wait to be collected, in percent of what is in use: a
// stick that somebody filled is held in memory while it is verified, and not as
// much again may wait beside it. Tests that measure no memory set it higher.
var garbage = 50

// memoryLocked says that nothing of this process's memory is swapped out.
var memoryLocked bool

func main() { os.Exit(run()) }

// run is the program, to its exit code.
func run() int {
	if err := enoughFiles(); err != nil {
		reportBoth(err)
		return exitOther
	}
	debug.SetGCPercent(garbage)
	memoryLocked = hideMemory()
	stop := newInterrupt()
	app := newApp(os.Stdin, &until{stop.ctx, os.Stdout}, &until{stop.ctx, os.Stderr}, stop)
	err := app.RunContext(stop.ctx, os.Args)
	if stop.end() {
		return exitInterrupted
	}
	if err != nil {
		reportBoth(err)
	}
	return exitCode(err)
}

// reportBoth says to people and to programs why the command failed.
func reportBoth(err error) {
	report(os.Stderr, err)
	if asksJSON(os.Args[1:]) {
		reportJSON(os.Stdout, err)
	}
}

// report prints an error and, where there is something to do about it, a hint.
func report(w io.Writer, err error) {
	terminal.Print(w, "gapferry: ", err.Error())
	if h := adviceOn(err); h != "" {
		terminal.Print(w, "  hint: ", h)
	}
}

// adviceOn is what is printed as the hint of an error: in the words of the place
// where it happened, if that is known.
func adviceOn(err error) string {
	var there *advised
	if errors.As(err, &there) {
		return there.advice
	}
	return hint(err)
}
