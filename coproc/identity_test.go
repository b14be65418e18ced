package coproc

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func thumbprintOf(t *testing.T, s string) (p Thumbprint) {
	t.Helper()
	if _, err := hex.Decode(p[:], []byte(s)); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWords(t *testing.T) {
	for entropy, want := range wordVectors {
		p := thumbprintOf(t, entropy)
		if got := strings.Join(Words(p), " "); got != want {
			t.Errorf("%s:\n got %s\nwant %s", entropy, got, want)
		}
		if got := HexGroups(p); len(got) != 8 || strings.Join(got, "") != entropy {
			t.Errorf("hex groups %q of %s", got, entropy)
		}
	}
}

func TestParseThumbprint(t *testing.T) {
	p := Thumbprint{}
	for i := range p {
		p[i] = byte(31*i + 7)
	}
	words, groups := Words(p), HexGroups(p)
	var first4, numbered, card []string
	for i, w := range words {
		first4 = append(first4, w[:min(4, len(w))])
		numbered = append(numbered, strings.Repeat(" ", i%3)+string(rune('0'+(i+1)/10))+string(rune('0'+(i+1)%10))+". "+w)
	}
	for i := 0; i < len(words); i += 4 {
		card = append(card, strings.Join(words[i:i+4], "\t"))
	}
	for name, s := range map[string]string{
		"words":              strings.Join(words, " "),
		"capitals":           strings.ToUpper(strings.Join(words, " ")),
		"first four letters": strings.Join(first4, " "),
		"numbered":           strings.Join(numbered, "\n"),
		"as on the card":     strings.Join(card, "\r\n") + "\n",
		"commas":             strings.Join(words, ", "),
		"hex":                strings.Join(groups, ""),
		"hex groups":         strings.Join(groups, " "),
		"hex with hyphens":   strings.ToUpper(strings.Join(groups, "-")),
		"hex on lines":       strings.Join(groups, "\n"),
	} {
		if got, err := ParseThumbprint(s); err != nil || got != p {
			t.Errorf("%s: %x, error %v", name, got, err)
		}
	}
}

func TestParseThumbprintRefuses(t *testing.T) {
	words := strings.Fields(strings.Repeat("abandon ", 23) + "art")
	with := func(i int, w string) string {
		changed := slices.Clone(words)
		changed[i] = w
		return strings.Join(changed, " ")
	}
	for _, test := range []struct{ name, typed, want string }{
		{"nothing", "", "0 words were entered: the hash is 24 words or 64 hex digits"},
		{"a word short", strings.Join(words[1:], " "), "23 words were entered: the hash is 24 words or 64 hex digits"},
		{"a word more", strings.Join(words, " ") + " zoo", "25 words were entered: the hash is 24 words or 64 hex digits"},
		{"another word", with(3, "zoo"), "the 24 words do not fit together (checksum): one of them is wrong or two are exchanged"},
		{"two exchanged", strings.Join(append([]string{"art"}, words[:23]...), " "), "the 24 words do not fit together (checksum): one of them is wrong or two are exchanged"},
		{"unknown word", with(4, "abandom"), `word 5 is not a BIP-39 word nor its first 4 letters`},
		{"three letters", with(23, "aba"), `word 24 is not a BIP-39 word nor its first 4 letters`},
		{"63 hex digits", strings.Repeat("0", 63), "0 words were entered: the hash is 24 words or 64 hex digits"},
		{"62 hex digits", strings.Repeat("ab", 31), "62 hex digits were entered: the hash is 24 words or 64 hex digits"},
		{"words and another hash", strings.Join(Words(Thumbprint{1}), " ") + strings.Repeat(" 00000000", 8), "the words and the hex digits are of different hashes"},
		{"words and part of the hash", strings.Join(Words(Thumbprint{1}), " ") + " 01000000", "8 hex digits were entered: the hash is 24 words or 64 hex digits"},
	} {
		if p, err := ParseThumbprint(test.typed); err == nil || err.Error() != test.want {
			t.Errorf("%s: %x, error %v\nwant %s", test.name, p, err, test.want)
		}
	}
	// Every single wrong bit of hex is another hash: hex has no checksum. A
	// single wrong word is found out in all but one case of 256.
	p := Thumbprint{1, 2, 3}
	good, accepted := Words(p), 0
	for i := range good {
		for _, w := range []string{"zoo", "able", "winter", "cannon"} {
			typed := slices.Clone(good)
			typed[i] = w
			if got, err := ParseThumbprint(strings.Join(typed, " ")); err == nil && got != p {
				accepted++
			}
		}
	}
	if accepted > 4 {
		t.Errorf("%d of 96 wrong words were accepted", accepted)
	}
}

func FuzzParseThumbprint(f *testing.F) {
	for entropy, words := range wordVectors {
		f.Add(entropy)
		f.Add(words)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseThumbprint(s)
		if err != nil {
			return
		}
		again, err := ParseThumbprint(strings.Join(Words(p), " "))
		if err != nil || again != p {
			t.Errorf("%q is %x, whose words are %x, error %v", s, p, again, err)
		}
	})
}

func TestEIDAndSerial(t *testing.T) {
	e, err := NewEID("CSR1 NODE")
	if err != nil || string(e[:]) != "CSR1 NODE       " || e.String() != "CSR1 NODE" || e.IsZero() {
		t.Errorf("EID %q, error %v", e[:], err)
	}
	for _, s := range []string{"", " ", "12345678901234567", "tab\t", "\u00fc", "\x1b[2J", "\x7f"} {
		if e, err := NewEID(s); err == nil {
			t.Errorf("EID %q of %q", e[:], s)
		}
	}
	n, err := NewSerial("93AA-b07")
	if err != nil || n.String() != "93AA-b07" || n.IsZero() {
		t.Errorf("serial %q, error %v", n, err)
	}
	for _, s := range []string{"", "1234567", "123456789", "1234567 ", "123456\u00fc", "../../ab"} {
		if n, err := NewSerial(s); err == nil {
			t.Errorf("serial %q of %q", n, s)
		}
	}
}

// A whole card is read as its printer wrote it: numbers, words and hex.
func TestParseWholeCard(t *testing.T) {
	want := Thumbprint{0xde, 0xad, 0xbe, 0xef, 31: 7}
	var card strings.Builder
	for i, w := range Words(want) {
		fmt.Fprintf(&card, "%2d %-10s", i+1, w)
	}
	card.WriteString("\n\n" + strings.Join(HexGroups(want), " ") + "\n")
	if got, err := ParseThumbprint(card.String()); err != nil || got != want {
		t.Errorf("%x, %v", got, err)
	}
}
