package main

import "fmt"

// usageError is a command line that says nothing that can be done.
type usageError struct {
	text string
	hint string // what to do; empty for the command's own help
}

func (e *usageError) Error() string { return e.text }

// usagef makes a usage error. What comes from outside has to be escaped.
func usagef(format string, a ...any) error { return &usageError{text: fmt.Sprintf(format, a...)} }
