package terminal

import "fmt"

// UsageError is a command line that says nothing that can be done.
type UsageError struct {
	Text string
	Hint string // what to do; empty for the command's own help
}

func (e *UsageError) Error() string { return e.Text }

// Advice says what to do about it, or "".
func (e *UsageError) Advice() string { return e.Hint }

// Misused marks what was called wrongly.
func (*UsageError) Misused() {}

// Usagef makes a usage error. What comes from outside has to be escaped.
func Usagef(format string, a ...any) error { return &UsageError{Text: fmt.Sprintf(format, a...)} }
