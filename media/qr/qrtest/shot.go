package qrtest

import (
	"image"
	"math"
	"math/rand/v2"
)

// shot is a picture about to be taken: the page, how it lies, and everything
// between it and the file. A family's take function sets it up, in any order
// of fields; picture goes through them in the order of light.
type shot struct {
	rng  *rand.Rand
	code symbol
	pose pose

	ink, paper float64     // grey values of dark and light modules
	cover      *ellipse    // lies on the page, or nil
	print      *printing   // what the printer did, or nil
	frame      image.Point // size of the picture; zero: as large as the code needs
	behind     *plane      // what is seen around the page in a frame; nil: paper

	light   []func(*plane, point) // light and screen, in turn; they get the symbol's middle
	blur    float64               // Gaussian sigma, pixels
	smear   float64               // pixels
	way     float64               // of the smear, radians
	grain   float64               // Gaussian sigma, grey values
	quality int                   // of JPEG; 0: none
}

// ellipse is a thing that lies on the symbol, in modules.
type ellipse struct {
	middle point
	radii  point
	grey   float64
}

func (e *ellipse) holds(x, y float64) bool {
	x, y = (x-e.middle.x)/e.radii.x, (y-e.middle.y)/e.radii.y
	return x*x+y*y < 1
}

// newShot is a good picture: 4 pixels a module, turned by up to 3 degrees,
// nearly sharp, with a little noise.
func newShot(code symbol, rng *rand.Rand) *shot {
	return &shot{
		rng: rng, code: code,
		pose: pose{px: 4, turn: degrees(between(rng, -3, 3)), distance: 2, size: code.size},
		ink:  20, paper: 235,
		blur: 0.4, grain: 3,
	}
}

func degrees(d float64) float64 { return d * math.Pi / 180 }

// between is a random number in a range.
func between(rng *rand.Rand, lo, hi float64) float64 {
	return lo + (hi-lo)*rng.Float64()
}

// direction is a random direction, in radians.
func direction(rng *rand.Rand) float64 { return between(rng, 0, 2*math.Pi) }

// picture takes the shot.
func (s *shot) picture() *image.Gray {
	size, middle := s.frame, point{float64(s.frame.X) / 2, float64(s.frame.Y) / 2}
	if size == (image.Point{}) {
		size, middle = s.pose.fit()
	}
	// Never exactly on the sensor's grid.
	middle.x += s.rng.Float64()
	middle.y += s.rng.Float64()
	p := s.behind
	if p == nil {
		p = newPlane(size.X, size.Y)
		p.fill(s.paper)
	}
	if s.code.size > 0 {
		p.expose(s.pose, middle, s.page)
	}
	for _, light := range s.light {
		light(p, middle)
	}
	if s.smear > 0 {
		p.smear(s.smear, s.way)
	}
	p.defocus(s.blur)
	p.grain(s.rng, s.grain)
	img := p.gray()
	if s.quality > 0 {
		img = compress(img, s.quality)
	}
	return img
}

// page is the grey value at a place in modules from the symbol's upper left
// corner, where behind is seen if the page does not reach there.
func (s *shot) page(x, y, behind float64) float64 {
	n := float64(s.code.size)
	if x < -quiet || y < -quiet || x >= n+quiet || y >= n+quiet {
		return behind
	}
	if s.cover != nil && s.cover.holds(x, y) {
		return s.cover.grey
	}
	if s.print != nil {
		return s.print.at(s, x, y)
	}
	if s.code.at(int(math.Floor(x)), int(math.Floor(y))) {
		return s.ink
	}
	return s.paper
}
