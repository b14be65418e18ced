package detect

import "math"

// A homography maps module coordinates of a flat symbol (u right, v down, the
// symbol's corner at 0, 0) to pixels of a plane.
type homography [9]float64

func (h *homography) at(u, v float64) (x, y float64) {
	w := h[6]*u + h[7]*v + h[8]
	return (h[0]*u + h[1]*v + h[2]) / w, (h[3]*u + h[4]*v + h[5]) / w
}

// A pin says that the point (u, v) of the symbol was seen at (x, y).
type pin struct{ u, v, x, y float64 }

// fit gives the homography that takes the pins' (u, v) to their (x, y), in the
// sense of least squares if there are more than four. Coordinates are brought
// near 1 first: the equations hold products of them.
func fit(pins []pin) (homography, bool) {
	if len(pins) < 4 {
		return homography{}, false
	}
	var m, s pin
	n := float64(len(pins))
	for _, p := range pins {
		m.u, m.v, m.x, m.y = m.u+p.u/n, m.v+p.v/n, m.x+p.x/n, m.y+p.y/n
	}
	for _, p := range pins {
		s.u = max(s.u, math.Abs(p.u-m.u), math.Abs(p.v-m.v))
		s.x = max(s.x, math.Abs(p.x-m.x), math.Abs(p.y-m.y))
	}
	if s.u == 0 || s.x == 0 {
		return homography{}, false
	}
	a := matrix(8, 9)
	add := func(row ...float64) {
		for i := range 8 {
			for j := range 9 {
				a[i][j] += row[i] * row[j]
			}
		}
	}
	for _, p := range pins {
		u, v, x, y := (p.u-m.u)/s.u, (p.v-m.v)/s.u, (p.x-m.x)/s.x, (p.y-m.y)/s.x
		add(u, v, 1, 0, 0, 0, -u*x, -v*x, x)
		add(0, 0, 0, u, v, 1, -u*y, -v*y, y)
	}
	if !solve(a) {
		return homography{}, false
	}
	var k [9]float64
	for i := range 8 {
		k[i] = a[i][8]
	}
	k[8] = 1
	// undo: first the module side, k·(u-m.u)/s.u, then the pixel side
	var h homography
	for i := range 3 {
		h[3*i] = k[3*i] / s.u
		h[3*i+1] = k[3*i+1] / s.u
		h[3*i+2] = k[3*i+2] - (k[3*i]*m.u+k[3*i+1]*m.v)/s.u
	}
	for j := range 3 {
		h[j] = h[j]*s.x + h[6+j]*m.x
		h[3+j] = h[3+j]*s.x + h[6+j]*m.y
	}
	return h, true
}

// matrix is a zero matrix.
func matrix(rows, cols int) [][]float64 {
	mem := make([]float64, rows*cols)
	m := make([][]float64, rows)
	for i := range m {
		m[i] = mem[i*cols : (i+1)*cols]
	}
	return m
}

// solve solves the linear equations whose rows are given, right-hand sides
// behind the square matrix, by elimination with pivoting; the solutions stand
// in the right-hand sides afterwards.
func solve(a [][]float64) bool {
	n := len(a)
	for c := range n {
		p := c
		for r := c + 1; r < n; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[p][c]) {
				p = r
			}
		}
		if math.Abs(a[p][c]) < 1e-12 || math.IsNaN(a[p][c]) {
			return false
		}
		a[c], a[p] = a[p], a[c]
		for r := range n {
			if r == c || a[r][c] == 0 {
				continue
			}
			f := a[r][c] / a[c][c]
			for k := c; k < len(a[r]); k++ {
				a[r][k] -= f * a[c][k]
			}
		}
	}
	for c := range n {
		for k := n; k < len(a[c]); k++ {
			a[c][k] /= a[c][c]
		}
	}
	return true
}
