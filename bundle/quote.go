package bundle

import "strconv"

// maxQuoted bounds how much of what came from outside an error repeats, in
// bytes before quoting: errors end up on terminals and in journals.
const maxQuoted = 48

// quoted is text from outside, safe to print and of bounded length.
func quoted[T ~string | ~[]byte](s T) string {
	if len(s) > maxQuoted {
		return strconv.Quote(string(s[:maxQuoted])) + "…"
	}
	return strconv.Quote(string(s))
}
