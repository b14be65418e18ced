package detect

import (
	"fmt"
	"image"
	"image/draw"
	"math"
	"testing"
	"time"

	"github.com/skip2/go-qrcode"
)

func TestTurnedMirroredInverted(t *testing.T) {
	for _, version := range []int{1, 2, 6, 7, 15, 25} {
		text := randomText(15, version)
		img := render(encode(t, text, version, qrcode.Medium).Bitmap(), 4)
		n := img.Rect.Dx()
		for _, c := range []struct {
			name string
			from func(x, y int) (int, int)
		}{
			{"90°", func(x, y int) (int, int) { return y, n - 1 - x }},
			{"180°", func(x, y int) (int, int) { return n - 1 - x, n - 1 - y }},
			{"270°", func(x, y int) (int, int) { return n - 1 - y, x }},
			{"mirrored", func(x, y int) (int, int) { return n - 1 - x, y }},
			{"mirrored, 90°", func(x, y int) (int, int) { return y, x }},
		} {
			expect(t, c.name, mapped(img, n, n, c.from), Options{}, text)
		}
		expect(t, "inverted", graded(img, func(v float64) float64 { return 255 - v }), Options{}, text)
	}
}

func TestPlace(t *testing.T) {
	q := encode(t, "WHERE", 3, qrcode.Medium) // 29 modules and a quiet zone of 4
	rep := expect(t, "place", render(q.Bitmap(), 6), Options{}, "WHERE")
	c := rep.Codes[0]
	if c.Version != 3 || math.Abs(c.ModulePixels-6) > 0.1 {
		t.Errorf("version %d, %.2f pixels a module; want 3, 6", c.Version, c.ModulePixels)
	}
	lo, hi := 4*6, (4+29)*6
	for i, want := range []image.Point{{lo, lo}, {hi, lo}, {hi, hi}, {lo, hi}} {
		if d := c.Corners[i].Sub(want); max(d.X, -d.X, d.Y, -d.Y) > 1 {
			t.Errorf("corner %d at %v, want %v", i, c.Corners[i], want)
		}
	}
}

func TestTilted(t *testing.T) {
	for version := 1; version <= 40; version += 3 {
		text := randomText(15, version)
		m := encode(t, text, version, qrcode.Medium).Bitmap()
		for i := range 2 {
			turn := float64(7*version + 11*i)
			expect(t, "tilted by 40°", photo(m, 4, turn, 40*math.Pi/180, 3*turn), Options{}, text)
		}
	}
}

// TestWavySheet bends sheets in ways that a cubic bow does not describe: only
// the alignment patterns show how.
func TestWavySheet(t *testing.T) {
	for _, version := range []int{20, 25, 40} {
		text := randomText(15, version)
		img := render(encode(t, text, version, qrcode.Medium).Bitmap(), 4)
		n := img.Rect.Dx()
		wavy := mapped(img, n, n, func(x, y int) (int, int) {
			u, v := float64(x)/float64(n), float64(y)/float64(n)
			return x + int(6*math.Sin(2*math.Pi*v)*math.Sin(math.Pi*u)),
				y + int(6*math.Sin(2*math.Pi*u)*math.Sin(math.Pi*v))
		})
		expect(t, fmt.Sprintf("version %d", version), wavy, Options{}, text)
	}
}

// several is a picture with 8 codes of different sizes and directions, and
// their texts.
func several(t testing.TB) (*image.Gray, []string) {
	page := image.NewGray(image.Rect(0, 0, 1600, 850))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	var texts []string
	for i, version := range []int{5, 1, 10, 3, 15, 7, 2, 12} {
		text := randomText(15, i)
		texts = append(texts, text)
		img := photo(encode(t, text, version, qrcode.Medium).Bitmap(), 2.5+0.25*float64(i%3), float64(i), 0.3, float64(2*i))
		at := image.Pt(400*(i%4), 425*(i/4))
		draw.Draw(page, img.Rect.Add(at), graded(img, func(v float64) float64 { return v + 30 }), image.Point{}, draw.Src)
	}
	return page, texts
}

