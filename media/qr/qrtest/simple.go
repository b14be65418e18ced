package qrtest

import "math"

// The families in which one thing is wrong.

func takeScale(s *shot, px float64) { s.pose.px = px }

func takeRotation(s *shot, deg float64) { s.pose.turn += degrees(deg) }

// takePerspective looks at the page from a side, from two symbol's widths.
func takePerspective(s *shot, deg float64) {
	s.pose.tilt, s.pose.axis = degrees(deg), direction(s.rng)
}

func takeCurl(s *shot, modules float64) {
	s.pose.bow = modules
	if s.rng.IntN(2) == 0 {
		s.pose.bow = -modules
	}
	s.pose.skew = between(s.rng, -0.3, 0.3)
}

func takeDefocus(s *shot, sigma float64) { s.blur = math.Hypot(s.blur, sigma) }

// takeMotion smears along rows or columns, nearly: what hurts most.
func takeMotion(s *shot, pixels float64) {
	s.smear = pixels
	s.way = degrees(float64(90*s.rng.IntN(2)) + between(s.rng, -15, 15))
}

func takeNoise(s *shot, sigma float64) { s.grain = math.Hypot(s.grain, sigma) }

func takeContrast(s *shot, span float64) {
	middle := between(s.rng, 100, 155)
	s.ink, s.paper = middle-span/2, middle+span/2
}

func takeLight(s *shot, lost float64) {
	way := direction(s.rng)
	s.light = append(s.light, func(p *plane, _ point) { p.gradient(lost, way) })
}

// takeShadow lays the edge of a shadow through the symbol, not far from its
// middle.
func takeShadow(s *shot, lost float64) {
	way, off, soft := direction(s.rng), between(s.rng, -0.25, 0.25), between(s.rng, 2, 10)
	s.light = append(s.light, func(p *plane, middle point) {
		d := off * float64(s.code.size) * s.pose.px
		middle.x += d * math.Cos(way)
		middle.y += d * math.Sin(way)
		p.shade(lost, soft, middle, way)
	})
}

func takeJPEG(s *shot, quality float64) { s.quality = int(quality) }

// takeOcclusion lays an ellipse of a part of the symbol's area on its data,
// clear of the finder patterns (7 modules and a light one) and of the timing
// patterns.
func takeOcclusion(s *shot, part float64) {
	n := float64(s.code.size)
	r := math.Sqrt(part * n * n / math.Pi)
	stretch := between(s.rng, 0.8, 1.25)
	e := &ellipse{radii: point{r * stretch, r / stretch}, grey: between(s.rng, 40, 215)}
	for range 1000 {
		e.middle = point{between(s.rng, 8+e.radii.x, n-e.radii.x), between(s.rng, 8+e.radii.y, n-e.radii.y)}
		if !e.touchesFinder(n) {
			break
		}
	}
	s.cover = e
}

// touchesFinder says whether the bounding box reaches into a finder pattern at
// the upper right or lower left; the upper left one is out of the way already.
func (e *ellipse) touchesFinder(n float64) bool {
	right, left := e.middle.x+e.radii.x, e.middle.x-e.radii.x
	up, down := e.middle.y-e.radii.y, e.middle.y+e.radii.y
	return right > n-8 && up < 8 || left < 8 && down > n-8
}

func takeMoire(s *shot, amplitude float64) {
	s.light = append(s.light, func(p *plane, _ point) { p.moire(s.rng, amplitude) })
}
