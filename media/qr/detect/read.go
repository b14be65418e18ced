package detect

import (
	"image"
	"math"
	"slices"
)

// An attempt is a triple that was tried in vain, in pixels of the picture.
type attempt struct {
	tl, tr, bl [2]float64
	level      int
}

// triedBefore tells if the triple was tried already, give or take a fifth of a
// module: other passes find the same patterns again.
func (r *reader) triedBefore(t *triple, c *corners, level int, scale float64) bool {
	var a attempt
	a.level = level
	for i, p := range [3]*[2]float64{&a.tl, &a.tr, &a.bl} {
		*p = [2]float64{c.at[i][0] / scale, c.at[i][1] / scale}
	}
	slack := 0.2 * t.size() / scale
	same := func(p, q [2]float64) bool {
		return math.Abs(p[0]-q[0]) < slack && math.Abs(p[1]-q[1]) < slack
	}
	seen := 0
	for _, b := range r.tried {
		if b.level == level && same(a.tl, b.tl) && same(a.tr, b.tr) && same(a.bl, b.bl) {
			seen++
		}
	}
	r.tried = append(r.tried, a)
	return seen >= 2 // the depths that the triple tells differ a little: worth a second time
}

// read tries to read the symbol of a triple that was found in p.
func (r *reader) read(p *plane, level int, t *triple) bool {
	// A module of 3 to 7 pixels is enough for the geometry, and the smaller the
	// scale, the less noise.
	for size := t.size(); size > 7 && level > lowest; size /= 2 {
		level--
	}
	q := r.at(level)
	t = t.scaled(q.scale / p.scale)
	p = q

	candidates := t.versions(p)
	c, ok := t.corners(p, 17+4*candidates[0])
	if !ok || r.triedBefore(t, &c, level, p.scale) {
		return false
	}
	if r.tone != logarith {
		r.sight.symbol(p, &c)
	}
	for _, v := range candidates {
		s := symbols[v]()
		for _, bowed := range [2]bool{true, false} {
			w, ok := register(p, s, t, &c, bowed)
			if !ok {
				break
			}
			r.grids--
			newLattice(w, s.n).sample(p, r.grey)
			if text, ok := r.decodeModules(s); ok {
				r.add(p, w, t, Code{Text: text, Version: v})
				return true
			}
			if w.bows == ([2]bow{}) {
				break // it was as flat as it can be
			}
		}
	}
	return false
}

// versions gives the versions a triple may be, the likeliest first.
func (t *triple) versions(p *plane) []int {
	v := (math.Sqrt(t.tu*t.tv) + 7 - 17) / 4
	near := min(max(int(math.Round(v)), 1), 40)
	var out []int
	if n := 17 + 4*near; near >= 6 {
		if h, ok := t.flat(n); ok {
			if got := versionNear(p, &h, n); got > 0 && math.Abs(float64(got)-v) < 1.5+0.1*v {
				out = append(out, got)
			}
		}
	}
	side := 1
	if v < float64(near) {
		side = -1
	}
	for _, x := range [3]int{near, near + side, near - side} {
		if x >= 1 && x <= 40 && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// trust is the share of function modules that must look right before a decode
// is tried and believed. Chance is 0.5 with a spread of under 0.04, and the
// error correction of version 1 L lets one of two million random symbols pass.
const trust = 0.75

// decodeModules reads the grey values of a symbol's modules: as they are, then
// with the blur undone.
func (r *modules) decodeModules(s *symbol) (text string, ok bool) {
	n := s.n * s.n
	grey, plain, sharp := r.grey[:n], r.plain[:n], r.sharp[:n]
	r.level(s, grey, plain)
	if s.agree(plain) < trust {
		return "", false
	}
	if text, ok = s.decode(plain); ok {
		return text, true
	}
	r.equalize(s, plain, sharp)
	return s.decode(sharp)
}

// add puts a code that was read into the report.
func (r *reader) add(p *plane, w *warp, t *triple, c Code) {
	c.ModulePixels = t.size() / p.scale
	var a area
	for i, q := range [4][2]float64{{0, 0}, {w.n, 0}, {w.n, w.n}, {0, w.n}} {
		x, y := w.at(q[0], q[1])
		a[i] = [2]float64{x / p.scale, y / p.scale}
		c.Corners[i] = image.Pt(int(math.Round(a[i][0])), int(math.Round(a[i][1])))
	}
	r.areas = append(r.areas, a)
	r.codes = append(r.codes, c)
}
