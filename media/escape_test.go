package media

import (
	"strconv"
	"testing"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "",
		"csr1.db/a-b.gfb":           "csr1.db/a-b.gfb",
		"Grüße 日本":                  "Grüße 日本",
		"a\x1b[2Jb":                 `a\x1b[2Jb`,
		"a\r\nb\tc":                 `a\r\nb\tc`,
		"gfb.\u202etxt":             `gfb.\u202etxt`,
		"\u2066a\u2069\u200b\ufeff": `\u2066a\u2069\u200b\ufeff`,
		"a\u00a0b":                  `a\u00a0b`,
		"a\xffb\xc0\xaf":            `a\xffb\xc0\xaf`,
		"\ufffd":                    "\ufffd",
		`a\nb`:                      `a\\nb`,
		`say "x" it's`:              `say "x" it's`,
		"\x7f\u0085":                `\x7f\u0085`,
		"\U000e0041":                `\U000e0041`,
	} {
		if got := Escape(in); got != want {
			t.Errorf("Escape(%q) = %s, want %s", in, got, want)
		}
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"a", "\x1b]0;x\a", "\u202e", "\xff\\", "ü"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e := Escape(s)
		if !utf8.ValidString(e) {
			t.Fatalf("%q is not UTF-8", e)
		}
		for _, r := range e {
			if !strconv.IsPrint(r) {
				t.Fatalf("%q holds %q", e, r)
			}
		}
	})
}
