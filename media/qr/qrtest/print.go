package qrtest

import "math"

// printing is what a printer does to the modules.
type printing struct {
	gain  float64 // dark edges grow by this many modules
	holes float64 // part of the dark dots without ink
	spots float64 // part of the light dots with ink
	seed  uint64
}

// printDots is how many dots a printer puts on a module, in each direction.
const printDots = 8

// at is the grey value of the dot at a place in modules.
func (p *printing) at(s *shot, x, y float64) float64 {
	dark := s.code.at(int(math.Floor(x-p.gain)), int(math.Floor(y))) ||
		s.code.at(int(math.Floor(x+p.gain)), int(math.Floor(y))) ||
		s.code.at(int(math.Floor(x)), int(math.Floor(y-p.gain))) ||
		s.code.at(int(math.Floor(x)), int(math.Floor(y+p.gain)))
	r := p.dot(int(math.Floor(x*printDots)), int(math.Floor(y*printDots)))
	if dark && r >= p.holes || !dark && r < p.spots {
		return s.ink
	}
	return s.paper
}

// dot is a number from 0 to 1 for a dot, the same whenever it is looked at
// (the finalizer of splitmix64).
func (p *printing) dot(x, y int) float64 {
	z := p.seed + uint64(x+1<<20)<<32 + uint64(y+1<<20)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) / (1 << 53)
}

// takePrint photographs a sheet of paper that does not lie flat.
func takePrint(s *shot, severity float64) {
	s.pose.px = 5 - severity
	s.pose.bow, s.pose.skew = 0.4+0.25*severity, between(s.rng, -0.3, 0.3)
	s.pose.tilt, s.pose.axis = degrees(8*severity), direction(s.rng)
	s.print = &printing{gain: 0.04 * severity, holes: 0.08 * severity, spots: 0.02 * severity, seed: s.rng.Uint64()}
	s.ink, s.paper = 40, 215
	s.blur, s.grain = 0.8, 6
	s.quality = 70
	takeLight(s, 0.3)
}