func TestSeveral(t *testing.T) {
	page, texts := several(t)
	expect(t, "all", page, Options{}, texts...)
	if rep := Decode(page, Options{Max: 3}); len(rep.Codes) != 3 {
		t.Errorf("Max 3: %d codes", len(rep.Codes))
	}
	// a part of a larger picture: rows with a gap between them
	part := page.SubImage(image.Rect(400, 0, 1600, 850)).(*image.Gray)
	expect(t, "without the first column", part, Options{},
		texts[1], texts[2], texts[3], texts[5], texts[6], texts[7])
}

// TestEqual reads two codes that say the same.
func TestEqual(t *testing.T) {
	img := render(encode(t, "TWICE", 1, qrcode.Medium).Bitmap(), 5)
	n := img.Rect.Dx()
	two := mapped(img, 2*n, n, func(x, y int) (int, int) { return x % n, y })
	expect(t, "two", two, Options{}, "TWICE", "TWICE")
}

func TestBigPhoto(t *testing.T) {
	page := image.NewGray(image.Rect(0, 0, 4000, 3000))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	small := photo(encode(t, "SMALL", 5, qrcode.Medium).Bitmap(), 3, 1, 0.2, 1)
	large := photo(encode(t, "LARGE", 8, qrcode.Medium).Bitmap(), 25, 2, 0.2, 1)
	draw.Draw(page, small.Rect.Add(image.Pt(3700, 2700)), small, image.Point{}, draw.Src)
	draw.Draw(page, large.Rect.Add(image.Pt(100, 100)), large, image.Point{}, draw.Src)
	expect(t, "12 megapixels", page, Options{}, "SMALL", "LARGE")
}

func TestBudget(t *testing.T) {
	page, _ := several(t)
	if rep := Decode(page, Options{Budget: time.Nanosecond}); len(rep.Codes) > 1 {
		t.Errorf("%d codes read after the time was up", len(rep.Codes))
	}
	if rep := Decode(page, Options{Budget: time.Hour}); len(rep.Codes) != 8 {
		t.Errorf("%d codes read with plenty of time, want 8", len(rep.Codes))
	}
}

func TestFast(t *testing.T) {
	page, texts := several(t)
	rep := Decode(page, Options{Fast: true})
	if len(rep.Codes) == 0 {
		t.Fatal("nothing read")
	}
	for _, c := range rep.Codes {
		found := false
		for _, text := range texts {
			found = found || c.Text == text
		}
		if !found {
			t.Errorf("read %q, which is not there", c.Text)
		}
	}
}

func TestTexts(t *testing.T) {
	for _, text := range []string{
		"0123456789", "HTTPS://EXAMPLE.ORG", "grüße, 世界", "\x00\x01\xfe\xff", "caf\xe9", "\n",
	} {
		want := text
		switch text { // not UTF-8: Latin-1
		case "\x00\x01\xfe\xff":
			want = "\x00\x01þÿ"
		case "caf\xe9":
			want = "café"
		}
		expect(t, "text", render(encode(t, text, 0, qrcode.Medium).Bitmap(), 4), Options{}, want)
	}
	for in, want := range map[string]string{"Ã©": "é", "é": "é", "漢字 é": "漢字 é", "": ""} {
		if got := textOf(in); got != want {
			t.Errorf("textOf(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestGuarded: a panic in the bit decoder is a code that cannot be read.
func TestGuarded(t *testing.T) {
	if text, ok := guarded(func() (string, bool) { panic("index out of range") }); ok || text != "" {
		t.Errorf("got %q, %v", text, ok)
	}
}

func TestStock(t *testing.T) {
	img := render(encode(t, "STOCK", 2, qrcode.Medium).Bitmap(), 4)
	if got, ok := DecodeGozxing(img); !ok || got != "STOCK" {
		t.Errorf("got %q, %v", got, ok)
	}
	for _, bad := range []*image.Gray{nil, {}, image.NewGray(image.Rect(0, 0, 1, 1))} {
		if _, ok := DecodeGozxing(bad); ok {
			t.Error("read something from nothing")
		}
	}
}
