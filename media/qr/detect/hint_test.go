package detect

import (
	"image"
	"testing"

	"github.com/skip2/go-qrcode"
)

func TestHint(t *testing.T) {
	m := encode(t, randomText(100, 0), 10, qrcode.Low).Bitmap()
	code := render(m, 8)
	n := code.Rect.Dx()
	// shrunk has modules of 8/k pixels
	shrunk := func(img *image.Gray, k int) *image.Gray {
		return mapped(blurred(img, k/2), n/k, n/k, func(x, y int) (int, int) { return k*x + k/2, k*y + k/2 })
	}
	// covered is the code without what lies right of x and below y
	covered := func(x, y int) *image.Gray {
		return mapped(code, n, n, func(i, j int) (int, int) {
			if i >= x && j >= y {
				return 0, 0
			}
			return i, j
		})
	}
	// scrambled is a symbol with noise for data
	scrambled := func() *image.Gray {
		return mapped(code, n, n, func(x, y int) (int, int) {
			if x > 140 && y > 140 && x < n-140 {
				return x, n + 139 - y
			}
			return x, y
		})
	}
	for _, c := range []struct {
		name string
		img  *image.Gray
		want Hint
	}{
		{"white", graded(code, func(float64) float64 { return 255 }), LowContrast},
		{"lines", mapped(code, n, n, func(x, y int) (int, int) { return n / 2, y }), NothingSeen},
		{"blurred", blurred(code, 5), TooBlurred},
		{"very blurred", blurred(code, 9), TooBlurred},
		{"faint", graded(blurred(code, 4), func(v float64) float64 { return 120 + v/60 }), LowContrast},
		{"half of it", covered(n/2, 0), Partly},
		{"a corner covered", covered(n*7/10, n*-1), Partly},
		{"data destroyed", scrambled(), Unreadable},
		{"modules of 1.6 pixels, data destroyed", shrunk(scrambled(), 5), TooSmall},
	} {
		rep := Decode(c.img, Options{})
		if len(rep.Codes) != 0 || rep.Hint != c.want {
			t.Errorf("%s: %d codes, %q; want %q", c.name, len(rep.Codes), rep.Hint, c.want)
		}
	}
}

func TestHintTexts(t *testing.T) {
	seen := map[string]bool{}
	for h := NothingSeen; h <= Unreadable; h++ {
		if s := h.String(); s == "" || seen[s] {
			t.Errorf("hint %d says %q, which another says too", h, s)
		} else {
			seen[s] = true
		}
	}
}
