package passphrase

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/secure/precis"

	"github.com/gapferry/gapferry/coproc"
)

func TestNormal(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"Korrekt Hors":            "Korrekt Hors",
		" blanks at both ends ":   " blanks at both ends ",
		"Schlu\u0308ssel":         "Schl\u00fcssel",
		"Schl\u00fcssel":          "Schl\u00fcssel",
		"one\u00a0two\u3000three": "one two three",
		"\u1112\u1161\u11ab\u1100\u1173\u11af 12345678": "\ud55c\uae00 12345678",
		"col\u00b7laborar":                  "col\u00b7laborar",
		"\u0915\u094d\u200d\u0937 12345678": "\u0915\u094d\u200d\u0937 12345678",
		"8 Bytes\u00df":                     "8 Bytes\u00df",
		"Stra\ufb01e \u2167 \u2460 x":       "Stra\ufb01e \u2167 \u2460 x", // NFC, not NFKC
		strings.Repeat("\U0001f511", 8):     strings.Repeat("\U0001f511", 8),
	} {
		got, err := Chosen([]byte(typed))
		if err != nil || string(got) != want {
			t.Errorf("%+q: %+q, %v, want %+q", typed, got, err, want)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ typed, want string }{
		{"", "nothing was typed"},
		{"\x00\x00", "it has U+0000 in it, a control character"},
		{"Korrekt\tHors", "it has U+0009 in it, a tabulator"},
		{"Korrekt Hors\x1b[A", "it has U+001B in it, which a key like an arrow sends"},
		{"Korrekt\x0c Hors", "it has U+000C in it, a control character"},
		{"Korrekt\u0085Hors", "it has U+0085 in it, a control character"},
		{"Schl\xfcssel", "it is not UTF-8: set the terminal, or what wrote the file, to UTF-8"},
		{"\U0001f468\u200d\U0001f469\u200d\U0001f467 ist da", "it has U+200D in it, an invisible joiner"},
		{"ohne\u2060Lücke", "it has U+2060 in it, an invisible joiner"},
		{"\u2764\ufe0f\u2764\ufe0f\u2764\ufe0f\u2764\ufe0f\u2764\ufe0f", "it has U+FE0F in it, an invisible variation selector"},
		{"\ufeffKorrekt Hors", "it has U+FEFF in it, which is invisible"},
		{"weiches\u00adTrennen", "it has U+00AD in it, which is invisible"},
		{"Korrekt\u202eHors", "it has U+202E in it, which is invisible"},
		{"Korrekt \U000e0fff", "it has U+E0FFF in it, which is invisible"},
		{"Korrekt \u0378Hors", "it has U+0378 in it, which no character is assigned to"},
		{"Korrekt \ue000Hors", "it has U+E000 in it, which no character is assigned to"},
		{"Korrekt\u2028Hors", "it has U+2028 in it, which passphrases do not have"},
		// What the right passphrase may have, too, is not named.
		{"l·a Korrekt", "it has characters together that passphrases do not have"},
		{"Korrekt \u0663\u06f3", "it has characters together that passphrases do not have"},
		{"Korrekt \u30fb Hors", "it has characters together that passphrases do not have"},
		{"l·a \u200dKorrekt", "it has U+200D in it, an invisible joiner"},
		{"7 bytes", "passphrases have at least 8 characters"},
		{"ääää", "passphrases have at least 8 characters"},
		{"a\u0308a\u0308a\u0308a\u0308", "passphrases have at least 8 characters"},
		{"x\u0302x\u0302x\u0302x\u0302", "passphrases have at least 8 characters, this has 4"},
		{strings.Repeat("\U0001f1e9\U0001f1ea", 7), "passphrases have at least 8 characters, this has 7"},
		{strings.Repeat("x", MaxSize+1), "passphrases have at most 1000 bytes"},
	} {
		got, err := Chosen([]byte(test.typed))
		if !errors.Is(err, coproc.ErrPassphraseForm) || got != nil {
			t.Errorf("%+q: %+q, error is %v", test.typed, got, err)
			continue
		}
		if _, why, _ := strings.Cut(err.Error(), ": "); why != test.want {
			t.Errorf("%+q:\n got %s\nwant %s", test.typed, why, test.want)
		}
	}
	// What was good once may have less characters for a later Unicode.
	if _, err := Normal([]byte("x\u0302x\u0302x\u0302x\u0302")); err != nil {
		t.Errorf("8 code points at log-on: %v", err)
	}
}

// TestASCII holds that what is not mapped is what the profile leaves alone.
func TestASCII(t *testing.T) {
	t.Parallel()
	for b := range byte(0x80) {
		text := "8 bytes " + string(rune(b))
		got, err := Normal([]byte(text))
		want, wantErr := precis.OpaqueString.String(text)
		if (err == nil) != (wantErr == nil) || string(got) != want {
			t.Errorf("U+%04X: %q, %v, want %q, %v", b, got, err, want, wantErr)
		}
	}
}

// FuzzNormal holds that the one form is one.
func FuzzNormal(f *testing.F) {
	for _, seed := range []string{"Korrekt Hors", "Schlu\u0308ssel", "one\u00a0two\u3000three", "\U0001f468\u200d\U0001f469", "\u0660\u06f0 12345678", "\xff", "col\u00b7laborar", "\u1112\u1161\u11ab 12345"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, typed []byte) {
		before := bytes.Clone(typed)
		got, err := Normal(typed)
		if !bytes.Equal(before, typed) {
			t.Fatal("what was typed was changed")
		}
		if err != nil {
			if !errors.Is(err, coproc.ErrPassphraseForm) || len(err.Error()) > 120 {
				t.Fatalf("error is %v", err)
			}
			return
		}
		again, err := Normal(got)
		if err != nil || !bytes.Equal(got, again) {
			t.Fatalf("%+q becomes %+q, and that becomes %+q, %v", typed, got, again, err)
		}
	})
}
