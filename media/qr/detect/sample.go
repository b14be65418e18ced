package detect

// node is the spacing in modules at which the warp is worked out in full;
// between nodes it is interpolated.
const node = 4

// A lattice holds the pixel places of a grid's nodes, for the sampler.
type lattice struct {
	n, k   int // modules, nodes per side
	places [][2]float64
}

func newLattice(w *warp, n int) *lattice {
	l := &lattice{n: n, k: (n+node-1)/node + 1}
	l.places = make([][2]float64, l.k*l.k)
	for j := range l.k {
		for i := range l.k {
			x, y := w.at(float64(i*node), float64(j*node))
			l.places[j*l.k+i] = [2]float64{x, y}
		}
	}
	return l
}

// at maps module coordinates to pixels.
func (l *lattice) at(u, v float64) (x, y float64) {
	i := min(max(int(u/node), 0), l.k-2)
	j := min(max(int(v/node), 0), l.k-2)
	fu, fv := u/node-float64(i), v/node-float64(j)
	a, b := &l.places[j*l.k+i], &l.places[j*l.k+i+1]
	c, d := &l.places[(j+1)*l.k+i], &l.places[(j+1)*l.k+i+1]
	mix := func(e int) float64 {
		top := a[e] + (b[e]-a[e])*fu
		return top + (c[e]+(d[e]-c[e])*fu-top)*fv
	}
	return mix(0), mix(1)
}

// sample gives each module's mean grey value: nine points over its middle
// part, which counts for more than the place of each one when there is noise.
func (l *lattice) sample(p *plane, out []float32) {
	n := l.n
	for v := range n {
		for u := range n {
			x0, y0 := l.at(float64(u)+0.2, float64(v)+0.2)
			x1, y1 := l.at(float64(u)+0.8, float64(v)+0.2)
			x2, y2 := l.at(float64(u)+0.2, float64(v)+0.8)
			ux, uy, vx, vy := (x1-x0)/2, (y1-y0)/2, (x2-x0)/2, (y2-y0)/2
			sum := 0.0
			for range 3 {
				sum += p.at(x0, y0) + p.at(x0+ux, y0+uy) + p.at(x0+2*ux, y0+2*uy)
				x0, y0 = x0+vx, y0+vy
			}
			out[v*n+u] = float32(sum / 9)
		}
	}
}

// level turns grey samples into numbers that are +1 for dark and -1 for light
// where the picture is sharp, using the levels of the modules around each one.
func (r *modules) level(s *symbol, grey, out []float32) {
	n := s.n
	const reach = 5
	mean, dark, share := r.mean[:n*n], r.dark[:n*n], r.share[:n*n]
	r.box(grey, n, reach, mean)
	for i, g := range grey {
		dark[i], share[i] = 0, 0
		if k := s.known[i]; k > 0 || k == 0 && g < mean[i] {
			dark[i], share[i] = g, 1
		}
	}
	r.box(dark, n, reach, dark)
	r.box(share, n, reach, share)
	for i, g := range grey {
		f := share[i]
		if f < 0.02 || f > 0.98 {
			out[i] = 0
			continue
		}
		d := dark[i] / f
		l := (mean[i] - dark[i]) / (1 - f)
		out[i] = max(-2, min(2, (l+d-2*g)/max(l-d, 1)))
	}
}

// box writes the mean of the (2·reach+1)² modules around each, as far as they
// lie in the symbol. in and out may be the same.
func (r *modules) box(in []float32, n, reach int, out []float32) {
	sum := r.integral[:(n+1)*(n+1)]
	clear(sum[:n+1])
	for y := range n {
		row := float32(0)
		sum[(y+1)*(n+1)] = 0
		for x := range n {
			row += in[y*n+x]
			sum[(y+1)*(n+1)+x+1] = sum[y*(n+1)+x+1] + row
		}
	}
	for y := range n {
		a, b := max(y-reach, 0), min(y+reach+1, n)
		for x := range n {
			c, d := max(x-reach, 0), min(x+reach+1, n)
			out[y*n+x] = (sum[b*(n+1)+d] - sum[b*(n+1)+c] - sum[a*(n+1)+d] + sum[a*(n+1)+c]) / float32((b-a)*(d-c))
		}
	}
}

// agree is the share of function modules, 0..1, that look as they should.
// Chance is 0.5.
func (s *symbol) agree(v []float32) float64 {
	good := 0
	for i, k := range s.known {
		if k != 0 && float32(k)*v[i] > 0 {
			good++
		}
	}
	return float64(good) / float64(s.patterns+len(s.info))
}
