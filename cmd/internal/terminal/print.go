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

// plainWord is what a shell takes as it stands.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:=,@%+][A-Za-z0-9_./:=,@%+-]*$`)

// Quote writes a word so that a shell takes it as one, also after it was escaped
// to be printed: that doubles backslashes, and a command that is copied from the
// screen must not end anywhere else than it does here. What cannot be copied,
// because it is not printed as it is, is left to be typed.
func Quote(word string) string {
	switch {
	case plainWord.MatchString(word):
		return word
	case media.Escape(word) != word:
		return "…"
	}
	return "'" + strings.ReplaceAll(word, "'", `'"'"'`) + "'"
}

// List gives numbers as people write them.
func List(numbers []int) string {
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(numbers)), ", "), "[]")
}
