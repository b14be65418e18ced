package draw

import (
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// What the table says is what the encoder takes, to the character.
func TestCapacityIsWhatFits(t *testing.T) {
	for version := 1; version <= 40; version++ {
		for level := L; level <= H; level++ {
			n := Capacity(version, level)
			text := strings.Repeat("A", n)
			if _, err := encoder(text, version, level); err != nil {
				t.Errorf("%d-%v: %d characters: %v", version, level, n, err)
			}
			if _, err := encoder(text+"A", version, level); err == nil {
				t.Errorf("%d-%v: %d characters fit, and one more does", version, level, n)
			}
		}
	}
}

// The same numbers follow from the code words that the reader expects: 4 bits
// of mode, 9, 11 or 13 of count, 11 for two characters, 6 for a last one.
func TestCapacityIsWhatTheReaderExpects(t *testing.T) {
	of := []decoder.ErrorCorrectionLevel{decoder.ErrorCorrectionLevel_L, decoder.ErrorCorrectionLevel_M, decoder.ErrorCorrectionLevel_Q, decoder.ErrorCorrectionLevel_H}
	for version := 1; version <= 40; version++ {
		v, err := decoder.Version_GetVersionForNumber(version)
		if err != nil {
			t.Fatal(err)
		}
		count := 9
		if version >= 10 {
			count = 11
		}
		if version >= 27 {
			count = 13
		}
		for level := L; level <= H; level++ {
			ec := v.GetECBlocksForLevel(of[level])
			bits := 8*(v.GetTotalCodewords()-ec.GetTotalECCodewords()) - 4 - count
			want := bits / 11 * 2
			if bits%11 >= 6 {
				want++
			}
			if got := Capacity(version, level); got != want {
				t.Errorf("%d-%v: %d characters, the reader expects %d", version, level, got, want)
			}
		}
	}
}

func TestCapacityOfNothing(t *testing.T) {
	for _, c := range []struct {
		version int
		level   Level
	}{{0, M}, {-1, M}, {41, M}, {1, -1}, {1, H + 1}} {
		if n := Capacity(c.version, c.level); n != 0 {
			t.Errorf("%d-%v: %d characters", c.version, c.level, n)
		}
	}
}
