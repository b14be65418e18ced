package detect

import "math"

// timingTemplate is a piece of a timing pattern that begins and ends dark.
var timingTemplate = func() template {
	s := newTemplate(4, func(int) bool { return true })
	out := s[:0]
	for _, e := range s {
		if e.v == 0 {
			e.weight = -1
			if int(e.u)%2 != 0 {
				e.weight = 1
			}
			out = append(out, e)
		}
	}
	return out.normal()
}()

// bowOf measures how the two sides of the symbol that have a timing pattern
// are bowed: first from the slopes of the finder patterns at their ends, then
// from the timing pattern in between, whose places are predicted that way. The
// timing pattern is also what tells a wrong size: then it is not there.
func (w *warp) bowOf(p *plane, side int, tilt [2]axes) {
	hi := w.n - 3.5
	b := &w.bows[side]
	*b = bow{}
	// slopes beyond those of the homography, per symbol width
	var slope [2][2]float64
	for end, t := range [2]float64{3.5, hi} {
		var flat axes
		if side == 0 {
			flat = w.axes(t, 3.5)
			slope[end] = [2]float64{(tilt[end].ux - flat.ux) * w.n, (tilt[end].uy - flat.uy) * w.n}
		} else {
			flat = w.axes(3.5, t)
			slope[end] = [2]float64{(tilt[end].vx - flat.vx) * w.n, (tilt[end].vy - flat.vy) * w.n}
		}
	}
	// the derivative of (t-lo)(1-lo-t)(a+b(t-½)) is ±span·(a ∓ b·span/2) at the ends
	span := (hi - 3.5) / w.n
	for e := range 2 {
		s0, s1 := slope[0][e]/span, -slope[1][e]/span
		b.a[e] = (s0 + s1) / 2
		b.b[e] = (s1 - s0) / span
	}
	b.timing(p, w, side)
}

// clearly is the correlation from which a piece of timing pattern counts as seen.
// It is a higher one than for other patterns: one line of modules, two of which
// are alike in every data area.
const clearly = 0.75

// timing fits the bow to the timing pattern, as far as that is seen, by least
// squares. If less than half is seen there is no bow.
func (b *bow) timing(p *plane, w *warp, side int) {
	var m, rhs [2][2]float64
	seen, all := 0, 0
	var dx, dy float64 // how far the last piece was from its place
	start := *b
	for t := 10.5; t < w.n-10; t += 2 {
		u, v := t, 6.5
		if side == 1 {
			u, v = v, u
		}
		x, y := w.at(u, v)
		a := w.axes(u, v)
		if side == 1 {
			a = axes{a.vx, a.vy, a.ux, a.uy}
		}
		all++
		bx, by, score := timingTemplate.find(p, x+dx, y+dy, 0.75, a)
		if score < clearly {
			continue
		}
		seen++
		dx, dy = bx-x, by-y
		sx, sy := start.at(t, w.n)
		f := cubics(t, w.n)
		for i := range 2 {
			for j := range 2 {
				m[i][j] += f[i] * f[j]
			}
			rhs[i][0] += f[i] * (dx + sx)
			rhs[i][1] += f[i] * (dy + sy)
		}
	}
	det := m[0][0]*m[1][1] - m[0][1]*m[1][0]
	if seen < 3 || seen < all/2 || math.Abs(det) < 1e-12 {
		*b = bow{}
		return
	}
	for e := range 2 {
		b.a[e] = (rhs[0][e]*m[1][1] - rhs[1][e]*m[0][1]) / det
		b.b[e] = (rhs[1][e]*m[0][0] - rhs[0][e]*m[1][0]) / det
	}
}
