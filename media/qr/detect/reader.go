package detect

import (
	"image"
	"sync"
	"time"
)

// A reader is the state of one Decode. Its memory is kept for the next picture.
type reader struct {
	picture plane // as it came
	toned   plane // in the present tone, if that is not plain
	tone    tone
	levels  [highest - lowest + 1]plane
	made    [highest - lowest + 1]bool
	soft    plane

	sums  sums
	bm    bitmap
	found []finder
	ends  []int32
	modules

	options  Options
	deadline time.Time
	codes    []Code
	areas    []area // of codes
	tried    []attempt
	grids    int // that may still be sampled
	sight    sight
}

// modules is memory for values of the modules of a symbol.
type modules struct {
	grey, plain, sharp []float32
	mean, dark, share  []float32
	integral           []float32
	field              []float32
}

var readers = sync.Pool{New: func() any {
	r := new(reader)
	const n = maxModules
	for _, v := range []*[]float32{&r.grey, &r.plain, &r.sharp, &r.mean, &r.dark, &r.share} {
		*v = make([]float32, n*n)
	}
	r.integral = make([]float32, (n+1)*(n+1))
	r.field = make([]float32, (n+2)*(n+2))
	return r
}}

// Decode reads the QR codes in a picture, upright or not, mirrored or not,
// dark on light or light on dark. It gives only texts that the code's own
// error correction vouches for and whose function patterns are where they must
// be.
func Decode(img *image.Gray, o Options) Report {
	if img == nil || img.Rect.Dx() < 11 || img.Rect.Dy() < 11 { // half a pixel for each module of version 1
		return Report{}
	}
	r := readers.Get().(*reader)
	defer readers.Put(r)
	return r.decode(img, o)
}

func (r *reader) decode(img *image.Gray, o Options) Report {
	r.options, r.codes, r.areas, r.tried, r.sight = o, nil, nil, r.tried[:0], sight{}
	r.grids = mostGrids
	if o.Fast {
		r.grids = mostGridsFast
	}
	r.deadline = time.Time{}
	if o.Budget > 0 {
		r.deadline = time.Now().Add(o.Budget)
	}
	r.picture.load(img)
	r.show(plain)
	for _, ps := range plan(r.picture.w, r.picture.h, o.Fast) {
		if r.done() || ps.extra && !r.unread() || o.Fast && len(r.codes) > 0 {
			break
		}
		if ps.tone != r.tone {
			r.show(ps.tone)
		}
		r.run(ps)
	}
	rep := Report{Codes: r.codes}
	if len(rep.Codes) == 0 {
		r.show(plain)
		r.sight.steep(r.at(-1))
		rep.Hint = r.sight.hint()
	}
	return rep
}

// done tells if nothing new is to be begun.
func (r *reader) done() bool {
	return r.grids <= 0 || r.options.Max > 0 && len(r.codes) >= r.options.Max ||
		!r.deadline.IsZero() && time.Now().After(r.deadline)
}

// unread tells if more passes may find more: there was nothing yet, or there
// are finder patterns that belong to no code that was read.
func (r *reader) unread() bool {
	if len(r.codes) == 0 {
		return true
	}
	left := 0
	for _, f := range r.sight.strong {
		inside := false
		for _, a := range r.areas {
			inside = inside || a.holds(f.x, f.y)
		}
		if !inside {
			left++
		}
	}
	return left >= 2
}

// show puts another tone of the picture before the passes.
func (r *reader) show(t tone) {
	r.tone = t
	r.made = [len(r.made)]bool{}
	r.tried = r.tried[:0]
	if t != plain {
		r.toned.tone(&r.picture, &tones[t])
	}
}

// at gives the picture at a scale, in the present tone.
func (r *reader) at(level int) *plane {
	if level == 0 {
		if r.tone == plain {
			return &r.picture
		}
		return &r.toned
	}
	p := &r.levels[level-lowest]
	if !r.made[level-lowest] {
		r.made[level-lowest] = true
		if level > 0 {
			p.double(r.at(level - 1))
		} else {
			p.halve(r.at(level + 1))
		}
	}
	return p
}
