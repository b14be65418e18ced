package qrtest

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
)

// grain adds a sensor's noise: Gaussian, of sigma grey values, independent in
// each pixel.
func (p *plane) grain(rng *rand.Rand, sigma float64) {
	p.each(func(_, _ int, v float64) float64 { return v + sigma*rng.NormFloat64() })
}

// compress is what is left of a picture after JPEG with a quality (1 to 100).
func compress(img *image.Gray, quality int) *image.Gray {
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, &jpeg.Options{Quality: quality}); err != nil {
		panic("qrtest: " + err.Error()) // a bytes.Buffer takes everything
	}
	read, err := jpeg.Decode(&file)
	if err != nil {
		panic("qrtest: " + err.Error()) // it was written above
	}
	out := image.NewGray(img.Bounds())
	draw.Draw(out, out.Rect, read, read.Bounds().Min, draw.Src)
	return out
}
