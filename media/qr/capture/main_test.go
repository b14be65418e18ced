package capture

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// drawing is a smooth picture that differs with seed, also after JPEG.
func drawing(w, h, seed int) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := (x*2 + y*3 + seed*40) % 400
			g.Pix[y*g.Stride+x] = byte(20 + min(v, 400-v))
		}
	}
	return g
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pgmOf(g *image.Gray) []byte {
	return append(fmt.Appendf(nil, "P5\n# made by a test\n%d %d\n255\n", g.Rect.Dx(), g.Rect.Dy()), g.Pix...)
}

func ppmOf(g *image.Gray) []byte {
	b := fmt.Appendf(nil, "P6 %d %d 255\n", g.Rect.Dx(), g.Rect.Dy())
	for _, v := range g.Pix {
		b = append(b, v, v, v)
	}
	return b
}

// pngHeader is a PNG of which there is nothing but the header, which is valid.
func pngHeader(w, h uint32, depth, kind, interlace byte) []byte {
	ihdr := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	ihdr = append(binary.BigEndian.AppendUint32(ihdr, h), depth, kind, 0, 0, interlace)
	b := append([]byte(markPNG), 0, 0, 0, 13)
	b = append(b, ihdr...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(ihdr))
}

// jpegHeader is a JPEG without contents.
func jpegHeader(sof byte, w, h uint16, samplings ...byte) []byte {
	b := []byte{0xff, 0xd8, 0xff, sof, 0, byte(8 + 3*len(samplings)), 8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), byte(len(samplings))}
	for i, s := range samplings {
		b = append(b, byte(i+1), s, 0)
	}
	return append(b, 0xff, markerEOI)
}

// withoutTables takes the Huffman tables out of a JPEG, as USB cameras send it.
func withoutTables(t testing.TB, data []byte) []byte {
	t.Helper()
	out := bytes.Clone(data[:2])
	for at := 2; ; {
		n := 2 + int(data[at+2])<<8 + int(data[at+3])
		switch data[at+1] {
		case markerDHT:
		case markerSOS:
			return append(out, data[at:]...)
		default:
			out = append(out, data[at:at+n]...)
		}
		at += n
	}
}

// near compares pictures that went through JPEG.
func near(a, b *image.Gray, most int) error {
	if a == nil || a.Rect != b.Rect {
		return fmt.Errorf("another size: %v", a)
	}
	for y := range b.Rect.Dy() {
		for x := range b.Rect.Dx() {
			if d := int(a.GrayAt(x, y).Y) - int(b.GrayAt(x, y).Y); d > most || d < -most {
				return fmt.Errorf("at (%d,%d) %v, want %v", x, y, a.GrayAt(x, y), b.GrayAt(x, y))
			}
		}
	}
	return nil
}

func save(t testing.TB, path string, data []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// told is what a source gives, one line each: names, errors, and how it ends.
func told(t testing.TB, s Source) (lines []string) {
	t.Helper()
	for {
		if len(lines) > 1000 {
			t.Fatalf("it does not end: %q", lines[:10])
		}
		p, err := s.Next(context.Background())
		switch e := err.(type) {
		case nil:
			lines = append(lines, p.Name)
			continue
		case *PictureError:
			lines = append(lines, e.Error())
			continue
		}
		if err != io.EOF {
			lines = append(lines, "end: "+err.Error())
		}
		return lines
	}
}

// half is a colour of which a part is transparent.
var half = color.NRGBA{0, 0, 0, 128}
