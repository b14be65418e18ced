package media

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Escape makes a string from outside safe to print on an operator's terminal.
// Printable characters stay; everything else (control characters, bidirectional
// and other format characters such as \u202e, any space but U+0020, invalid
// UTF-8) is written as strconv.Quote writes it. A backslash becomes \\, so
// that two strings never look alike; quotes stay.
func Escape(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1, r == '\\', !strconv.IsPrint(r):
			q := strconv.Quote(s[:n])
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteRune(r)
		}
		s = s[n:]
	}
	return b.String()
}
