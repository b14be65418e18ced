package main

import (
	"errors"
	"syscall"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
	"github.com/gapferry/gapferry/media/qr/capture"
	"github.com/gapferry/gapferry/media/usb"
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

func exitCode(err error) int {
	var usage *terminal.UsageError
	var refused *refusal.Error
	var wrong *plan.Error
	switch {
	case err == nil:
		return exitDone
	case isA[*media.ConflictError](err):
		return exitMedium
	case errors.As(err, &usage), isA[*media.SpecError](err), isA[*media.UnsupportedError](err):
		return exitUsage
	case errors.As(err, &refused):
		return int(refused.Code.Group())
	case errors.As(err, &wrong):
		return exitRefused
	case isA[*media.StepError](err), isA[*media.ConflictError](err), isA[*media.SpaceError](err),
		isA[*media.LimitError](err), isA[*media.NameError](err), isA[*usb.NoStickError](err), isA[*usb.ChooseError](err),
		isA[*usb.BusyError](err), isA[*media.MarkerError](err), isA[*carrier.WrongStickError](err),
		isA[*capture.PictureError](err), isA[*carrier.PictureDirError](err), isA[*carrier.SourceError](err), isA[*carrier.NotReadError](err), isA[*carrier.ResumeError](err), isA[*carrier.MissingDirError](err), isA[*cardThereError](err):
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
	if usage, ok := errors.AsType[*terminal.UsageError](err); ok {
		return usage.Hint
	}
	if isA[*cardThereError](err) {
		return "no card is ever overwritten: move that file away and give the same command again, or name another file"
	}
	if isA[*media.ConflictError](err) {
		return "somebody changed that file on the stick; use a fresh one, and keep this one for the auditor"
	}
	if isA[*carrier.WrongStickError](err) {
		return "take this stick out and plug in the one that is wanted"
	}
	if isA[*carrier.NotReadError](err) {
		return "the same command again shows it again; or hand it over with another carrier"
	}
	if isA[*media.UnsupportedError](err) {
		return "mount the stick and name its directory: dir:PATH"
	}
	return ""
}
