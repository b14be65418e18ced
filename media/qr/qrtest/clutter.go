package qrtest

import (
	"image"
	"math"
	"math/rand/v2"
)

// clutter is a room and a desk: what a detector must look at in vain. There
// are edges everywhere, and much that looks like a finder pattern along one
// line: stripes, rows of text, keys, rings.
func clutter(rng *rand.Rand, size image.Point) *plane {
	p := newPlane(size.X, size.Y)
	p.fill(between(rng, 120, 200))
	unit := float64(size.Y) / 100
	place := func() point { return point{between(rng, 0, 1) * float64(size.X), between(rng, 0, 1) * float64(size.Y)} }
	grey := func() float64 { return between(rng, 10, 245) }
	for range 40 { // things
		p.box(place(), between(rng, 2, 30)*unit, between(rng, 2, 30)*unit, direction(rng), solid(grey()))
	}
	for range 3 { // sheets with rows of text
		w, h := between(rng, 15, 40)*unit, between(rng, 15, 40)*unit
		p.box(place(), w, h, direction(rng)/20, writing(rng.Uint64(), between(rng, 0.6, 2)*unit))
	}
	for range 2 { // blinds, books, a radiator
		p.box(place(), between(rng, 10, 40)*unit, between(rng, 5, 20)*unit, direction(rng), stripes(between(rng, 0.5, 2)*unit, grey(), grey()))
	}
	p.box(place(), 30*unit, 12*unit, direction(rng)/10, keys(between(rng, 1.5, 3)*unit))
	for range 2 { // buttons, cups, knobs
		p.box(place(), 12*unit, 12*unit, 0, rings(between(rng, 0.4, 1.2)*unit, between(rng, 1, 6)*unit))
	}
	p.gradient(between(rng, 0.2, 0.5), direction(rng))
	return p
}

// paint is the grey value at a place of a box, from its middle in pixels, and
// whether anything is there.
type paint func(x, y float64) (float64, bool)

// box paints a rectangle of half width w and half height h (in pixels), turned
// by an angle (in radians).
func (p *plane) box(middle point, w, h, angle float64, what paint) {
	sin, cos := math.Sincos(angle)
	reach := math.Hypot(w, h)
	for y := max(0, int(middle.y-reach)); y < min(p.h, int(middle.y+reach)+1); y++ {
		for x := max(0, int(middle.x-reach)); x < min(p.w, int(middle.x+reach)+1); x++ {
			dx, dy := float64(x)-middle.x, float64(y)-middle.y
			u, v := dx*cos+dy*sin, dy*cos-dx*sin
			if math.Abs(u) > w || math.Abs(v) > h {
				continue
			}
			if g, ok := what(u, v); ok {
				p.v[y*p.w+x] = g
			}
		}
	}
}

func solid(g float64) paint { return func(_, _ float64) (float64, bool) { return g, true } }

// writing is paper with lines of letters that are size high and made of dark
// and light parts at random.
func writing(seed uint64, size float64) paint {
	dots := printing{seed: seed}
	return func(x, y float64) (float64, bool) {
		row, line := math.Modf(math.Abs(y) / (2 * size))
		column := math.Floor(x / (size / 4))
		ink := line < 0.5 && dots.dot(int(column), int(row)) < 0.5 && dots.dot(int(column/12), int(row)) < 0.85
		if ink {
			return 50, true
		}
		return 225, true
	}
}

func stripes(width, a, b float64) paint {
	return func(x, _ float64) (float64, bool) {
		if int(math.Floor(x/width))&1 == 0 {
			return a, true
		}
		return b, true
	}
}

// keys are light squares on black, width apart.
func keys(width float64) paint {
	return func(x, y float64) (float64, bool) {
		x, y = x/width-math.Floor(x/width)-0.5, y/width-math.Floor(y/width)-0.5
		if max(math.Abs(x), math.Abs(y)) < 0.4 {
			return 200, true
		}
		return 25, true
	}
}

// rings are dark and light circles, width wide, within a radius.
func rings(width, radius float64) paint {
	return func(x, y float64) (float64, bool) {
		d := math.Hypot(x, y)
		if int(d/width)&1 == 0 {
			return 40, d < radius
		}
		return 210, d < radius
	}
}
