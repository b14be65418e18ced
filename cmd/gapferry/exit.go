package main

import (
	"errors"
	"syscall"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/media"
)

// The exit codes.
const (
	exitDone        = 0
	exitOther       = 1
	exitUsage       = 2
	exitRefused     = int(refusal.Refused)
	exitNotYet      = int(refusal.NotYet)
	exitMedium      = 5
	exitCoprocessor = int(refusal.Device)
	exitDenied      = int(refusal.Denied)
	exitNothing     = int(refusal.Nothing)
)

// exitCode says how the command ends. What is about a medium, and what was typed
// wrongly, errors say themselves: see media.Problem and media.Misuse.
func exitCode(err error) int {
	var refused *refusal.Error
	switch {
	case err == nil:
		return exitDone
	case isA[*media.ConflictError](err): // whatever was refused because of it
		return exitMedium
	case isA[media.Misuse](err):
		return exitUsage
	case errors.As(err, &refused):
		return int(refused.Code.Group())
	case isA[*plan.Error](err):
		return exitRefused
	case isA[media.Problem](err):
		return exitMedium
	}
	return exitOther
}

func isA[T error](err error) bool {
	var e T
	return errors.As(err, &e)
}

// hint says what to do about an error; empty where the error says it all.
func hint(err error) string {
	var refused *refusal.Error
	if errors.As(err, &refused) {
		return refused.Advice()
	}
	if errors.Is(err, syscall.ENOSPC) && !isA[*media.StepError](err) {
		return "make room on that disk, and run the same command again: what the journal has stays, and nothing is lost"
	}
	if isA[*media.ConflictError](err) {
		return "somebody changed that file on the stick; use a fresh one, and keep this one for the auditor"
	}
	var advised interface {
		error
		Advice() string
	}
	if errors.As(err, &advised) {
		return advised.Advice()
	}
	if isA[*media.UnsupportedError](err) {
		return "mount the stick and name its directory: dir:PATH"
	}
	return ""
}
