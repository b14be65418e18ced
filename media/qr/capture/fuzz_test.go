package capture

import (
	"bytes"
	"context"
	"image"
	"testing"
)

// pictures are seeds: one of each kind, whole and damaged.
func pictures(f *testing.F) [][]byte {
	g := drawing(24, 16, 1)
	rgb := image.NewYCbCr(g.Rect, image.YCbCrSubsampleRatio420)
	jpg := jpegOf(f, rgb)
	return [][]byte{
		pngOf(f, g), pngOf(f, image.NewNRGBA64(g.Rect)), pngOf(f, image.NewNRGBA(g.Rect)), jpg, withoutTables(f, jpg), jpegOf(f, g),
		pgmOf(g), ppmOf(g), jpg[:len(jpg)/2], pgmOf(g)[:50],
		pngHeader(50000, 50000, 8, 0, 0), jpegHeader(0xc2, 9000, 9000, 0x22, 0x11, 0x11), []byte("P6 60000 60000 255 "),
	}
}

// Whatever a file holds, it is one picture within the bounds or one flaw.
func FuzzDecode(f *testing.F) {
	for _, b := range pictures(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := decode(b)
		if err == nil {
			wantWhole(t, g)
		} else if _, ok := err.(imageProblem); !ok || err.Error() == "" || g != nil {
			t.Errorf("%T %v", err, err)
		}
	})
}

// Whatever a stream holds, it ends, and each of its pictures is within the bounds.
func FuzzStream(f *testing.F) {
	for _, b := range pictures(f) {
		f.Add(b)
		f.Add(append(bytes.Clone(b), b...))
	}
	frames := film(2)
	f.Add(y4mOf("", 2*31*22, frames))
	f.Add(y4mOf(" Cmono", 0, frames)[:3000])
	f.Add([]byte("YUV4MPEG2 W60000 H1000 C444\nFRAME\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := OpenStream(bytes.NewReader(b), EveryFrame)
		defer s.Close()
		for n := 0; ; n++ {
			p, err := s.Next(context.Background())
			if _, one := err.(*PictureError); err != nil && !one {
				break
			}
			if err == nil {
				wantWhole(t, p.Gray)
			}
			if n > len(b) {
				t.Fatal("more pictures than bytes")
			}
		}
	})
}

func wantWhole(t *testing.T, g *image.Gray) {
	r := g.Rect
	if r.Min != (image.Point{}) || r.Empty() || r.Dx()*r.Dy() > MaxPixels || len(g.Pix) < (r.Dy()-1)*g.Stride+r.Dx() {
		t.Errorf("a picture of %v, stride %d, %d bytes", r, g.Stride, len(g.Pix))
	}
}
