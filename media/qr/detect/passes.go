package detect

import "math"

// A pass looks for finder patterns in one version of the picture. What it
// finds is registered and read in grey, so a pass need not show each module:
// only the finder patterns.
type pass struct {
	tone   tone
	level  int  // scale: 1 is double, 0 the picture, -1 half, -2 a quarter, …
	smooth int  // first, the mean of (2·smooth+1)² pixels
	window int  // threshold: the mean of (2·window+1)² pixels …
	margin int  // … less this many grey levels
	extra  bool // only if those before left something unread
}

// lowest and highest are the scales that exist.
const (
	lowest  = -6
	highest = 1
)

// tone is what is done to the grey values of the whole picture.
type tone int

const (
	plain    tone = iota
	logarith      // moiré and reflections multiply: their logarithm is only added
	negative      // light codes on dark ground
)

var tones = func() (t [3][256]byte) {
	for i := range 256 {
		t[plain][i] = byte(i)
		t[logarith][i] = byte(math.Round(255 * math.Log(1+float64(i)/8) / math.Log(1+255.0/8)))
		t[negative][i] = ^byte(i)
	}
	return t
}()

// large is the number of pixels above which a picture is not doubled, and is
// smoothed only at lower scales.
const large = 4 << 20

// plan gives the passes for a picture, cheap ones first.
//
// A window of 29 pixels is right for modules of about 2 to 8 pixels, so scales
// that halve leave no module size out; one of 15 finds small and blurred
// modules, since it follows the light more closely. Alone, on every fourth
// picture of the corpus (of 352), the plain picture reads 289, smoothed with
// the small window 293, its logarithm 296, half of it 257, doubled 283. What
// the corpus loses without each is in doc.go.
func plan(w, h int, fast bool) (out []pass) {
	base := lowest // the lowest scale at which a code fits
	if fast {
		base = -2
	}
	for base < -1 && min(w, h)>>-base < 60 {
		base++
	}
	for l := base; l <= 0; l++ {
		out = append(out, pass{level: l, window: 14, margin: 3})
	}
	top := 0 // the highest scale for costly passes
	for !fast && w*h>>(-2*top) > large && top > lowest {
		top--
	}
	out = append(out,
		pass{level: top, smooth: 1, window: 7, margin: 1, extra: true},
		pass{tone: logarith, level: top, window: 14, margin: 3, extra: true})
	if fast {
		return out
	}
	out = append(out, pass{tone: logarith, level: top, smooth: 1, window: 10, margin: 3, extra: true})
	if top == 0 {
		out = append(out, pass{level: 1, window: 14, margin: 3, extra: true})
	}
	return append(out,
		pass{tone: negative, level: max(top-1, lowest), window: 14, margin: 3, extra: true},
		pass{tone: negative, level: top, window: 14, margin: 3, extra: true})
}

// Bounds of the work that a picture makes, whatever is in it.
const (
	mostHits    = 10_000 // per pass, and 1 of 100 pixels, that look like a finder pattern in a row; noise has 1 of 400
	mostFound   = 400    // of which look like one all around
	mostFinders = 60     // of which, the best, make triples
	mostTriples = 60     // of which, the most plausible, are looked at in grey
	mostGrids   = 300    // sampled, per picture
)

// The bounds for camera frames.
const (
	mostFindersFast = 30
	mostTriplesFast = 20
	mostGridsFast   = 40
)

// run makes a pass.
func (r *reader) run(ps pass) {
	p := r.at(ps.level)
	src := p
	if ps.smooth > 0 {
		r.soft.smooth(p, ps.smooth, &r.sums)
		src = &r.soft
	}
	r.bm.threshold(src, ps.window, ps.margin, &r.sums)
	finders, groups := mostFinders, mostTriples
	if r.options.Fast {
		finders, groups = mostFindersFast, mostTriplesFast
	}
	found := r.finders(finders)
	r.mark(found, p.scale)
	if ps.tone != logarith {
		r.sight.count(p, found)
	}
	for _, t := range triples(&r.bm, found, groups) {
		if t.tl.used || t.tr.used || t.bl.used {
			continue
		}
		if r.done() {
			return
		}
		if r.read(p, ps.level, &t) {
			r.mark(found, p.scale)
		}
	}
}

// mark sets used of those finders that lie in codes that were read.
func (r *reader) mark(found []finder, scale float64) {
	for i := range found {
		f := &found[i]
		for _, a := range r.areas {
			f.used = f.used || a.holds(f.x/scale, f.y/scale)
		}
	}
}

// area is a quadrilateral in the picture, clockwise.
type area [4][2]float64

func (a *area) holds(x, y float64) bool {
	for i, p := range a {
		q := a[(i+1)%4]
		if (q[0]-p[0])*(y-p[1])-(q[1]-p[1])*(x-p[0]) < 0 {
			return false
		}
	}
	return true
}
