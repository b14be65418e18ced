package draw

import (
	"os"
	"testing"

	"github.com/gapferry/gapferry/media/qr/frame"
)

// differ is the share of modules in which two codes differ.
func differ(a, b *Code) float64 {
	n := 0
	for y := range a.Size() {
		for x := range a.Size() {
			if a.At(x, y) != b.At(x, y) {
				n++
			}
		}
	}
	return float64(n) / float64(a.Size()*a.Size())
}

// A sound bundle whose shards have chance patterns in them: with a nonce that
// changed little but itself, no variant of two of its codes could be read.
func TestEveryBundleCanBeWritten(t *testing.T) {
	data, err := os.ReadFile("testdata/chance-patterns.bin")
	if err != nil {
		t.Fatal(err)
	}
	const version, most = 24, 16
	set, err := frame.Split(data, frame.Base45, Capacity(version, M))
	if err != nil {
		t.Fatal(err)
	}
	for index := range set.Need() + 3 {
		asked := 0
		_, err := Readable(func(nonce byte) string { asked++; return set.Text(index, nonce) }, M, version)
		if err != nil || asked > most {
			t.Errorf("code %d: %d variants were tried, %v", index, asked, err)
		}
	}
}

// Another nonce is another picture, not the same one with some modules changed:
// else what makes one variant unreadable is in all of them.
func TestVariantsDiffer(t *testing.T) {
	data := make([]byte, 3000)
	for i := range data {
		data[i] = byte(i * i >> 3)
	}
	for _, form := range []frame.Form{frame.Base45, frame.Base32} {
		set, err := frame.Split(data, form, Capacity(15, M))
		if err != nil {
			t.Fatal(err)
		}
		var codes []*Code
		for nonce := range 8 {
			c, err := Encode(set.Text(0, byte(nonce)), M, 15)
			if err != nil {
				t.Fatal(err)
			}
			for other, before := range codes {
				if d := differ(c, before); d < 0.3 {
					t.Errorf("%v: nonces %d and %d differ in %.0f %% of the modules", form, other, nonce, 100*d)
				}
			}
			codes = append(codes, c)
		}
	}
}
