package transcript

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

func small(tb testing.TB, raw ...string) *File {
	tb.Helper()
	var all [][]byte
	for _, r := range raw {
		all = append(all, []byte(r))
	}
	f, err := newFile(coproc.CeremonyID{7}, all)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// items puts a file together by hand.
func items(vs ...any) []byte {
	var b []byte
	for _, v := range vs {
		b = append(b, must(detcbor.Marshal(v))...)
	}
	return b
}

func TestFile(t *testing.T) {
	f := small(t, "three", "one", "two", "one")
	if f.Count() != 3 || f.Ceremony() != (coproc.CeremonyID{7}) {
		t.Errorf("%d bundles of %s", f.Count(), f.Ceremony())
	}
	again, err := Parse(f.Bytes())
	if err != nil || !bytes.Equal(again.Bytes(), f.Bytes()) || again.Digest() != f.Digest() {
		t.Errorf("read back: %v", err)
	}
	if other := small(t, "one", "two", "three"); other.Digest() != f.Digest() {
		t.Error("the order of what was brought changes the file")
	}
	if _, err := newFile(coproc.CeremonyID{7}, [][]byte{make([]byte, MaxSize+1)}); err == nil {
		t.Error("a file above the limit was made")
	}
	for n := range len(f.Bytes()) {
		if _, err := Parse(f.Bytes()[:n]); !errors.Is(err, ErrFormat) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	good := head{magic, Level, coproc.CeremonyID{7}, 2}
	one, two := []byte("one"), []byte("two") // in the order of their digests: two (3fc4…), one (7692…)
	for _, test := range []struct {
		name string
		b    []byte
		want string
	}{
		{"nothing", nil, "not a transcript: decode CBOR: EOF"},
		{"text", []byte("hello"), "not a transcript: decode CBOR"},
		{"another magic", items(head{"gapferry", Level, good.Ceremony, 0}), "not a transcript: it does not say to be one"},
		{"another level", items(head{magic, 2, good.Ceremony, 0}), "not a transcript of level 1: written by level 2, bring both to one level"},
		{"no ceremony", items(head{magic, Level, coproc.CeremonyID{}, 0}), "not a transcript: the ceremony id is missing"},
		{"order", items(good, one, two), "not a transcript: bundle 2: bundles are not in the order of their digests, each once"},
		{"twice", items(good, one, one), "not a transcript: bundle 2: bundles are not in the order of their digests, each once"},
		{"added to", items(head{magic, Level, good.Ceremony, 1}, two, one), "not a transcript: it has 2 bundles and says to have 1: it was cut or added to"},
		{"cut", items(good, two), "not a transcript: it has 1 bundles and says to have 2: it was cut or added to"},
		{"empty bundle", items(good, two, []byte{}), "not a transcript: bundle 2: it has 0 bytes, 1 to 1048576"},
		{"huge bundle", items(good, make([]byte, bundle.MaxSize+1)), "not a transcript: bundle 1: it has 1048577 bytes, 1 to 1048576"},
		{"no byte string", items(good, "two", one), "not a transcript: bundle 1: decode CBOR"},
		{"longer length", append(items(good), 0x58, 3, 't', 'w', 'o'), "not a transcript: bundle 1: decode CBOR: not the deterministic CBOR"},
		{"behind it", append(items(good, two, one), 0), "not a transcript: bundle 3: decode CBOR"},
	} {
		_, err := Parse(test.b)
		if !errors.Is(err, ErrFormat) || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
	if _, err := Parse(items(good, two, one)); err != nil {
		t.Errorf("good: %v", err)
	}
}

// FuzzParse: what is accepted has one encoding.
func FuzzParse(f *testing.F) {
	f.Add(small(f).Bytes())
	f.Add(small(f, "one", "two", "three").Bytes())
	f.Add(small(f, strings.Repeat("long", 100)).Bytes())
	f.Add(items(head{magic, Level, coproc.CeremonyID{7}, 2}, []byte("two")))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Parse(b)
		if err != nil {
			return
		}
		if !bytes.Equal(file.Bytes(), b) {
			t.Errorf("%x is read, and written as %x", b, file.Bytes())
		}
	})
}
