package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
)

// screenWidth is the narrowest screen that text for people is made for.
const screenWidth = 79

// say prints text that comes from outside or holds such text, escaped, behind
// a prefix: on a terminal broken at blanks, elsewhere on one line, as programs
// that read it like it.
func say(w io.Writer, prefix, text string) { saySafe(w, prefix, escape(text)) }

// saySafe is say for text in which everything from outside is escaped already.
func saySafe(w io.Writer, prefix, text string) {
	if f, ok := w.(*os.File); ok && isTerminal(f) {
		sayBroken(w, prefix, text)
		return
	}
	fmt.Fprintln(w, prefix+text)
}

func sayBroken(w io.Writer, prefix, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(prefix))
	line, width := prefix, len(indent)
	for i, word := range strings.Split(wholeCommands(text, screenWidth-width), " ") {
		word = strings.ReplaceAll(word, heldBlank, " ")
		n := utf8.RuneCountInString(word)
		if i > 0 && width+1+n > screenWidth {
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

// nextStep says where to go after a phase is done, and with what.
func nextStep(id ceremony.PhaseID, with string) string {
	switch {
	case with == "the stick":
		return nextRoom(id)
	case id == "3b":
		return "take " + with + " to the source (phase 3c), and the csr-cert of each target to that target too (phase 3d)"
	}
	return strings.NewReplacer("the sticks", with, "the stick", with).Replace(nextRoom(id))
}

func nextRoom(id ceremony.PhaseID) string {
	switch id {
	case "1":
		return "take the stick to the source (phase 2a) and to each target (phase 3a), and the cards with the SA-key hash apart from it"
	case "2a":
		return "take the stick on to the targets (phase 3a), then back to the SA (phases 2b and 3b); take the key card for the SA apart from it; the one for the targets stays here until phase 3c"
	case "3a":
		return "take the stick on to the next target, or back to the SA (phases 2b and 3b); take the key cards apart from it, one to the SA and one to the source"
	case "2b":
		return "phase 3b, here"
	case "3b":
		return "take the stick to the source (phase 3c), and the targets' key cards apart from it"
	case "3c":
		return "take the sticks to each target (phase 3d), and, apart from them, the source's key card and the worksheet with the pattern"
	case "3d":
		return "take the stick on to the next target; then to the source and to the SA, to take the receipts in (gapferry receipts); then every room hands its journal out (gapferry journal export)"
	}
	return ""
}
