package draw

import (
	"testing"

	"github.com/gapferry/gapferry/media/qr/detect"
)

// Stock gozxing cannot read the first text from a perfect code of version 3-M,
// and can read the second.
const (
	unreadable = "8YM$P06C0W6L3+19*H2+YFS8Y5D+*:$JOMAT:YLHIEIYVOK%YU$1YOKMNH9SH"
	readable   = "GAPFERRY"
)

func TestReadableTakesAnotherVariant(t *testing.T) {
	var asked []byte
	c, err := Readable(func(nonce byte) string {
		asked = append(asked, nonce)
		if nonce < 3 {
			return unreadable
		}
		return readable
	}, M, 3)
	if err != nil {
		t.Fatal(err)
	}
	if string(asked) != "\x00\x01\x02\x03" {
		t.Errorf("asked for %v", asked)
	}
	if text, ok := detect.DecodeGozxing(c.Image(4)); !ok || text != readable {
		t.Errorf("read as %q", text)
	}
}

func TestReadableGivesUp(t *testing.T) {
	asked := 0
	_, err := Readable(func(byte) string { asked++; return unreadable }, M, 3)
	wantErr(t, err, "no variant of a text can be read back from a code of version 3-M: use another version")
	if asked != 256 {
		t.Errorf("asked %d times", asked)
	}
}

func TestReadableRefusesAtOnce(t *testing.T) {
	asked := 0
	_, err := Readable(func(byte) string { asked++; return "a" }, M, 3)
	wantErr(t, err, "character 1 of the text is 0x61: alphanumeric text has only 0-9 A-Z space $%*+-./: in it")
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

// BenchmarkReadable is the time for one full code.
func BenchmarkReadable(b *testing.B) {
	for _, version := range []int{7, 15, 20, 25, 40} {
		b.Run(map[int]string{7: "v7-M", 15: "v15-M", 20: "v20-M", 25: "v25-M", 40: "v40-M"}[version], func(b *testing.B) {
			seed := uint64(0)
			for b.Loop() {
				seed++
				full(b, version, M, seed)
			}
		})
	}
}
