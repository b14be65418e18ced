package detect

import (
	"image"
	"testing"
	"time"

	"github.com/gapferry/gapferry/media/qr/qrtest"
)

// benchFrames measures camera frames: milliseconds a frame, the part that was
// read, and the time relative to stock gozxing in the same run.
func benchFrames(b *testing.B, frames []qrtest.Frame) {
	var pictures []*image.Gray
	for _, f := range frames {
		pictures = append(pictures, f.Picture())
	}
	read, n := 0, 0
	for b.Loop() {
		i := n % len(frames)
		n++
		rep := Decode(pictures[i], Options{Fast: true, Max: 1})
		if len(rep.Codes) == 1 && rep.Codes[0].Text == frames[i].Text {
			read++
		}
	}
	ours := b.Elapsed() / time.Duration(n)
	began := time.Now()
	for i := range min(n, 2*len(frames)) {
		DecodeGozxing(pictures[i%len(frames)])
	}
	stock := time.Since(began) / time.Duration(min(n, 2*len(frames)))
	b.ReportMetric(float64(ours)/float64(time.Millisecond), "ms/frame")
	b.ReportMetric(100*float64(read)/float64(n), "%read")
	b.ReportMetric(float64(ours)/float64(stock), "×stock")
}

func BenchmarkDecode720(b *testing.B) { benchFrames(b, qrtest.Frames(qrtest.Seed, qrtest.HD)) }
func BenchmarkDecode720Empty(b *testing.B) {
	benchFrames(b, qrtest.EmptyFrames(qrtest.Seed, qrtest.HD))
}
func BenchmarkDecode1080(b *testing.B) { benchFrames(b, qrtest.Frames(qrtest.Seed, qrtest.FullHD)) }
func BenchmarkDecode1080Empty(b *testing.B) {
	benchFrames(b, qrtest.EmptyFrames(qrtest.Seed, qrtest.FullHD))
}

func BenchmarkDecode12Megapixels(b *testing.B) {
	size := image.Pt(4000, 3000)
	f := qrtest.Frame{Size: size, Version: 10, Part: 0.2, Text: randomText(100, 0)}
	img := f.Picture()
	for b.Loop() {
		if rep := Decode(img, Options{}); len(rep.Codes) != 1 {
			b.Fatalf("%d codes", len(rep.Codes))
		}
	}
}
