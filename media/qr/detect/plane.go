package detect

import "image"

// A plane is a grey picture without gaps between its rows. Pixel i covers
// [i, i+1) of the continuous coordinates that all geometry here uses, so that
// going to another scale is one multiplication.
type plane struct {
	w, h  int
	scale float64 // pixels of this plane for one pixel of the picture
	pix   []byte
}

// resize gives the plane w×h pixels, keeping its memory if it suffices.
func (p *plane) resize(w, h int) {
	p.w, p.h = w, h
	if cap(p.pix) < w*h {
		p.pix = make([]byte, w*h)
	}
	p.pix = p.pix[:w*h]
}

// load copies img into p.
func (p *plane) load(img *image.Gray) {
	b := img.Rect
	p.resize(b.Dx(), b.Dy())
	p.scale = 1
	for y := range p.h {
		o := img.PixOffset(b.Min.X, b.Min.Y+y)
		copy(p.pix[y*p.w:(y+1)*p.w], img.Pix[o:o+p.w])
	}
}

// halve makes p the picture src at half its size: the mean of 2×2 pixels.
func (p *plane) halve(src *plane) {
	p.resize(src.w/2, src.h/2)
	p.scale = src.scale / 2
	for y := range p.h {
		out := p.pix[y*p.w : (y+1)*p.w]
		a := src.pix[2*y*src.w:][:2*len(out)]
		b := src.pix[(2*y+1)*src.w:][:2*len(out)]
		for x := range out {
			c, d := a[2*x:][:2], b[2*x:][:2]
			out[x] = byte((uint(c[0]) + uint(c[1]) + uint(d[0]) + uint(d[1]) + 2) >> 2)
		}
	}
}

// double makes p the picture src at twice its size. Each new pixel is a mix of
// the four nearest: 9/16, 3/16, 3/16, 1/16.
func (p *plane) double(src *plane) {
	p.resize(2*src.w, 2*src.h)
	p.scale = 2 * src.scale
	for y := range p.h {
		near := y / 2
		far := min(max(near-1+2*(y&1), 0), src.h-1)
		a, b := src.pix[near*src.w:(near+1)*src.w], src.pix[far*src.w:(far+1)*src.w]
		out := p.pix[y*p.w : (y+1)*p.w]
		left := 3*uint(a[0]) + uint(b[0])
		here := left
		for x := range src.w {
			right := here
			if x+1 < src.w {
				right = 3*uint(a[x+1]) + uint(b[x+1])
			}
			out[2*x] = byte((left + 3*here + 8) >> 4)
			out[2*x+1] = byte((right + 3*here + 8) >> 4)
			left, here = here, right
		}
	}
}

// tone makes p the picture src with other grey values.
func (p *plane) tone(src *plane, table *[256]byte) {
	p.resize(src.w, src.h)
	p.scale = src.scale
	for i, v := range src.pix {
		p.pix[i] = table[v]
	}
}

// smooth makes p the picture src, each pixel the mean of (2r+1)² pixels.
// Edges are continued outwards.
func (p *plane) smooth(src *plane, r int, s *sums) {
	p.resize(src.w, src.h)
	p.scale = src.scale
	n := 2*r + 1
	inv := uint32(1<<24/(n*n) + 1) // a division per pixel would cost more than the rest
	s.each(src, r, func(y int, sum []uint32) {
		out := p.pix[y*p.w : (y+1)*p.w]
		for x := range out {
			out[x] = byte(sum[x] * inv >> 24)
		}
	})
}

// at is the grey value at the continuous point (x, y): bilinear, the nearest
// edge pixel outside of the picture.
func (p *plane) at(x, y float64) float64 {
	x -= 0.5
	y -= 0.5
	if !(x > 0) { // also NaN
		x = 0
	} else if m := float64(p.w - 1); x > m {
		x = m
	}
	if !(y > 0) {
		y = 0
	} else if m := float64(p.h - 1); y > m {
		y = m
	}
	x0, y0 := int(x), int(y)
	fx, fy := x-float64(x0), y-float64(y0)
	i := y0*p.w + x0
	dx, dy := 1, p.w
	if x0+1 >= p.w {
		dx = 0
	}
	if y0+1 >= p.h {
		dy = 0
	}
	a, b := float64(p.pix[i]), float64(p.pix[i+dx])
	c, d := float64(p.pix[i+dy]), float64(p.pix[i+dy+dx])
	top := a + (b-a)*fx
	return top + (c+(d-c)*fx-top)*fy
}

// has tells if the point lies in the picture, or at most slack pixels outside.
func (p *plane) has(x, y, slack float64) bool {
	return x >= -slack && y >= -slack && x <= float64(p.w)+slack && y <= float64(p.h)+slack
}
