package refusal

import (
	"errors"
	"fmt"

	"github.com/gapferry/gapferry/coproc"
)

// Error is why something was not done. Nothing was changed, but for the
// journal that tells of it.
type Error struct {
	Code   Code
	Text   string
	Bundle coproc.Digest // the bundle concerned, or zero
	Err    error         // what it comes from, or nil
	// Unregister is set where an SA key does not fit the hash that is registered
	// here: if that is the wrong one, it can be taken back.
	Unregister bool
	// Hint says what to do, where the code alone does not tell it; or "". A
	// command that is to be typed in this room stands in braces, without the word
	// gapferry and without the store: {phase 3a}. It is not for the journal, and
	// nothing from outside is ever put into it.
	Hint string

	Profile string // that was not let in, or ""
}

func (r *Error) Error() string { return r.Text }

// Unwrap gives the cause.
func (r *Error) Unwrap() error { return r.Err }

// New makes a refusal of this code; text and cause (%w) are as fmt.Errorf makes them.
func New(c Code, format string, a ...any) *Error {
	err := fmt.Errorf(format, a...)
	return &Error{Code: c, Text: err.Error(), Err: errors.Unwrap(err)}
}

// Hinted gives the refusal a hint of its own.
func (r *Error) Hinted(format string, a ...any) *Error {
	r.Hint = fmt.Sprintf(format, a...)
	return r
}

// Wrap turns an error of the packages below into a Refusal that begins
// with what was being done. Other errors (the disk's, say) stay what they are.
func Wrap(err error, format string, a ...any) error {
	if err == nil {
		return nil
	}
	var r *Error
	if errors.As(err, &r) {
		return err
	}
	text := fmt.Sprintf(format, a...) + ": " + err.Error()
	for _, c := range causes {
		if errors.Is(err, c.err) {
			return &Error{Code: c.code, Text: text, Err: err}
		}
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, a...), err)
}
