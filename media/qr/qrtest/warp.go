package qrtest

import (
	"image"
	"math"
)

// quiet is the light margin around a symbol, in modules (ISO/IEC 18004, 6.3.8).
const quiet = 4

// oversample is how many samples a pixel has in each direction.
const oversample = 4

// point is a place on the page, in modules from the symbol's middle, or in the
// picture, in pixels.
type point struct{ x, y float64 }

// pose is how the page lies before the camera.
type pose struct {
	px       float64 // pixels a module, in the middle
	turn     float64 // radians, in the picture's plane
	tilt     float64 // radians, out of it
	axis     float64 // radians: direction of the axis that it is tilted around
	distance float64 // from the camera, in widths of the symbol
	bow      float64 // modules by which the symbol's middle column is moved down
	skew     float64 // how much more one side of it is moved than the other: -1 to 1
	size     int     // of the symbol, in modules
}

// homography maps planes: (x, y) to (h0·x+h1·y+h2, h3·x+h4·y+h5) / (h6·x+h7·y+h8).
type homography [9]float64

func (h homography) apply(p point) point {
	d := h[6]*p.x + h[7]*p.y + h[8]
	return point{(h[0]*p.x + h[1]*p.y + h[2]) / d, (h[3]*p.x + h[4]*p.y + h[5]) / d}
}

// inverse is the adjugate: the factor between it and the inverse cancels out.
func (h homography) inverse() homography {
	return homography{
		h[4]*h[8] - h[5]*h[7], h[2]*h[7] - h[1]*h[8], h[1]*h[5] - h[2]*h[4],
		h[5]*h[6] - h[3]*h[8], h[0]*h[8] - h[2]*h[6], h[2]*h[3] - h[0]*h[5],
		h[3]*h[7] - h[4]*h[6], h[1]*h[6] - h[0]*h[7], h[0]*h[4] - h[1]*h[3],
	}
}

// project maps the flat page to the picture, with the symbol's middle at c.
func (p pose) project(c point) homography {
	sinT, cosT := math.Sincos(p.turn)
	sinA, cosA := math.Sincos(p.axis)
	sinB, cosB := math.Sincos(p.tilt)
	// What lies across the axis is shortened by cosB and comes nearer by sinB.
	rot := func(x, y float64) (float64, float64, float64) {
		x, y = p.px*(cosT*x-sinT*y), p.px*(sinT*x+cosT*y)
		along, across := cosA*x+sinA*y, cosA*y-sinA*x
		depth := sinB * across
		across *= cosB
		return cosA*along - sinA*across, sinA*along + cosA*across, depth
	}
	ax, ay, az := rot(1, 0)
	bx, by, bz := rot(0, 1)
	far := p.distance * float64(p.size) * p.px
	az, bz = az/far, bz/far
	return homography{
		ax + c.x*az, bx + c.x*bz, c.x,
		ay + c.y*az, by + c.y*bz, c.y,
		az, bz, 1,
	}
}

// bend is how far down the page is moved in the column x: bow in the middle,
// nothing at the symbol's edges, and between them as a sheet sags that lies on
// two edges (a beam under its own weight), but not quite evenly.
func (p pose) bend(x float64) float64 {
	if p.bow == 0 {
		return 0
	}
	t := 2 * x / float64(p.size)
	return p.bow * (1 - t*t) * (1 - t*t/5) * (1 + p.skew*t)
}

// fit is how large a picture must be to hold the symbol with its quiet zone,
// and where the symbol's middle is in it.
func (p pose) fit() (image.Point, point) {
	h := p.project(point{})
	r := float64(p.size)/2 + quiet
	lo, hi := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, c := range []point{{-r, -r}, {r, -r}, {r, r}, {-r, r}, {0, -r}, {0, r}} {
		q := h.apply(point{c.x, c.y + p.bend(c.x)})
		lo = point{min(lo.x, q.x), min(lo.y, q.y)}
		hi = point{max(hi.x, q.x), max(hi.y, q.y)}
	}
	return image.Pt(int(math.Ceil(hi.x-lo.x)), int(math.Ceil(hi.y-lo.y))), point{-lo.x, -lo.y}
}

// expose fills the plane with what sample sees: the mean of oversample²
// places on the page for each pixel. sample gets modules from the symbol's
// upper left corner, and the grey value that is there without the page.
func (p *plane) expose(s pose, middle point, sample func(x, y, behind float64) float64) {
	back := s.project(middle).inverse()
	half := float64(s.size) / 2
	p.each(func(x, y int, behind float64) float64 {
		sum := 0.0
		for j := range oversample {
			for i := range oversample {
				q := back.apply(point{
					float64(x) + (float64(i)+0.5)/oversample,
					float64(y) + (float64(j)+0.5)/oversample,
				})
				sum += sample(q.x+half, q.y-s.bend(q.x)+half, behind)
			}
		}
		return sum / (oversample * oversample)
	})
}
