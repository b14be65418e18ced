package detect

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// A finder is a place that looks like the centre of a finder pattern
// (ISO/IEC 18004 section 6.3.3): dark and light in the ratio 1:1:3:1:1 on
// every line through it.
type finder struct {
	x, y  float64
	size  float64                // mean width of a module in pixels, any direction
	reach [directions][3]float64 // how far core, gap and ring reach; 0: no pattern in that direction
	good  int                    // directions that fit
	used  bool                   // part of a code that was read

	passes int // that saw it again: see sight
}

// directions is the number of rays a candidate is judged by. A chance cross in
// a code's data has the ratio in two directions, not all around; this is what
// gozxing lacks, and one false centre was the cause of 1,822 of its 1,827
// failures on perfect codes.
const directions = 16

var rays = func() (r [directions][2]float64) {
	for i := range r {
		r[i][1], r[i][0] = math.Sincos(2 * math.Pi * float64(i) / directions)
	}
	return
}()

// ratio tells if five runs are near 1:1:3:1:1: within half a module and half a
// pixel of it, the core within 1.4 times that. The half pixel lets modules of
// 1.5 pixels through. Whole numbers, since this is asked at every edge: with
// the sum t, a module is t/7.
func ratio(a, b, c, d, e int) bool {
	t := a + b + c + d + e
	slack := t + 7
	off := func(n int) bool { n = 14*n - 2*t; return n > slack || n < -slack }
	core := 70*c - 30*t
	return t >= 7 && !off(a) && !off(b) && !off(d) && !off(e) && core <= 7*slack && core >= -7*slack
}

// edges gives the places in a row of 0 and 1 where dark begins and ends, in turn.
func edges(row []byte, ends []int32) []int32 {
	ends = ends[:0]
	last := uint64(0)
	x := 0
	for ; x+8 <= len(row); x += 8 {
		w := binary.LittleEndian.Uint64(row[x:])
		for d := w ^ (w<<8 | last); d != 0; d &= d - 1 {
			ends = append(ends, int32(x+bits.TrailingZeros64(d)>>3))
		}
		last = w >> 56
	}
	for ; x < len(row); x++ {
		if v := uint64(row[x]); v != last {
			ends = append(ends, int32(x))
			last = v
		}
	}
	if last == 1 {
		ends = append(ends, int32(len(row)))
	}
	return ends
}

// finders scans every row for the ratio, confirms each hit across and around,
// and gives the best most candidates, best first. Every row: the early
// stop of the stock finder is what lets false centres displace true ones.
func (r *reader) finders(most int) []finder {
	bm := &r.bm
	found := r.found[:0]
	ends := r.ends
	hits := 0
	for y := range bm.h {
		ends = edges(bm.dark[y*bm.w:(y+1)*bm.w], ends)
		for i := 0; i+5 < len(ends); i += 2 { // of pairs: where dark begins, where it ends
			e := ends[i : i+6 : i+6]
			core := e[3] - e[2]
			if core < e[2]-e[1] || core < e[4]-e[3] ||
				!ratio(int(e[1]-e[0]), int(e[2]-e[1]), int(core), int(e[4]-e[3]), int(e[5]-e[4])) {
				continue
			}
			x := float64(e[2]+e[3]) / 2
			if i := near(found, x, float64(y)+0.5); i >= 0 && found[i].good >= directions-2 {
				continue // another row of a pattern that was seen well
			}
			if hits++; hits > mostHits+len(bm.dark)/100 {
				break
			}
			f, ok := bm.confirm(int(x), y, float64(e[5]-e[0])/7)
			if !ok {
				continue
			}
			if i := near(found, f.x, f.y); i < 0 && len(found) < mostFound {
				found = append(found, f)
			} else if i >= 0 && f.good > found[i].good {
				found[i] = f
			}
		}
	}
	r.ends, r.found = ends, found
	slices.SortStableFunc(found, func(a, b finder) int { return b.good - a.good })
	return found[:min(len(found), most)]
}

// near gives the index of the pattern in whose core (x, y) lies, or -1.
func near(found []finder, x, y float64) int {
	for i := range found {
		f := &found[i]
		if r := 1.5 * f.size; math.Abs(x-f.x) < r && math.Abs(y-f.y) < r {
			return i
		}
	}
	return -1
}

// confirm looks up and down, left and right from a hit, centring it, and then
// in all directions.
func (bm *bitmap) confirm(x, y int, size float64) (finder, bool) {
	cy, total, ok := bm.across(x, y, 0, 1, size)
	if !ok || total > 14*size || total < 3.5*size {
		return finder{}, false
	}
	cx, _, ok := bm.across(x, int(cy), 1, 0, size)
	if !ok {
		return finder{}, false
	}
	f := finder{x: cx, y: cy}
	f.look(bm, max(size, total/7))
	if f.good < directions*5/8 {
		return f, false
	}
	f.centre()
	f.look(bm, max(size, total/7))
	return f, f.good >= directions*5/8
}

