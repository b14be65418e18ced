package coproc

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

// wordVectors are the entropies of 32 bytes of the BIP-39 test vectors
// (trezor/python-mnemonic, vectors.json, English) and their words.
var wordVectors = map[string]string{
	strings.Repeat("00", 32): strings.Repeat("abandon ", 23) + "art",
	strings.Repeat("7f", 32): "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title",
	strings.Repeat("80", 32): "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless",
	strings.Repeat("ff", 32): strings.Repeat("zoo ", 23) + "vote",

	"68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c": "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length",
	"9f6a2878b2520799a44ef18bc7df394e7061a224d2c33cd015b157d746869863": "panda eyebrow bullet gorilla call smoke muffin taste mesh discover soft ostrich alcohol speed nation flash devote level hobby quick inner drive ghost inside",
	"066dca1a2bb7e8a1db2832148ce9933eea0f3ac9548d793112d9a95c9407efad": "all hour make first leader extend hole alien behind guard gospel lava path output census museum junior mass reopen famous sing advance salt reform",
	"f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f": "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol group space point ten exist slush involve unfold",
}

func TestWordVectors(t *testing.T) {
	for entropy, text := range wordVectors {
		want := strings.Fields(text)
		p := thumbprintOf(t, entropy)
		if got := spell(p); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", entropy, got, want)
		}
		if got, ok := unspell(want); !ok || got != p {
			t.Errorf("%q are %x, %v, not %s", want, got, ok, entropy)
		}
	}
}

// The list is the standard's, to the byte, in an order that can be searched,
// and four letters tell any two words of it apart.
func TestWordList(t *testing.T) {
	const want = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
	if d := sha256.Sum256([]byte(english)); hex.EncodeToString(d[:]) != want {
		t.Errorf("english.txt has the digest %x, want %s", d, want)
	}
	if len(wordList) != 1<<wordBits || !slices.IsSorted(wordList) {
		t.Errorf("%d words, sorted: %v", len(wordList), slices.IsSorted(wordList))
	}
	starts := map[string]string{}
	for _, w := range wordList {
		start := w[:min(wordPrefix, len(w))]
		if other, taken := starts[start]; taken {
			t.Errorf("%q and %q begin alike", other, w)
		}
		starts[start] = w
	}
}

// Of the 2048 last words, those fit that have the right checksum: 8, one for
// each value of the three bits that are no checksum.
func TestWordChecksum(t *testing.T) {
	words := spell(Thumbprint{9, 8, 7})
	fit := 0
	for _, w := range wordList {
		words[WordCount-1] = w
		if p, ok := unspell(words); ok {
			fit++
			if !slices.Equal(spell(p), words) {
				t.Errorf("%q are %x, which is %q", words, p, spell(p))
			}
		}
	}
	if fit != 8 {
		t.Errorf("%d last words fit, want 8", fit)
	}
	good := spell(Thumbprint{})
	for name, bad := range map[string][]string{
		"none": nil, "23": good[1:], "25": append(slices.Clone(good), "art"),
		"no word": append([]string{"abandom"}, good[1:]...),
	} {
		if p, ok := unspell(bad); ok {
			t.Errorf("%s: %x", name, p)
		}
	}
}
