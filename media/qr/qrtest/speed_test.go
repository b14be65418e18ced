package qrtest

import (
	"fmt"
	"image"
	"runtime"
	"testing"

	"github.com/gapferry/gapferry/media/qr/detect"
)

// camera is package detect as it is used for a camera's frames.
var camera = inProcess("gapferry", func(img *image.Gray) []string {
	return texts(detect.Decode(img, detect.Options{Fast: true, Max: 1}))
})

// BenchmarkFrames prints how many frames a second are read on one core, with a
// code and with nothing but clutter.
func BenchmarkFrames(b *testing.B) {
	for b.Loop() {
		fmt.Print("\n\nframes a second on one core\n\n")
		for _, size := range []image.Point{HD, FullHD} {
			for _, r := range []reader{camera, stock} {
				code := readFrames(r, Frames(Seed, size))
				empty := readFrames(r, EmptyFrames(Seed, size))
				fmt.Printf("%4d rows  %-8s  with a code %5.1f (read %d of %d)  empty %5.1f  time empty : code %.2f\n",
					size.Y, r.name, rate(code), code.read, code.n, rate(empty), rate(code)/rate(empty))
				if r.name == camera.name && size == FullHD {
					b.ReportMetric(rate(code), "frames/s")
					b.ReportMetric(rate(code)/rate(empty), "empty:code")
				}
			}
		}
	}
	b.ReportMetric(0, "ns/op") // of making and reading, which says nothing
}

// readFrames reads each frame once, after one that is not counted, on one core.
func readFrames(r reader, frames []Frame) (sum score) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for i, f := range append(frames[:1:1], frames...) {
		img := f.Picture()
		runtime.GC()                              // what making it left behind is not the reader's to collect
		got, _ := r.read([]*image.Gray{img}, nil) // in process: no error
		if i > 0 {
			sum.add(mark(f.Text, got[0]))
		}
	}
	return sum
}

func rate(s score) float64 { return float64(s.n) / s.took.Seconds() }
