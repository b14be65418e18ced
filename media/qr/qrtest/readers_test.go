package qrtest

import (
	"bytes"
	"fmt"
	"image"
	"time"

	"github.com/gapferry/gapferry/media/qr/detect"
)

// reading is what a reader found in one picture.
type reading struct {
	texts []string
	took  time.Duration
}

// reader is one of the readers that are compared.
type reader struct {
	name string
	// read reads pictures, one after the other on one core. files are the same
	// pictures as PGM, for programs.
	read func(pictures []*image.Gray, files []string) ([]reading, error)
}

// inProcess makes a reader of a function.
func inProcess(name string, f func(*image.Gray) []string) reader {
	return reader{name, func(pictures []*image.Gray, _ []string) ([]reading, error) {
		var all []reading
		for _, p := range pictures {
			start := time.Now()
			texts := f(p)
			all = append(all, reading{texts, time.Since(start)})
		}
		return all, nil
	}}
}

// ours is package detect, as for files but for the one code that is wanted.
var ours = inProcess("gapferry", func(img *image.Gray) []string {
	return texts(detect.Decode(img, detect.Options{Max: 1}))
})

// stock is gozxing by itself.
var stock = inProcess("gozxing", func(img *image.Gray) []string {
	if text, ok := detect.DecodeGozxing(img); ok {
		return []string{text}
	}
	return nil
})

func texts(r detect.Report) []string {
	var all []string
	for _, c := range r.Codes {
		all = append(all, c.Text)
	}
	return all
}

// pgm is a picture as a file (Netpbm P5).
func pgm(img *image.Gray) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "P5\n%d %d\n255\n", img.Rect.Dx(), img.Rect.Dy())
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		b.Write(img.Pix[img.PixOffset(img.Rect.Min.X, y):][:img.Rect.Dx()])
	}
	return b.Bytes()
}
