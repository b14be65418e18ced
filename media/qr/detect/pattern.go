package detect

import "math"

// A template is a small pattern of modules to look for in grey: its weights sum
// to 0 and their squares to 1, so that matching is a normalised correlation
// that neither light nor contrast changes. Grey, because a threshold has
// already thrown away what a blurred pattern still shows.
type template []struct{ u, v, weight float64 }

func newTemplate(r int, dark func(ring int) bool) template {
	var s template
	for v := -r; v <= r; v++ {
		for u := -r; u <= r; u++ {
			w := 1.0
			if dark(max(u, -u, v, -v)) {
				w = -1
			}
			s = append(s, struct{ u, v, weight float64 }{float64(u), float64(v), w})
		}
	}
	return s.normal()
}

// normal brings the weights to mean 0 and length 1.
func (s template) normal() template {
	sum, square := 0.0, 0.0
	for _, e := range s {
		sum += e.weight
	}
	for i := range s {
		s[i].weight -= sum / float64(len(s))
		square += s[i].weight * s[i].weight
	}
	for i := range s {
		s[i].weight /= math.Sqrt(square)
	}
	return s
}

var (
	finderTemplate    = newTemplate(4, func(ring int) bool { return ring <= 1 || ring == 3 })
	alignmentTemplate = newTemplate(2, func(ring int) bool { return ring != 1 })
)

// axes are the pixels of one module to the right and one down, near some point.
type axes struct{ ux, uy, vx, vy float64 }

// at is the correlation, -1..1, of the template at (x, y).
func (s template) at(p *plane, x, y float64, a axes) float64 {
	var sum, square, dot float64
	for i := range s {
		e := &s[i]
		g := p.at(x+e.u*a.ux+e.v*a.vx, y+e.u*a.uy+e.v*a.vy)
		sum += g
		square += g * g
		dot += g * e.weight
	}
	n := float64(len(s))
	variance := square - sum*sum/n
	if variance < n { // under 1 grey level: nothing is there
		return 0
	}
	return dot / math.Sqrt(variance)
}

// find looks within reach modules of (x, y) for the best match and gives its
// place to an eighth of a module. A match farther away must be better: each
// module costs 0.02.
func (s template) find(p *plane, x, y, reach float64, a axes) (bx, by, score float64) {
	bx, by = x, y
	score = -1
	var bu, bv float64
	try := func(u, v float64) {
		px, py := x+u*a.ux+v*a.vx, y+u*a.uy+v*a.vy
		c := s.at(p, px, py, a) - 0.02*math.Hypot(u, v)
		if c > score {
			score, bx, by, bu, bv = c, px, py, u, v
		}
	}
	k := int(reach * 2)
	for j := -k; j <= k; j++ {
		for i := -k; i <= k; i++ {
			try(float64(i)/2, float64(j)/2)
		}
	}
	for _, step := range [2]float64{0.25, 0.125} {
		cu, cv := bu, bv
		for j := -1.0; j <= 1; j++ {
			for i := -1.0; i <= 1; i++ {
				if i != 0 || j != 0 {
					try(cu+i*step, cv+j*step)
				}
			}
		}
	}
	return bx, by, score + 0.02*math.Hypot(bu, bv)
}

// lean varies the axes until the template fits best at (x, y): the slope of the
// sheet there.
func (s template) lean(p *plane, x, y float64, a axes) (axes, float64) {
	score := s.at(p, x, y, a)
	for _, step := range [4]float64{0.15, 0.1, 0.05, 0.025} {
		for better := true; better; {
			better = false
			for i := range 8 {
				b := a
				d := step * math.Hypot(a.ux, a.uy)
				if i >= 4 {
					d = -d
				}
				switch i % 4 {
				case 0:
					b.ux += d
				case 1:
					b.uy += d
				case 2:
					b.vx += d
				case 3:
					b.vy += d
				}
				if c := s.at(p, x, y, b); c > score+1e-4 {
					a, score, better = b, c, true
				}
			}
		}
	}
	return a, score
}
