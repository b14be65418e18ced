package qrtest

import (
	"image"
	"testing"
)

// even is a picture of one grey value.
func even(grey uint8) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 4, 100))
	for i := range img.Pix {
		img.Pix[i] = grey
	}
	return img
}

// TestFilm looks at rows 0, 25, 50, 75 and 99 of a camera's frame.
func TestFilm(t *testing.T) {
	for _, test := range []struct {
		name string
		film Film
		i    int
		want [5]uint8
	}{
		{"the first picture", Film{Shown: 10, Camera: 10, Exposure: 1}, 0, [5]uint8{40, 40, 40, 40, 40}},
		{"the second picture", Film{Shown: 10, Camera: 10, Exposure: 1}, 1, [5]uint8{240, 240, 240, 240, 240}},
		{"around again", Film{Shown: 10, Camera: 10, Exposure: 1}, 2, [5]uint8{40, 40, 40, 40, 40}},
		{"one through the other", Film{Shown: 10, Camera: 10, Exposure: 1, Start: 0.025}, 0, [5]uint8{90, 90, 90, 90, 90}},
		{"not while the shutter is closed", Film{Shown: 10, Camera: 10, Exposure: 0.5, Start: 0.025}, 0, [5]uint8{40, 40, 40, 40, 40}},
		{"one above the other", Film{Shown: 10, Camera: 10, Exposure: 0.125, Readout: 1, Start: 0.04}, 0, [5]uint8{40, 40, 80, 240, 240}},
		{"slow shutter, rolling", Film{Shown: 10, Camera: 10, Exposure: 1, Readout: 1}, 0, [5]uint8{40, 90, 140, 190, 238}},
	} {
		test.film.Screens = []*image.Gray{even(40), even(240)}
		frame := test.film.Frame(test.i)
		var got [5]uint8
		for k, y := range []int{0, 25, 50, 75, 99} {
			got[k] = frame.GrayAt(1, y).Y
		}
		if got != test.want {
			t.Errorf("%s: rows %v, want %v", test.name, got, test.want)
		}
	}
}
