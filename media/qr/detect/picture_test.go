package detect

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/skip2/go-qrcode"
)

// alphabet is that of QR codes' alphanumeric mode (ISO/IEC 18004 table 5).
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// randomText is the same text for the same size and seed.
func randomText(size, seed int) string {
	r := rand.New(rand.NewPCG(uint64(size), uint64(seed)))
	b := make([]byte, size)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

// encode makes a symbol, quiet zone included. Version 0: the smallest that holds the text.
func encode(t testing.TB, text string, version int, level qrcode.RecoveryLevel) *qrcode.QRCode {
	t.Helper()
	q, err := qrcode.New(text, level)
	if version > 0 {
		q, err = qrcode.NewWithForcedVersion(text, version, level)
	}
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// render draws modules of px pixels.
func render(modules [][]bool, px int) *image.Gray {
	n := len(modules) * px
	img := image.NewGray(image.Rect(0, 0, n, n))
	for y := range n {
		for x := range n {
			if !modules[y/px][x/px] {
				img.Pix[y*img.Stride+x] = 255
			}
		}
	}
	return img
}

// photo draws modules as a camera sees them that is tilted (radians) around an
// axis in that direction, two symbol widths away, after a turn in the plane.
func photo(modules [][]bool, px, turn, tilt, axis float64) *image.Gray {
	n := float64(len(modules))
	size := px * n * 1.5
	var pins []pin
	for _, c := range [4][2]float64{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}} {
		x, y := c[0]*n/2, c[1]*n/2
		sin, cos := math.Sincos(turn)
		x, y = x*cos-y*sin, x*sin+y*cos
		sin, cos = math.Sincos(axis)
		along, across := cos*x+sin*y, cos*y-sin*x
		depth := 1 + math.Sin(tilt)*across/(2*n)
		across *= math.Cos(tilt)
		x, y = (cos*along-sin*across)/depth, (sin*along+cos*across)/depth
		pins = append(pins, pin{size/2 + px*x, size/2 + px*y, (c[0] + 1) * n / 2, (c[1] + 1) * n / 2})
	}
	h, _ := fit(pins)
	rng := rand.New(rand.NewPCG(1, 2))
	img := image.NewGray(image.Rect(0, 0, int(size), int(size)))
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			sum := 0.0
			for i := range 16 {
				u, v := h.at(float64(x)+(float64(i%4)+0.5)/4, float64(y)+(float64(i/4)+0.5)/4)
				g := 225.0
				if u > 0 && v > 0 && u < n && v < n && modules[int(v)][int(u)] {
					g = 30
				}
				sum += g
			}
			img.Pix[y*img.Stride+x] = uint8(sum/16 + 3*rng.NormFloat64())
		}
	}
	return img
}

// mapped is img with the pixel at (x, y) taken from from(x, y).
func mapped(img *image.Gray, w, h int, from func(x, y int) (int, int)) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sx, sy := from(x, y)
			out.Pix[y*out.Stride+x] = img.GrayAt(sx, sy).Y
		}
	}
	return out
}

// graded is img with other grey values.
func graded(img *image.Gray, f func(v float64) float64) *image.Gray {
	out := image.NewGray(img.Rect)
	for i, v := range img.Pix {
		out.Pix[i] = uint8(max(0, min(255, f(float64(v)))))
	}
	return out
}

// blurred is img under a nearly Gaussian blur of about r+0.5 pixels sigma.
func blurred(img *image.Gray, r int) *image.Gray {
	var s sums
	p, q := &plane{}, &plane{}
	p.load(img)
	for range 3 {
		q.smooth(p, r, &s)
		p, q = q, p
	}
	return &image.Gray{Pix: p.pix, Stride: p.w, Rect: img.Rect}
}

// expect checks that img is read as exactly these texts, in any order.
func expect(t *testing.T, name string, img *image.Gray, o Options, want ...string) Report {
	t.Helper()
	rep := Decode(img, o)
	left := map[string]int{}
	for _, w := range want {
		left[w]++
	}
	for _, c := range rep.Codes {
		if left[c.Text]--; left[c.Text] < 0 {
			t.Errorf("%s: read %.40q, which is not there (or twice)", name, c.Text)
		}
	}
	if len(rep.Codes) != len(want) {
		t.Errorf("%s: %d codes read of %d (%s)", name, len(rep.Codes), len(want), rep.Hint)
	}
	return rep
}
