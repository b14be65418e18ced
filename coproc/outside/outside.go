// Package outside repeats in errors what came from outside: safe to print, and
// of bounded length, whatever it was.
//
// Parsers that are not ours put their input into their errors, as it is and as
// long as it is. Each such error goes through Error where it is wrapped first.
package outside

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gapferry/gapferry/coproc/tally"
)

// MaxText bounds what Text repeats, and MaxError the text of an error, in bytes
// before they are escaped.
const (
	MaxText  = 48
	MaxError = 320
)

// more says that something was left out.
const more = "…"

// Text is text from outside between quotation marks.
func Text[T ~string | ~[]byte](s T) string {
	if len(s) > MaxText {
		return strconv.Quote(string(s[:MaxText])) + more
	}
	return strconv.Quote(string(s))
}

// Error is err with a text that can be printed and is not long. What it wraps
// can still be asked for with errors.Is and errors.As. An error that is so
// already, nil included, is given back as it is.
func Error(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if line := Line(text); line != text {
		return &clipped{line, err}
	}
	return err
}

// Line is a text as Error would have it.
func Line(text string) string {
	tally.Formatted.Add(int64(len(text)))
	if len(text) <= MaxError && printed(text) {
		return text
	}
	return escaped(text)
}

// clipped is an error whose text came from outside.
type clipped struct {
	text string
	err  error
}

func (e *clipped) Error() string { return e.text }

func (e *clipped) Unwrap() error { return e.err }

func printed(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) })
}

// escaped is the beginning of a text, what is not printed in it as Go writes it.
func escaped(s string) string {
	end := ""
	if len(s) > MaxError {
		s, end = s[:MaxError], more
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		if r, n := utf8.DecodeLastRuneInString(s); r == utf8.RuneError && n == 1 {
			s = s[:len(s)-1] // the head of a character that was cut
		}
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 || !strconv.IsPrint(r) {
			q := strconv.Quote(s[:n])
			b.WriteString(q[1 : len(q)-1])
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String() + end
}
