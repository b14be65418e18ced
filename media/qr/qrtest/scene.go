package qrtest

import (
	"fmt"
	"image"
	"math/rand/v2"
)

// Frame is a camera's frame before a cluttered background, to measure how
// fast a reader is: also where there is nothing to read.
type Frame struct {
	Size    image.Point
	Version int     // of the code, level M; 0: there is none
	Part    float64 // of the frame's height that the code with its quiet zone fills
	Text    string

	seed uint64
}

// Sizes of frames: what webcams give.
var (
	HD     = image.Pt(1280, 720)
	FullHD = image.Pt(1920, 1080)
)

// Frames are 24 frames with a code: versions 10, 15, 20 and 25 at 80 and 50 %
// of the height, each three times.
func Frames(seed uint64, size image.Point) []Frame {
	var all []Frame
	for _, version := range []int{10, 15, 20, 25} {
		for _, part := range []float64{0.8, 0.5} {
			for range 3 {
				f := Frame{Size: size, Version: version, Part: part, seed: seed<<16 + uint64(len(all))}
				f.Text = randomText(rand.New(rand.NewPCG(f.seed, textStream)), version, M)
				all = append(all, f)
			}
		}
	}
	return all
}

// EmptyFrames are 6 frames without a code.
func EmptyFrames(seed uint64, size image.Point) []Frame {
	var all []Frame
	for i := range 6 {
		all = append(all, Frame{Size: size, seed: seed<<16 + emptyStream + uint64(i)})
	}
	return all
}

// emptyStream keeps the empty frames' rooms apart from those with a code.
const emptyStream = 1 << 12

// String names the frame: "1920x1080/v25-80%", "1920x1080/empty".
func (f Frame) String() string {
	if f.Version == 0 {
		return fmt.Sprintf("%dx%d/empty", f.Size.X, f.Size.Y)
	}
	return fmt.Sprintf("%dx%d/v%d-%.0f%%", f.Size.X, f.Size.Y, f.Version, 100*f.Part)
}

// Picture makes the frame, the same each time.
func (f Frame) Picture() *image.Gray {
	rng := rand.New(rand.NewPCG(f.seed, opticsStream))
	var code symbol
	if f.Version > 0 {
		code = mustEncode(f.Text, f.Version, M)
	}
	s := newShot(code, rng)
	s.frame, s.behind = f.Size, clutter(rng, f.Size)
	if f.Version > 0 {
		s.pose.px = f.Part * float64(f.Size.Y) / float64(code.size+2*quiet)
		s.pose.tilt, s.pose.axis = degrees(4), direction(rng)
	}
	s.blur, s.grain, s.quality = 1.2, 8, 50
	return s.picture()
}

// Screens are what a camera that is held still sees of a screen that shows one
// text after the other: equal frames but for the code. It panics on a text
// that the version does not hold at level M.
func Screens(seed uint64, size image.Point, version int, part float64, texts []string) []*image.Gray {
	var all []*image.Gray
	for _, text := range texts {
		all = append(all, Frame{Size: size, Version: version, Part: part, Text: text, seed: seed << 16}.Picture())
	}
	return all
}
