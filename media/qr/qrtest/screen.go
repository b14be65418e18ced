package qrtest

import (
	"math"
	"math/rand/v2"
)

// beat is what is left of a beat's amplitude between pixels that have an
// extent. It is set so that other readers read as many as they should.
const beat = 0.85

// moire is the beat between a screen's pixels and the sensor's: two waves
// across each other, some pixels long, that take light away.
func (p *plane) moire(rng *rand.Rand, amplitude float64) {
	period := between(rng, 4, 12)
	sin, cos := math.Sincos(direction(rng))
	f := 2 * math.Pi / period
	ph1, ph2 := direction(rng), direction(rng)
	p.each(func(x, y int, v float64) float64 {
		a := math.Sin(f*(float64(x)*cos+float64(y)*sin) + ph1)
		b := math.Sin(f*(float64(y)*cos-float64(x)*sin) + ph2)
		return v * (1 + beat*amplitude*(a+b)/2)
	})
}

// takeScreen photographs a screen: moiré, tilted, small modules.
func takeScreen(s *shot, severity float64) {
	s.pose.px = []float64{3.4, 2.6}[int(severity)-1]
	s.pose.tilt, s.pose.axis = degrees(6*severity), direction(s.rng)
	s.ink, s.paper = 20, 235
	s.blur, s.grain = 0.7, 5
	s.quality = 75
	amplitude := 0.15 + 0.15*severity
	s.light = append(s.light, func(p *plane, _ point) { p.moire(s.rng, amplitude) })
}
