package detect

import (
	"sync"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// A symbol is what is known of every code of one version before it is read
// (ISO/IEC 18004 section 6.3): the function patterns.
type symbol struct {
	version, n int
	centers    []int  // of alignment patterns, in both directions
	known      []int8 // n×n by rows: +1 dark, -1 light, 0 data or format information
	patterns   int    // how many of known are not 0, version information left out
	info       []int  // positions in known that hold version information
}

const maxModules = 177 // version 40

var symbols [41]func() *symbol

func init() {
	for v := 1; v <= 40; v++ {
		symbols[v] = sync.OnceValue(func() *symbol { return newSymbol(v) })
	}
}

func newSymbol(version int) *symbol {
	n := 17 + 4*version
	s := &symbol{version: version, n: n, known: make([]int8, n*n)}
	if v, err := decoder.Version_GetVersionForNumber(version); err == nil {
		s.centers = v.GetAlignmentPatternCenters()
	}
	set := func(x, y int, dark bool) {
		if x >= 0 && y >= 0 && x < n && y < n {
			s.known[y*n+x] = -1
			if dark {
				s.known[y*n+x] = 1
			}
		}
	}
	for i := 8; i < n-8; i++ {
		set(i, 6, i%2 == 0)
		set(6, i, i%2 == 0)
	}
	for _, c := range s.alignments() {
		for dy := -2; dy <= 2; dy++ {
			for dx := -2; dx <= 2; dx++ {
				set(c[0]+dx, c[1]+dy, max(dx, -dx, dy, -dy) != 1)
			}
		}
	}
	for _, c := range [][2]int{{3, 3}, {n - 4, 3}, {3, n - 4}} {
		for dy := -4; dy <= 4; dy++ {
			for dx := -4; dx <= 4; dx++ {
				d := max(dx, -dx, dy, -dy)
				set(c[0]+dx, c[1]+dy, d == 3 || d <= 1)
			}
		}
	}
	set(8, n-8, true)
	for _, k := range s.known {
		if k != 0 {
			s.patterns++
		}
	}
	if version >= 7 {
		bits := decoder.VERSION_DECODE_INFO[version-7]
		for i := range 18 {
			dark := bits>>i&1 == 1
			a, b := i/3, n-11+i%3
			set(b, a, dark)
			set(a, b, dark)
			s.info = append(s.info, a*n+b, b*n+a)
		}
	}
	return s
}

// alignments gives the modules at the centres of the alignment patterns.
func (s *symbol) alignments() (out [][2]int) {
	last := len(s.centers) - 1
	for i, y := range s.centers {
		for j, x := range s.centers {
			if i == 0 && j == 0 || i == 0 && j == last || i == last && j == 0 {
				continue // a finder pattern is there
			}
			out = append(out, [2]int{x, y})
		}
	}
	return out
}

// formatBits gives the modules (x, y) of the 15 bits of format information,
// most significant first, in both places (section 7.9.1).
func (s *symbol) formatBits() (out [2][15][2]int) {
	n := s.n
	for i := range 15 {
		switch {
		case i < 6:
			out[0][i] = [2]int{i, 8}
		case i < 8:
			out[0][i] = [2]int{i + 1, 8}
		case i == 8:
			out[0][i] = [2]int{8, 7}
		default:
			out[0][i] = [2]int{8, 14 - i}
		}
		if i < 7 {
			out[1][i] = [2]int{8, n - 1 - i}
		} else {
			out[1][i] = [2]int{n - 15 + i, 8}
		}
	}
	return out
}

// formats are the 32 words that format information can be (section 7.9, BCH(15,5)
// with generator 10100110111, masked with 101010000010010).
var formats = func() (out [32]int) {
	for d := range out {
		r := d << 10
		for i := 4; i >= 0; i-- {
			if r>>(10+i)&1 == 1 {
				r ^= 0b10100110111 << i
			}
		}
		out[d] = (d<<10 | r) ^ 0b101010000010010
	}
	return out
}()
