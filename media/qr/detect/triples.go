package detect

import (
	"cmp"
	"math"
	"slices"
)

// A triple is three finders that may be the corners of one symbol.
type triple struct {
	tl, tr, bl *finder
	tu, tv     float64 // modules between the centres, along the top and along the left side
	wr, wb     float64 // depth at tr and bl relative to tl (perspective)
	cost       float64 // how far from a square with equal modules
}

// size is the mean width of a module in pixels.
func (t *triple) size() float64 {
	return (math.Hypot(t.tr.x-t.tl.x, t.tr.y-t.tl.y)/t.tu + math.Hypot(t.bl.x-t.tl.x, t.bl.y-t.tl.y)/t.tv) / 2
}

// scaled is the triple in a picture k times as large.
func (t *triple) scaled(k float64) *triple {
	s := *t
	for _, f := range [3]**finder{&s.tl, &s.tr, &s.bl} {
		g := **f
		g.x, g.y, g.size = g.x*k, g.y*k, g.size*k
		*f = &g
	}
	return &s
}

// triples gives at most most of them, the most plausible first. Several
// triples per picture are what reads several codes, and one code in clutter.
//
// Distances are counted in modules, d/sqrt(s1·s2) with the module widths s1, s2
// measured along the side at both of its ends: on a line seen in perspective
// this is exact, where the mean width is not.
func triples(bm *bitmap, found []finder, most int) []triple {
	n := len(found)
	var out []triple
	width := make([]float64, n*n) // of a module at i in the direction of j; 0: not measured yet
	along := func(i, j int) float64 {
		w := &width[i*n+j]
		if *w == 0 {
			dx, dy := found[j].x-found[i].x, found[j].y-found[i].y
			d := math.Hypot(dx, dy)
			*w = found[i].along(bm, dx/d, dy/d)
		}
		return *w
	}
	dist := func(i, j int) float64 { return math.Hypot(found[i].x-found[j].x, found[i].y-found[j].y) }
	try := func(c, a, b int) {
		da, db := dist(c, a), dist(c, b)
		f, g, h := &found[c], &found[a], &found[b]
		cos := ((g.x-f.x)*(h.x-f.x) + (g.y-f.y)*(h.y-f.y)) / (da * db)
		if math.Abs(cos) > 0.75 {
			return
		}
		sca, sac, scb, sbc := along(c, a), along(a, c), along(c, b), along(b, c)
		ta, tb := da/math.Sqrt(sca*sac), db/math.Sqrt(scb*sbc)
		skew := math.Abs(math.Log(ta / tb))
		if skew > 0.3 || min(ta, tb) < 11 || max(ta, tb) > 190 {
			return
		}
		t := triple{tl: f, tr: g, bl: h, tu: ta, tv: tb, wr: math.Sqrt(sca / sac), wb: math.Sqrt(scb / sbc)}
		if (g.x-f.x)*(h.y-f.y)-(g.y-f.y)*(h.x-f.x) < 0 {
			t = triple{tl: f, tr: h, bl: g, tu: tb, tv: ta, wr: t.wb, wb: t.wr}
		}
		spread := math.Abs(math.Log(f.size/g.size)) + math.Abs(math.Log(f.size/h.size))
		t.cost = 2*skew + math.Abs(cos) + spread + 0.1*float64(3*directions-f.good-g.good-h.good)
		out = append(out, t)
	}
	for i := range n {
		for j := i + 1; j < n; j++ {
			if found[i].used || found[j].used || far(found[i].size, found[j].size) {
				continue
			}
			for k := j + 1; k < n; k++ {
				if found[k].used || far(found[i].size, found[k].size) || far(found[j].size, found[k].size) {
					continue
				}
				// the corner is opposite to the longest side
				a, b, c := dist(j, k), dist(i, k), dist(i, j)
				switch {
				case a >= b && a >= c:
					try(i, j, k)
				case b >= c:
					try(j, i, k)
				default:
					try(k, i, j)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b triple) int { return cmp.Compare(a.cost, b.cost) })
	return out[:min(len(out), most)]
}

// far tells if two module sizes cannot belong to one symbol, however tilted.
func far(a, b float64) bool { return a > 2*b || b > 2*a }

// flat gives the homography of an n×n symbol whose three finder centres and
// depths the triple tells. Four numbers that the three centres leave open come
// from the depths, so the bottom right corner needs no pattern to be found there.
func (t *triple) flat(n int) (homography, bool) {
	wd := t.wr + t.wb - 1
	if wd < 0.2 {
		wd = 1
		t.wr, t.wb = 1, 1
	}
	lo, hi := 3.5, float64(n)-3.5
	return fit([]pin{
		{lo, lo, t.tl.x, t.tl.y},
		{hi, lo, t.tr.x, t.tr.y},
		{lo, hi, t.bl.x, t.bl.y},
		{hi, hi, (t.tr.x*t.wr + t.bl.x*t.wb - t.tl.x) / wd, (t.tr.y*t.wr + t.bl.y*t.wb - t.tl.y) / wd},
	})
}
