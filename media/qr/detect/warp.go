package detect

import "math"

// A warp maps module coordinates of a symbol to pixels, in three layers:
//
//   - a homography for a flat sheet in perspective;
//   - a bow along each of the symbol's sides, f(u) + g(v), for a sheet that is
//     rolled around some axis. It is measured at finder and timing patterns, so
//     that versions 2 to 6 with their single alignment pattern have it too;
//   - a thin-plate spline through the alignment patterns for what is left: it
//     goes (nearly) through all of them and bends as little as that allows.
//
// A single homography reads no sheet that is bowed by a module or more (stock
// gozxing and zxing-cpp 1.4: 0 of 63).
type warp struct {
	n    float64
	flat homography
	bows [2]bow // along u, along v
	pins []pin
	bend [][2]float64 // spline weights of the pins, then constant, u, v; nil: none
}

// A bow is a cubic that is zero at both finder centres, in pixels: a and b
// times the two of cubics.
type bow struct{ a, b [2]float64 }

// cubics gives the two cubics at module t of n.
func cubics(t, n float64) (f [2]float64) {
	t /= n
	lo := 3.5 / n
	f[0] = (t - lo) * (1 - lo - t)
	f[1] = f[0] * (t - 0.5)
	return f
}

// at is the shift at module t of n.
func (b *bow) at(t, n float64) (x, y float64) {
	f := cubics(t, n)
	return f[0]*b.a[0] + f[1]*b.b[0], f[0]*b.a[1] + f[1]*b.b[1]
}

// stiff is the spline's smoothing: about the square of the error in modules
// that a pin may have.
const stiff = 0.002

// spline fits the third layer to the pins. Fewer than 5 cannot tell a bend
// from perspective.
func (w *warp) spline(pins []pin) {
	w.pins, w.bend = pins, nil
	k := len(pins)
	if k < 5 {
		return
	}
	a := matrix(k+3, k+5)
	for i, p := range pins {
		for j, q := range pins {
			a[i][j] = w.radial(p.u-q.u, p.v-q.v)
		}
		a[i][i] += stiff
		u, v := p.u/w.n, p.v/w.n
		a[i][k], a[i][k+1], a[i][k+2] = 1, u, v
		a[k][i], a[k+1][i], a[k+2][i] = 1, u, v
		x, y := w.at(p.u, p.v)
		a[i][k+3], a[i][k+4] = p.x-x, p.y-y
	}
	if !solve(a) {
		return
	}
	w.bend = make([][2]float64, k+3)
	for i := range w.bend {
		w.bend[i] = [2]float64{a[i][k+3], a[i][k+4]}
	}
}

// radial is the spline's kernel r²·log r², r in symbol widths.
func (w *warp) radial(du, dv float64) float64 {
	r2 := (du*du + dv*dv) / (w.n * w.n)
	if r2 < 1e-12 {
		return 0
	}
	return r2 * math.Log(r2)
}

// at maps (u, v) to pixels.
func (w *warp) at(u, v float64) (x, y float64) {
	x, y = w.flat.at(u, v)
	fx, fy := w.bows[0].at(u, w.n)
	gx, gy := w.bows[1].at(v, w.n)
	x, y = x+fx+gx, y+fy+gy
	if w.bend == nil {
		return x, y
	}
	k := len(w.pins)
	for i := range w.pins {
		r := w.radial(u-w.pins[i].u, v-w.pins[i].v)
		x += r * w.bend[i][0]
		y += r * w.bend[i][1]
	}
	b := w.bend[k:]
	u, v = u/w.n, v/w.n
	return x + b[0][0] + u*b[1][0] + v*b[2][0], y + b[0][1] + u*b[1][1] + v*b[2][1]
}

// axes are the pixels of a module at (u, v).
func (w *warp) axes(u, v float64) axes {
	x0, y0 := w.at(u-0.5, v)
	x1, y1 := w.at(u+0.5, v)
	x2, y2 := w.at(u, v-0.5)
	x3, y3 := w.at(u, v+0.5)
	return axes{x1 - x0, y1 - y0, x3 - x2, y3 - y2}
}

// flatten fits the homography to the pins less the bows, and tells whether the
// result is plausible; if not, the old one stays.
func (w *warp) flatten(pins []pin) bool {
	less := make([]pin, len(pins))
	for i, p := range pins {
		fx, fy := w.bows[0].at(p.u, w.n)
		gx, gy := w.bows[1].at(p.v, w.n)
		less[i] = pin{p.u, p.v, p.x - fx - gx, p.y - fy - gy}
	}
	f, ok := fit(less)
	if !ok {
		return false
	}
	// a quarter of the symbol is more than any first guess is wrong
	x0, y0 := w.flat.at(w.n, w.n)
	x1, y1 := f.at(w.n, w.n)
	x2, y2 := w.flat.at(0, 0)
	if !(math.Hypot(x1-x0, y1-y0) < 0.25*math.Hypot(x0-x2, y0-y2)) {
		return false
	}
	w.flat = f
	return true
}
