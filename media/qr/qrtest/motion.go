package qrtest

import (
	"image"
	"math"
)

// Film is a camera before a screen that shows pictures one after the other,
// around and around. The camera does not wait for the screen, so some of its
// frames show two pictures: one through the other, if the screen changes while
// the shutter is open, and one above the other, if it changes while the rows
// are read out (rolling shutter).
type Film struct {
	Screens  []*image.Gray // of equal size: see Screens
	Shown    float64       // pictures a second on the screen
	Camera   float64       // frames a second
	Exposure float64       // how long the shutter is open: part of a camera's frame, above 0 to 1
	Readout  float64       // how much later the last row is exposed than the first: part of a frame, 0 to 1
	Start    float64       // seconds that the screen was on before the first frame
}

// Frame is the camera's frame i, from 0.
func (f Film) Frame(i int) *image.Gray {
	size := f.Screens[0].Rect
	out := image.NewGray(image.Rect(0, 0, size.Dx(), size.Dy()))
	for y := range size.Dy() {
		opened := f.Start + (float64(i)+f.Readout*float64(y)/float64(size.Dy()))/f.Camera
		f.row(out, y, opened*f.Shown, (opened+f.Exposure/f.Camera)*f.Shown)
	}
	return out
}

// row exposes a row from one time to another, both counted in pictures shown.
func (f Film) row(out *image.Gray, y int, from, to float64) {
	sum := make([]float64, out.Rect.Dx())
	for k := math.Floor(from); k < to; k++ {
		part := (min(to, k+1) - max(from, k)) / (to - from)
		screen := f.Screens[int(k)%len(f.Screens)]
		for x, v := range screen.Pix[y*screen.Stride:][:len(sum)] {
			sum[x] += part * float64(v)
		}
	}
	for x, v := range sum {
		out.Pix[y*out.Stride+x] = uint8(math.Round(v))
	}
}
