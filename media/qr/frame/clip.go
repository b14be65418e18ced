package frame

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxClip is how many characters of a text from outside a line shows: enough
// to tell what it is, short enough for one line.
const maxClip = 48

// clip quotes a text from outside, so that it is safe to print, and cuts it.
func clip(text string) string {
	var b strings.Builder
	for n := 0; len(text) > 0; {
		r, size := utf8.DecodeRuneInString(text)
		q := strconv.Quote(text[:size])
		q = q[1 : len(q)-1]
		n += utf8.RuneCountInString(q)
		if n > maxClip || r == utf8.RuneError && size == 0 {
			return `"` + b.String() + `…"`
		}
		b.WriteString(q)
		text = text[size:]
	}
	return `"` + b.String() + `"`
}
