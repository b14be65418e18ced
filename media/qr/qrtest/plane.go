package qrtest

import (
	"image"
	"math"
)

// plane is a picture while it is being made: grey values of any size, 0 black
// and 255 white, not rounded.
type plane struct {
	w, h int
	v    []float64 // row after row
}

func newPlane(w, h int) *plane {
	return &plane{w: w, h: h, v: make([]float64, w*h)}
}

// fill makes every pixel v.
func (p *plane) fill(v float64) {
	for i := range p.v {
		p.v[i] = v
	}
}

// each replaces every pixel by f of its place and value, row after row.
func (p *plane) each(f func(x, y int, v float64) float64) {
	for y := range p.h {
		row := p.v[y*p.w : (y+1)*p.w]
		for x, v := range row {
			row[x] = f(x, y, v)
		}
	}
}

// gray rounds to the grey values a sensor can give.
func (p *plane) gray() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, p.w, p.h))
	for i, v := range p.v {
		img.Pix[i] = uint8(math.Round(min(max(v, 0), 255)))
	}
	return img
}
