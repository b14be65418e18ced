package detect

import "math"

// enough is the correlation from which a pattern counts as seen. A random 5×5
// patch of data reaches it within the searched area in about one of 50 cases.
const enough = 0.6

// corners are a triple's three finder patterns as they look in grey.
type corners struct {
	at    [3][2]float64 // top left, top right, bottom left
	lean  [3]axes
	score [3]float64
}

// A finder pattern must correlate this well, first as placed and then leaned.
// Of pictures that were read the worst had 0.80; chance triples have 0.3.
const (
	firstLook  = 0.35
	secondLook = 0.6
)

// corners places the finder patterns in grey and measures how they lean. The
// size of the symbol hardly matters for that, so n may be wrong.
func (t *triple) corners(p *plane, n int) (c corners, ok bool) {
	flat, ok := t.flat(n)
	if !ok {
		return c, false
	}
	w := &warp{n: float64(n), flat: flat}
	hi := w.n - 3.5
	for i, m := range [3][2]float64{{3.5, 3.5}, {hi, 3.5}, {3.5, hi}} {
		x, y := w.at(m[0], m[1])
		a := w.axes(m[0], m[1])
		x, y, c.score[i] = finderTemplate.find(p, x, y, 0.5, a)
		if c.score[i] < firstLook {
			return c, false
		}
		a, _ = finderTemplate.lean(p, x, y, a)
		x, y, c.score[i] = finderTemplate.find(p, x, y, 0.5, a)
		if c.score[i] < secondLook {
			return c, false
		}
		c.at[i], c.lean[i] = [2]float64{x, y}, a
	}
	return c, true
}

// register lays the grid of an n-module symbol over the picture: it looks for
// the timing and alignment patterns in grey and fits a warp to those it sees.
// Not bowed means that the timing patterns are left alone: where they are too
// blurred or covered, the bow they show is chance.
func register(p *plane, s *symbol, t *triple, c *corners, bowed bool) (*warp, bool) {
	flat, ok := t.flat(s.n)
	if !ok {
		return nil, false
	}
	w := &warp{n: float64(s.n), flat: flat}
	hi := w.n - 3.5
	pins := []pin{
		{3.5, 3.5, c.at[0][0], c.at[0][1]},
		{hi, 3.5, c.at[1][0], c.at[1][1]},
		{3.5, hi, c.at[2][0], c.at[2][1]},
	}
	x, y := w.at(hi, hi)
	if !w.flatten(append(pins[:3:3], pin{hi, hi, x, y})) {
		return nil, false
	}
	if s.version == 1 {
		return w, true
	}
	if bowed {
		w.bowOf(p, 0, [2]axes{c.lean[0], c.lean[1]})
		w.bowOf(p, 1, [2]axes{c.lean[0], c.lean[2]})
	}
	// the bottom right alignment pattern decides the perspective
	last := float64(s.centers[len(s.centers)-1]) + 0.5
	x, y = w.at(last, last)
	reach := min(2+w.n/20, 7)
	if bx, by, score := alignmentTemplate.find(p, x, y, reach, w.axes(last, last)); score > enough {
		if with := append(pins, pin{last, last, bx, by}); w.flatten(with) {
			pins = with
		}
	}
	w.spline(pins)
	w.grow(p, s)
	return w, true
}

// grow finds the remaining alignment patterns, each from its nearest
// neighbours outwards, so that a bend is followed instead of guessed.
func (w *warp) grow(p *plane, s *symbol) {
	open := s.alignments()
	step := 1.0
	if k := len(s.centers); k > 2 {
		step = float64(s.centers[k-1] - s.centers[k-2])
	}
	for round := 1.6; len(open) > 0 && round < 8; {
		var later [][2]int
		pins := w.pins
		for _, c := range open {
			u, v := float64(c[0])+0.5, float64(c[1])+0.5
			near := math.Inf(1)
			for _, q := range w.pins {
				near = min(near, math.Hypot(q.u-u, q.v-v))
			}
			if near == 0 {
				continue
			}
			if near > round*step {
				later = append(later, c)
				continue
			}
			x, y := w.at(u, v)
			a := w.axes(u, v)
			if !p.has(x, y, 4*(math.Abs(a.ux)+math.Abs(a.vx))) {
				continue
			}
			if bx, by, score := alignmentTemplate.find(p, x, y, 1.5, a); score > enough {
				pins = append(pins, pin{u, v, bx, by})
			}
		}
		if len(later) == len(open) || len(pins) == len(w.pins) {
			round *= 1.5
		}
		if len(pins) > len(w.pins) {
			w.bend = nil
			w.flatten(pins)
			w.spline(pins)
		}
		open = later
	}
}
