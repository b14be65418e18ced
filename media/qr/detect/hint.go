package detect

import "math"

// A Hint says why nothing was read, as an operator can act on it.
type Hint int

const (
	NothingSeen Hint = iota // no finder pattern anywhere
	TooSmall                // a symbol with modules of under 2 pixels
	TooBlurred              // finder patterns whose rings run into each other
	LowContrast             // finder patterns that are hardly darker than the paper
	Partly                  // finder patterns that do not make up a symbol
	Unreadable              // a whole symbol that none of the above explains
)

// String is a line for the operator.
func (h Hint) String() string {
	switch h {
	case TooSmall:
		return "the code is too small in the picture: move closer"
	case TooBlurred:
		return "the code is blurred: hold still, or let the camera focus"
	case LowContrast:
		return "the code is too faint: more light"
	case Partly:
		return "only a part of a code is seen: show all of it with its light border, and uncover it"
	case Unreadable:
		return "a code is seen but cannot be read: hold it flat and straight, without reflections"
	}
	return "no code is seen: point at the whole code, from closer"
}

// What makes a hint.
const (
	smallModule  = 2.0 // pixels
	faint        = 24  // grey levels between paper and ink
	soft         = 0.8 // contrast of a finder pattern's light ring, of that around it
	softPicture  = 0.3 // steepest slope of a picture, see steep
	strongFinder = directions - 1
)

// A look is how a finder pattern looks in grey.
type look struct {
	module float64 // pixels of the picture
	span   float64 // grey levels between core and surroundings
	ring   float64 // contrast of the light ring, as a part of span
}

// hint says what is wrong with the look, or what else.
func (l look) hint(otherwise Hint) Hint {
	switch {
	case l.module < smallModule:
		return TooSmall
	case l.span < faint:
		return LowContrast
	case l.ring < soft:
		return TooBlurred
	}
	return otherwise
}

// lookAt measures the finder pattern at (x, y).
func lookAt(p *plane, x, y float64, a axes) look {
	var mean [5]float64 // of the rings around the centre
	for v := -4; v <= 4; v++ {
		for u := -4; u <= 4; u++ {
			ring := max(u, -u, v, -v)
			gx, gy := x+float64(u)*a.ux+float64(v)*a.vx, y+float64(u)*a.uy+float64(v)*a.vy
			mean[ring] += p.at(gx, gy) / float64(max(8*ring, 1))
		}
	}
	span := mean[4] - mean[0]
	area := math.Abs(a.ux*a.vy - a.uy*a.vx)
	return look{math.Sqrt(area) / p.scale, span, (mean[2] - mean[0]) / max(span, 1)}
}

// sight is what was seen of codes that were not read.
type sight struct {
	strong []finder // beyond doubt, in pixels of the picture
	looks  []look   // of them
	score  float64  // the best sum of correlations of three that make up a symbol, 0: none,
	whole  look     // and how the worst of the three looks
	span   int      // grey levels of the whole picture
	slope  float64  // see steep
}

// count takes note of finder patterns that are beyond doubt: all around in the
// bitmap, and in grey at some angle.
func (s *sight) count(p *plane, found []finder) {
	for _, f := range found {
		if f.good < strongFinder {
			continue
		}
		best := 0.0
		var turned axes
		for i := range 6 { // of 90°
			sin, cos := math.Sincos(float64(i) * math.Pi / 12)
			a := axes{f.size * cos, f.size * sin, -f.size * sin, f.size * cos}
			if c := finderTemplate.at(p, f.x, f.y, a); c > best {
				best, turned = c, a
			}
		}
		if best < secondLook {
			continue
		}
		l := lookAt(p, f.x, f.y, turned)
		f.x, f.y, f.size = f.x/p.scale, f.y/p.scale, f.size/p.scale
		if i := near(s.strong, f.x, f.y); i >= 0 {
			s.strong[i].passes++
		} else {
			s.strong = append(s.strong, f)
			s.looks = append(s.looks, l)
		}
	}
}

// symbol takes note of three finder patterns that make up a symbol.
func (s *sight) symbol(p *plane, c *corners) {
	score := c.score[0] + c.score[1] + c.score[2]
	if score <= s.score {
		return
	}
	s.score = score
	for i, a := range c.lean {
		l := lookAt(p, c.at[i][0], c.at[i][1], a)
		if i == 0 {
			s.whole = l
		}
		s.whole = look{min(s.whole.module, l.module), min(s.whole.span, l.span), min(s.whole.ring, l.ring)}
	}
}

// steep measures the picture as a whole, for what is so blurred or so faint
// that not even a finder pattern is seen in it: between which grey levels it
// lies, and how much of that its steepest edges cover within 3 pixels.
func (s *sight) steep(p *plane) {
	var levels, steps [256]int
	n := 0
	for y := 0; y+3 < p.h; y += 2 {
		row, below := p.pix[y*p.w:(y+1)*p.w], p.pix[(y+3)*p.w:(y+4)*p.w]
		for x := 0; x+3 < p.w; x += 2 {
			v := int(row[x])
			d, e := v-int(row[x+3]), v-int(below[x])
			levels[v]++
			steps[max(d, -d, e, -e)]++
			n++
		}
	}
	at := func(h *[256]int, rank int) int { // the value at a rank
		for v, k := range h {
			if rank -= k; rank < 0 {
				return v
			}
		}
		return 255
	}
	s.span = at(&levels, n-1-n/100) - at(&levels, n/100)
	s.slope = float64(at(&steps, n-1-n/200)) / float64(max(s.span, 1))
}

// hint is what to tell the operator.
func (s *sight) hint() Hint {
	if s.score > 0 {
		return s.whole.hint(Unreadable)
	}
	for i, f := range s.strong {
		if f.passes > 0 { // chance is seen once
			return s.looks[i].hint(Partly)
		}
	}
	switch {
	case s.span < faint:
		return LowContrast
	case s.slope < softPicture:
		return TooBlurred
	}
	return NothingSeen
}
