package capture

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"path/filepath"
	"testing"
)

// Every kind of picture becomes the same grey.
func TestLoad(t *testing.T) {
	want := drawing(61, 43, 1)
	as := func(dst draw.Image) image.Image {
		draw.Draw(dst, dst.Bounds(), want, image.Point{}, draw.Src)
		return dst
	}
	r := want.Rect
	palette := make(color.Palette, 256)
	for i := range palette {
		palette[i] = color.Gray{byte(i)}
	}
	colour := image.NewYCbCr(r, image.YCbCrSubsampleRatio420)
	copy(colour.Y, want.Pix)
	for i := range colour.Cb {
		colour.Cb[i], colour.Cr[i] = 90, 200
	}
	jpg := jpegOf(t, colour)
	for _, test := range []struct {
		name string
		data []byte
		off  int // by how much a value may differ
	}{
		{"gray.png", pngOf(t, want), 0},
		{"gray16.png", pngOf(t, as(image.NewGray16(r))), 0},
		{"palette.png", pngOf(t, as(image.NewPaletted(r, palette))), 0},
		{"rgba.png", pngOf(t, as(image.NewRGBA(r))), 0},
		{"nrgba.png", pngOf(t, as(image.NewNRGBA(r))), 0},
		{"nrgba64.png", pngOf(t, as(image.NewNRGBA64(r))), 0},
		{"gray.jpg", jpegOf(t, want), 6},
		{"colour.jpg", jpg, 6},
		{"no-tables.jpg", withoutTables(t, jpg), 6},
		{"trailer.jpg", append(bytes.Clone(jpg), "what a phone puts behind a photo"...), 6},
		{"screen.ppm", ppmOf(want), 0},
		{"screen.pgm", pgmOf(want), 0},
		{"wrong-name.png", pgmOf(want), 0},
	} {
		got, err := Load(save(t, filepath.Join(t.TempDir(), test.name), test.data))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if err := near(got, want, test.off); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if bytes.Equal(jpg, withoutTables(t, jpg)) {
		t.Error("the JPEG without tables has them")
	}
}

// Black modules on nothing are seen on white paper.
func TestTransparent(t *testing.T) {
	r := image.Rect(0, 0, 3, 1)
	nrgba := image.NewNRGBA(r)
	nrgba.Set(0, 0, color.Black)
	nrgba.Set(1, 0, half)
	rgba := image.NewRGBA(r)
	draw.Draw(rgba, r, nrgba, image.Point{}, draw.Src)
	palette := image.NewPaletted(r, color.Palette{color.Transparent, color.Black, half})
	palette.Pix = []byte{1, 2, 0}
	deep := image.NewNRGBA64(r)
	draw.Draw(deep, r, nrgba, image.Point{}, draw.Src)
	for _, img := range []image.Image{nrgba, rgba, palette, deep} {
		got := toGray(img)
		for i, want := range []int{0, 127, 255} {
			if d := int(got.Pix[i]) - want; d < -1 || d > 1 {
				t.Errorf("%T: pixel %d is %d, want %d", img, i, got.Pix[i], want)
			}
		}
	}
}

// A picture that does not begin at (0,0), as some programs give it.
func TestToGrayShifted(t *testing.T) {
	whole := drawing(20, 10, 3)
	part := image.Rect(5, 2, 15, 9)
	want := toGray(whole.SubImage(part))
	rgba := image.NewRGBA(whole.Rect)
	draw.Draw(rgba, rgba.Rect, whole, image.Point{}, draw.Src)
	if err := near(toGray(rgba.SubImage(part)), want, 0); err != nil {
		t.Error(err)
	}
	if want.GrayAt(0, 0) != whole.GrayAt(5, 2) {
		t.Error("its corner is not where it was")
	}
}

// The largest photos in use pass, in full.
func TestLoadPhonePhoto(t *testing.T) {
	if testing.Short() {
		t.Skip("48 million pixels")
	}
	photo := image.NewGray(image.Rect(0, 0, 8064, 6048))
	for i := range photo.Pix {
		photo.Pix[i] = byte(i >> 13)
	}
	got, err := Load(save(t, filepath.Join(t.TempDir(), "photo.jpg"), jpegOf(t, photo)))
	if err != nil {
		t.Fatal(err)
	}
	if got.Rect != photo.Rect {
		t.Errorf("its size is %v", got.Rect)
	}
}
