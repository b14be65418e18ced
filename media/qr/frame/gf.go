package frame

// GF(2^8) as Reed-Solomon uses it here: polynomials modulo
// x^8 + x^4 + x^3 + x^2 + 1 (0x11d), of which x is a generator.
var exps, logs = func() (exps [510]byte, logs [256]int) {
	x := 1
	for i := range 255 {
		exps[i], exps[i+255] = byte(x), byte(x)
		logs[x] = i
		if x <<= 1; x > 0xff {
			x ^= 0x11d
		}
	}
	return exps, logs
}()

func mul(a, b byte) byte {
	if a == 0 || b == 0 {
		return 0
	}
	return exps[logs[a]+logs[b]]
}

// inverse of a, which is not 0.
func inverse(a byte) byte { return exps[255-logs[a]] }

// addScaled adds a·src to dst.
func addScaled(dst, src []byte, a byte) {
	for i, v := range src {
		dst[i] ^= mul(a, v)
	}
}

// kernel gives a vector other than zero that every row is orthogonal to, or nil
// where there is none. It changes the rows.
func kernel(rows [][]byte, width int) []byte {
	pivots := make([]int, 0, width) // column of the leading 1 of each reduced row
	free := -1
	for col := range width {
		n := len(pivots)
		r := n
		for r < len(rows) && rows[r][col] == 0 {
			r++
		}
		if r == len(rows) {
			free = col
			break
		}
		rows[n], rows[r] = rows[r], rows[n]
		scale := inverse(rows[n][col])
		for i, v := range rows[n] {
			rows[n][i] = mul(scale, v)
		}
		for i, row := range rows {
			if i != n && row[col] != 0 {
				addScaled(row, rows[n], row[col])
			}
		}
		pivots = append(pivots, col)
	}
	if free < 0 {
		return nil
	}
	v := make([]byte, width)
	v[free] = 1
	for n, col := range pivots {
		v[col] = rows[n][free]
	}
	return v
}
