package terminal

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/gapferry/gapferry/media"
)

// Width is the narrowest screen that text for people is made for.
const Width = 79

// Print prints text that comes from outside or holds such text, escaped, behind
// a prefix: on a terminal broken at blanks, elsewhere on one line, as programs
// that read it like it.
func Print(w io.Writer, prefix, text string) { PrintSafe(w, prefix, media.Escape(text)) }

// PrintSafe is Print for text in which everything from outside is escaped already.
func PrintSafe(w io.Writer, prefix, text string) {
	if IsTerminal(w) {
		PrintWrapped(w, prefix, text)
		return
	}
	fmt.Fprintln(w, prefix+text)
}

// PrintWrapped breaks a text at blanks, so that no line is wider than Width.
func PrintWrapped(w io.Writer, prefix, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(prefix))
	line, width := prefix, len(indent)
	for i, word := range strings.Split(wholeCommands(text, Width-width), " ") {
		word = strings.ReplaceAll(word, heldBlank, " ")
		n := utf8.RuneCountInString(word)
		if i > 0 && width+1+n > Width {
			fmt.Fprintln(w, line)
			line, width = indent, len(indent)
		} else if i > 0 {
			line, width = line+" ", width+1
		}
		line, width = line+word, width+n
	}
	fmt.Fprintln(w, line)
}

// heldBlank stands for a blank at which no line is broken. Nothing that is
// printed has it.
const heldBlank = "\x00"

// commandIn finds what somebody types, in a text.
var commandIn = regexp.MustCompile("`gapferry [^`]*`")

// wholeCommands holds the blanks of each command that fits on a line: what is copied
// from a screen would be another command where a line was broken.
func wholeCommands(text string, width int) string {
	return commandIn.ReplaceAllStringFunc(text, func(command string) string {
		if utf8.RuneCountInString(command) > width {
			return command
		}
		return strings.ReplaceAll(command, " ", heldBlank)
	})
}

// IsTerminal reports whether what is written to or read from is a terminal.
func IsTerminal(f any) bool {
	d, ok := f.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(d.Fd()))
}
