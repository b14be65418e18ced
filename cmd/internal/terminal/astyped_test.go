package terminal

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestAsTyped(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"":                               "",
		"yes":                            "yes",
		" kept as it is ":                " kept as it is ",
		"\x1b[200~Korrekt Hors\x1b[201~": "Korrekt Hors",
		"Korr\x1b[200~ekt\x1b[201~ Hors": "Korrekt Hors",
		"\x1b[201~yes":                   "yes",
		"\x1b[200yes":                    "\x1b[200yes",
		"a\u00e4\bb":                     "ab",
		"a\u00e4\x7fb":                   "ab",
		"aa\u0308\bb":                    "ab", // one letter, of two code points
		"a\U0001f1e9\U0001f1ea\bb":       "ab",
		"a\xe4\x7fb":                     "ab", // in Latin-1
		"\b\bno\x7f\x7f\x7fyes":          "yes",
		"ab\bc\bd\b\b\bx":                "x",
		"wrong\x15right":                 "right",
		"one two  \x17three":             "one three",
		"one\x17two":                     "two",
		"\x1b[200~x\x1b[201~\b\byes":     "yes",
		"\x1b[A":                         "\x1b[A",
		"zero\x00":                       "zero\x00",
	} {
		line := []byte(typed)
		got := asTyped(line)
		if string(got) != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
		if left := bytes.Trim(line[len(got):], "\x00"); len(left) > 0 {
			t.Errorf("%q: %q was left in memory", typed, left)
		}
	}
}

func FuzzAsTyped(f *testing.F) {
	f.Add("a\u00e4\bb")
	f.Add("\x1b[200~x\x1b[201~\b\byes")
	f.Fuzz(func(t *testing.T, typed string) {
		if got := asTyped([]byte(typed)); len(got) > len(typed) || bytes.ContainsAny(got, "\b\x7f\x15\x17") {
			t.Fatalf("%q: %q", typed, got)
		}
	})
}

func TestReadLine(t *testing.T) {
	t.Parallel()
	const long = 4095
	for _, test := range []struct {
		in, want string
		err      error
	}{
		{"yes\n", "yes", nil}, {"\n", "", nil}, {"", "", io.EOF}, {"half", "", io.EOF},
		{strings.Repeat("x", long) + "\n", strings.Repeat("x", long), nil},
		{strings.Repeat("x", long+1) + "\n", "", errTypedLine},
	} {
		got, err := readLine(inPieces{strings.NewReader(test.in)})
		if string(got) != test.want || !errors.Is(err, test.err) {
			t.Errorf("%.20q: %.20q, %v, want %v", test.in, got, err, test.err)
		}
	}
}

// inPieces reads in pieces, as a terminal that is not in line mode gives them.
type inPieces struct{ r io.Reader }

func (s inPieces) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), 7)]) }
