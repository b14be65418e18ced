package detect

import (
	"bytes"
	"image"
	"math/rand/v2"
	"testing"

	"github.com/skip2/go-qrcode"
)

// TestBlendedFrames mixes two frames of an animation, as a camera does while
// the screen changes: one text or the other may be read, never a third.
func TestBlendedFrames(t *testing.T) {
	read := 0
	for _, version := range []int{1, 2, 3, 10, 15} {
		for _, level := range []qrcode.RecoveryLevel{qrcode.Low, qrcode.Medium} {
			a, b := randomText(20, 2*version), randomText(20, 2*version+1)
			p := render(encode(t, a, version, level).Bitmap(), 3)
			q := render(encode(t, b, version, level).Bitmap(), 3)
			for part := 0.3; part < 0.75; part += 0.1 {
				blend, torn := image.NewGray(p.Rect), image.NewGray(p.Rect)
				for i := range p.Pix {
					blend.Pix[i] = uint8(part*float64(p.Pix[i]) + (1-part)*float64(q.Pix[i]))
					torn.Pix[i] = p.Pix[i]
					if float64(i) > part*float64(len(p.Pix)) {
						torn.Pix[i] = q.Pix[i]
					}
				}
				for _, img := range []*image.Gray{blend, torn} {
					for _, c := range Decode(img, Options{}).Codes {
						read++
						if c.Text != a && c.Text != b {
							t.Errorf("version %d, %.0f%%: read %q, which is neither %q nor %q", version, 100*part, c.Text, a, b)
						}
					}
				}
			}
		}
	}
	if read == 0 {
		t.Error("no blended frame was read at all")
	}
}

// TestChanceSymbols shows symbols whose data are noise: none may be believed.
func TestChanceSymbols(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 160 {
		s := symbols[1+i%4]()
		m := make([][]bool, s.n+8)
		for y := range m {
			m[y] = make([]bool, s.n+8)
			for x := range m {
				if u, v := x-4, y-4; u >= 0 && v >= 0 && u < s.n && v < s.n {
					k := s.known[v*s.n+u]
					m[y][x] = k > 0 || k == 0 && rng.IntN(2) == 0
				}
			}
		}
		expect(t, "noise in a frame of function patterns", render(m, 4), Options{Fast: true})
	}
}

// TestFunctionPatternsMustFit gives the modules of a good code with the
// function patterns destroyed.
func TestFunctionPatternsMustFit(t *testing.T) {
	s := symbols[2]()
	m := encode(t, "TRUST", 2, qrcode.Medium).Bitmap()
	r := readers.Get().(*reader)
	defer readers.Put(r)
	for _, spoiled := range []bool{false, true} {
		for i := range s.known {
			dark := m[4+i/s.n][4+i%s.n]
			if spoiled && s.known[i] != 0 && i%3 == 0 {
				dark = !dark
			}
			r.grey[i] = 200
			if dark {
				r.grey[i] = 50
			}
		}
		if text, ok := r.decodeModules(s); ok == spoiled {
			t.Errorf("spoiled %v: read %q, %v", spoiled, text, ok)
		}
	}
}

func TestGarbage(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	filled := func(w, h int, f func(x, y int) uint8) *image.Gray {
		img := image.NewGray(image.Rect(0, 0, w, h))
		for i := range img.Pix {
			img.Pix[i] = f(i%w, i/w)
		}
		return img
	}
	noise := func(x, y int) uint8 { return uint8(rng.UintN(256)) }
	black := func(x, y int) uint8 { return 0 }
	// lines of letter-like strokes
	text := func(x, y int) uint8 {
		if y%24 < 14 && x%11 < 8 && (x/2*7+y/24*13+x/11*5+y%24/3*(x/11%5))%5 < 2 {
			return 20
		}
		return 235
	}
	// finder patterns and nothing else, as close as they can lie
	tiles := func(k int) func(x, y int) uint8 {
		return func(x, y int) uint8 {
			u, v := x/k%9-4, y/k%9-4
			if d := max(u, -u, v, -v); d == 4 || d == 2 {
				return 255
			}
			return 0
		}
	}
	for name, img := range map[string]*image.Gray{
		"nil":          nil,
		"zero":         {},
		"1×1":          filled(1, 1, noise),
		"11×11":        filled(11, 11, noise),
		"thin":         filled(11, 30000, noise),
		"flat":         filled(30000, 11, noise),
		"one row":      filled(5000, 1, noise),
		"black":        filled(300, 300, black),
		"noise":        filled(700, 500, noise),
		"checkerboard": filled(400, 400, func(x, y int) uint8 { return uint8((x/3 + y/3) % 2 * 255) }),
		"text":         filled(1000, 1400, text),
		"tiles":        filled(600, 600, tiles(2)),
		"large tiles":  filled(900, 900, tiles(5)),
	} {
		expect(t, name, img, Options{})
		expect(t, name, img, Options{Fast: true})
	}
}

func FuzzDecode(f *testing.F) {
	img := render(encode(f, "FUZZ", 1, qrcode.Low).Bitmap(), 2)
	f.Add(uint16(img.Rect.Dx()), img.Pix, false)
	f.Add(uint16(img.Rect.Dx()), img.Pix, true)
	f.Add(uint16(11), bytes.Repeat([]byte{0, 255, 3}, 200), false)
	f.Add(uint16(1), []byte{1}, true)
	f.Fuzz(func(t *testing.T, width uint16, pix []byte, fast bool) {
		w := max(int(width), 1)
		h := min(len(pix)/w, 300)
		if w > 300 {
			return
		}
		for _, c := range Decode(&image.Gray{Pix: pix, Stride: w, Rect: image.Rect(0, 0, w, h)}, Options{Fast: fast}).Codes {
			if c.Version < 1 || c.Version > 40 || c.ModulePixels <= 0 {
				t.Errorf("impossible code %+v", c)
			}
		}
	})
}
