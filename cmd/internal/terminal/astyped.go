package terminal

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// maxTypedLine is as much of a line as Linux's terminals take, in bytes.
const maxTypedLine = 4096

// errTypedLine is a line that the terminal cut off, or never ended.
var errTypedLine = errors.New("more than 4095 bytes were typed in one line")

// readLine reads one typed line, without its end. io.EOF is Ctrl-D. Nothing of
// it is left anywhere else.
func readLine(in io.Reader) ([]byte, error) {
	line := make([]byte, 0, maxTypedLine)
	for {
		n, err := in.Read(line[len(line):cap(line)])
		line = line[:len(line)+n]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			return line[:i], nil
		}
		if err == nil && len(line) == cap(line) {
			err = errTypedLine
		}
		if err != nil {
			clear(line)
			return nil, err
		}
	}
}

// pasteMarks are what a terminal puts around what is pasted, where the program
// before asked for it (bracketed paste of xterm) and nobody took that back.
var pasteMarks = [][]byte{[]byte("\x1b[200~"), []byte("\x1b[201~")}

// asTyped changes a typed line, in its place, into what its typist means by it:
// without the marks of a paste, and without what they erased with a key that the
// terminal took for a letter.
func asTyped(line []byte) []byte {
	kept := line[:0]
	for rest := line; len(rest) > 0; {
		if n := markLen(rest); n > 0 {
			rest = rest[n:]
			continue
		}
		switch c := rest[0]; c {
		case '\b', 0x7f:
			kept = kept[:len(kept)-lastLetter(kept)]
		case 'U' - '@':
			kept = kept[:0]
		case 'W' - '@':
			kept = bytes.TrimRight(kept, " ")
			kept = kept[:bytes.LastIndexByte(kept, ' ')+1]
		default:
			kept = append(kept, c)
		}
		rest = rest[1:]
	}
	clear(line[len(kept):])
	return kept
}

func markLen(text []byte) int {
	for _, mark := range pasteMarks {
		if bytes.HasPrefix(text, mark) {
			return len(mark)
		}
	}
	return 0
}

// lastLetter is the size of the last letter of a text, with all its accents.
func lastLetter(text []byte) int {
	if !utf8.Valid(text) {
		_, n := utf8.DecodeLastRune(text)
		return n
	}
	n := 0
	for state := -1; len(text) > 0; {
		var letter []byte
		letter, text, _, state = uniseg.FirstGraphemeCluster(text, state)
		n = len(letter)
	}
	return n
}
