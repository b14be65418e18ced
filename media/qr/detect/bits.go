package detect

import (
	"math/bits"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// hints: one rune per byte, see textOf. Without it gozxing guesses a character
// set and mangles bytes.
var hints = map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_CHARACTER_SET: "ISO-8859-1"}

// decode hands modules (+ dark, - light) to gozxing's bit decoder. What is
// known is put right first: the function patterns, and the format information
// as the nearest of the 32 words to both of its copies together, which reads
// it where each copy alone is damaged.
func (s *symbol) decode(v []float32) (text string, ok bool) {
	n := s.n
	m, err := gozxing.NewSquareBitMatrix(n)
	if err != nil {
		return "", false
	}
	format, mirrored := s.format(v)
	for y := range n {
		for x := range n {
			i := y*n + x
			if mirrored {
				i = x*n + y
			}
			if k := s.known[i]; k > 0 || k == 0 && v[i] > 0 {
				m.Set(x, y)
			}
		}
	}
	for _, place := range s.formatBits() {
		for i, c := range place {
			if m.Get(c[0], c[1]) != (format>>(14-i)&1 == 1) {
				m.Flip(c[0], c[1])
			}
		}
	}
	return gozxingDecode(m)
}

// gozxingDecode reads a matrix with gozxing's decoder.
func gozxingDecode(m *gozxing.BitMatrix) (text string, ok bool) {
	return guarded(func() (string, bool) {
		res, err := decoder.NewDecoder().Decode(m, hints)
		if err != nil || res == nil {
			return "", false
		}
		if _, flipped := res.GetOther().(*decoder.QRCodeDecoderMetaData); flipped {
			return "", false // decode has turned mirrored codes round: this is chance
		}
		return textOf(res.GetText()), true
	})
}

// guarded is where panics of gozxing end, of which damaged symbols may have
// some in store.
func guarded(f func() (string, bool)) (text string, ok bool) {
	defer func() {
		if recover() != nil {
			text, ok = "", false
		}
	}()
	return f()
}

// format gives the format word that fits v best, and whether it is that of a
// mirrored symbol.
func (s *symbol) format(v []float32) (word int, mirrored bool) {
	best := float32(-100)
	for _, mirror := range [2]bool{false, true} {
		var soft [15]float32
		for _, place := range s.formatBits() {
			for i, c := range place {
				at := c[1]*s.n + c[0]
				if mirror {
					at = c[0]*s.n + c[1]
				}
				soft[i] += max(-1, min(1, v[at]))
			}
		}
		for _, f := range formats {
			sum := float32(0)
			for i, x := range soft {
				if f>>(14-i)&1 == 1 {
					sum += x
				} else {
					sum -= x
				}
			}
			if sum > best {
				best, word, mirrored = sum, f, mirror
			}
		}
	}
	return word, mirrored
}

// versionNear reads the version information beside the top right and the
// bottom left finder pattern. Only the pattern's own neighbourhood is needed
// for that, so a bowed or tilted symbol whose width cannot be counted still
// tells its size. 0: none read.
func versionNear(p *plane, h *homography, n int) int {
	best, version := 4, 0
	for _, left := range [2]bool{false, true} {
		point := func(a, b int) float64 { // a modules from the far edge, b across
			u, v := float64(n-11+a)+0.5, float64(b)+0.5
			if left {
				u, v = v, u
			}
			x, y := h.at(u, v)
			return p.at(x, y)
		}
		// levels: the finder's dark ring and the light separator beside it
		dark, light := 0.0, 0.0
		for b := range 7 {
			dark += point(4, b) / 7
			light += point(3, b) / 7
		}
		if light-dark < 4 {
			continue
		}
		word := 0
		for i := range 18 {
			if point(i%3, i/3) < (dark+light)/2 {
				word |= 1 << i
			}
		}
		for i, w := range decoder.VERSION_DECODE_INFO {
			if d := bits.OnesCount(uint(w ^ word)); d < best {
				best, version = d, i+7
			}
		}
	}
	return version
}
