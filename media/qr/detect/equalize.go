package detect

// taps are the module itself and its eight neighbours.
var taps = [9][2]int{{0, 0}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}, {1, 1}, {-1, -1}, {1, -1}, {-1, 1}}

// padded copies n×n values into a field with a border of one light module: the
// quiet zone.
func padded(v []float32, n int, out []float32) []float32 {
	m := n + 2
	out = out[:m*m]
	for i := range m {
		out[i], out[(m-1)*m+i] = -1, -1
	}
	for y := range n {
		row := out[(y+1)*m : (y+2)*m]
		row[0], row[m-1] = -1, -1
		copy(row[1:], v[y*n:(y+1)*n])
	}
	return out
}

// squares gathers a least-squares fit: ten weights, for a module, its eight
// neighbours and a constant.
type squares [10][11]float64

// add says that the weighted sum of f should be want.
func (a *squares) add(f *[10]float64, want, weight float64) {
	for i := range 10 {
		wf := weight * f[i]
		for j := i; j < 10; j++ {
			a[i][j] += wf * f[j]
		}
		a[i][10] += wf * want
	}
}

// weights solves the fit.
func (a *squares) weights() (w [10]float32, ok bool) {
	rows := make([][]float64, 10)
	for i := range a {
		for j := range i {
			a[i][j] = a[j][i]
		}
		a[i][i] += 0.5 // weights that nothing determines stay small
		rows[i] = a[i][:]
	}
	if !solve(rows) {
		return w, false
	}
	for i := range w {
		w[i] = float32(rows[i][10])
	}
	return w, true
}

// steps are the taps as distances in a padded field of n×n modules.
func steps(n int) (s [9]int) {
	for t, d := range taps {
		s[t] = d[1]*(n+2) + d[0]
	}
	return s
}

// features are the values around a place in a padded field, and 1.
func features(field []float32, at int, steps *[9]int) (f [10]float64) {
	for t, d := range steps {
		f[t] = float64(field[at+d])
	}
	f[9] = 1
	return f
}

// equalize undoes blur: each module becomes a weighted sum of itself and its
// neighbours, with the weights that bring the function patterns (and, in later
// rounds, the modules that are clear by then) nearest to what they must be.
// That is the linear equaliser of data transmission, trained on the code
// itself: it sharpens a blurred picture, averages a noisy one, and finds the
// direction of motion by itself.
func (r *modules) equalize(s *symbol, in, out []float32) {
	n := s.n
	field := padded(in, n, r.field)
	steps := steps(n)
	copy(out, in)
	for round := range 3 {
		var a squares
		for y := range n {
			for x := range n {
				want, weight := float64(s.known[y*n+x]), 1.0
				if want == 0 {
					v := out[y*n+x]
					if round == 0 || v > -0.2 && v < 0.2 {
						continue
					}
					want, weight = 1, 0.5
					if v < 0 {
						want = -1
					}
				}
				f := features(field, (y+1)*(n+2)+x+1, &steps)
				a.add(&f, want, weight)
			}
		}
		w, ok := a.weights()
		if !ok {
			return
		}
		for y := range n {
			for x := range n {
				at := (y+1)*(n+2) + x + 1
				sum := w[9]
				for t, d := range steps {
					sum += w[t] * field[at+d]
				}
				out[y*n+x] = sum
			}
		}
	}
}