// across measures the five runs through (x, y) along (dx, dy), one of which is
// 1 and the other 0, and gives the centre on that line and the sum of the runs.
func (bm *bitmap) across(x, y, dx, dy int, size float64) (centre, total float64, ok bool) {
	pos, end, stride := x, bm.w, 1
	if dy == 1 {
		pos, end, stride = y, bm.h, bm.w
	}
	base := y*bm.w + x - pos*stride
	most := int(6*size) + 2
	run := func(p, step int, want byte) int {
		n := 0
		for q := p; q >= 0 && q < end && n <= most && bm.dark[base+q*stride] == want; q += step {
			n++
		}
		return n
	}
	if pos < 0 || pos >= end || bm.dark[base+pos*stride] == 0 {
		return 0, 0, false
	}
	up, down := run(pos, -1, 1), run(pos, 1, 1)
	gapUp := run(pos-up, -1, 0)
	gapDown := run(pos+down, 1, 0)
	ringUp := run(pos-up-gapUp, -1, 1)
	ringDown := run(pos+down+gapDown, 1, 1)
	if !ratio(ringUp, gapUp, up+down-1, gapDown, ringDown) {
		return 0, 0, false
	}
	from, to := pos-up-gapUp-ringUp+1, pos+down+gapDown+ringDown
	// both the core's and the ring's outer edges tell where the centre is
	centre = float64(pos-up+1+pos+down+from+to) / 4
	return centre, float64(to - from), true
}

// look measures the pattern along all rays from the centre.
func (f *finder) look(bm *bitmap, size float64) {
	f.good = 0
	sum := 0.0
	for i, d := range rays {
		f.reach[i] = bm.ray(f.x, f.y, d[0], d[1], 8*size)
		r := &f.reach[i]
		// of the ideal 1.5, 2.5, 3.5 modules; a threshold moves all edges the same way
		m := (r[0] + 2*r[1] + r[2]) / 10
		s := 0.75*m + 0.75
		if r[2] == 0 || math.Abs(r[0]-1.5*m) > s || math.Abs(r[1]-2.5*m) > s || math.Abs(r[2]-3.5*m) > s {
			r[2] = 0
			continue
		}
		f.good++
		sum += m
	}
	if f.good > 0 {
		// a square's mean reach over all directions is 1.12 times that along its sides
		f.size = sum / float64(f.good) / 1.12
	}
}

// centre moves the centre to the middle of opposite edges.
func (f *finder) centre() {
	var x, y, n float64
	for i := range directions / 2 {
		a, b := &f.reach[i], &f.reach[i+directions/2]
		if a[2] == 0 || b[2] == 0 {
			continue
		}
		d := (a[0] - b[0] + a[2] - b[2]) / 4
		x += d * rays[i][0]
		y += d * rays[i][1]
		n++
	}
	if n > 0 {
		// the mean of d·ray over directions is half the shift
		f.x += 2 * x / n
		f.y += 2 * y / n
	}
}

// ray follows (dx, dy) from (x, y) until core, gap and ring have ended, in
// quarters of a pixel, at most far pixels. It gives where each ended.
func (bm *bitmap) ray(x, y, dx, dy, far float64) (r [3]float64) {
	want := byte(1)
	k := 0
	for t := 0.0; t < far; t += 0.25 {
		px, py := int(x+t*dx), int(y+t*dy)
		if px < 0 || py < 0 || px >= bm.w || py >= bm.h {
			if k == 2 { // a code at the very edge of the picture has its quiet zone outside
				r[2] = t
			}
			return
		}
		if bm.dark[py*bm.w+px] != want {
			r[k] = t
			k++
			want ^= 1
			if k == 3 {
				return
			}
		}
	}
	return [3]float64{}
}

// along gives the width of a module of f in the direction (dx, dy): what the
// rays to both sides measured, of the two rays nearest to the direction.
func (f *finder) along(bm *bitmap, dx, dy float64) float64 {
	far := 8 * f.size
	var sum, n float64
	for _, s := range [2]float64{1, -1} {
		r := bm.ray(f.x, f.y, s*dx, s*dy, far)
		if r[2] > 0 {
			sum += (r[0] + 2*r[1] + r[2]) / 10
			n++
		}
	}
	if n == 0 {
		return f.size
	}
	return sum / n
}
