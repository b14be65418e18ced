package main

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// failure is why a command failed, for programs: the last line of every command
// that was typed with --json and ends with another exit code than 0. Whatever was
// found before that stands on the lines above it.
type failure struct {
	Exit    int          `json:"exit_code"`               // what the command ends with, as the manual lists them
	Code    refusal.Code `json:"code,omitempty"`          // of a refusal
	Message string       `json:"message"`                 // what is wrong
	Hint    string       `json:"hint,omitempty"`          // what to do
	Bundle  string       `json:"bundle_digest,omitempty"` // the bundle concerned
	Profile string       `json:"profile,omitempty"`       // that was not let in
}

func failureOf(err error) failure {
	f := failure{Exit: exitCode(err), Message: err.Error(), Hint: adviceOn(err)}
	var refused *refusal.Error
	if errors.As(err, &refused) {
		f.Code, f.Profile = refused.Code, refused.Profile
		if refused.Bundle != (coproc.Digest{}) {
			f.Bundle = refused.Bundle.String()
		}
	}
	return f
}

// reportJSON prints an error for programs. That it cannot be printed changes
// nothing: the exit code says the same.
func reportJSON(w io.Writer, err error) {
	_ = (&env{out: w}).json(failureOf(err))
}

// asksJSON reports whether a command line has --json, whatever else is wrong with
// it: a flag that is misspelled is told to programs, too.
func asksJSON(args []string) bool {
	asked := false
	for _, arg := range args {
		if arg == "--" {
			break
		}
		name, value, given := strings.Cut(arg, "=")
		if name != "--"+jsonFlag.Name && name != "-"+jsonFlag.Name {
			continue
		}
		yes, err := strconv.ParseBool(value)
		asked = !given || err != nil || yes
	}
	return asked
}
