package frame

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// The parity of FORMAT.md §5, computed from its words and with nothing of the
// package or of the library behind it.

// times multiplies in GF(2^8) modulo 0x11d, bit by bit.
func times(a, b byte) byte {
	product := 0
	for i := range 8 {
		if b>>i&1 == 1 {
			product ^= int(a) << i
		}
	}
	for i := 15; i >= 8; i-- {
		if product>>i&1 == 1 {
			product ^= 0x11d << (i - 8)
		}
	}
	return byte(product)
}

// over divides, by looking for the quotient.
func over(a, b byte) byte {
	for q := range 256 {
		if times(byte(q), b) == a {
			return byte(q)
		}
	}
	panic("division by zero")
}

// vandermonde has r^c in row r, column c; 0^0 is 1.
func vandermonde(rows, columns int) [][]byte {
	m := make([][]byte, rows)
	for r := range m {
		m[r] = make([]byte, columns)
		p := byte(1)
		for c := range m[r] {
			m[r][c] = p
			p = times(p, byte(r))
		}
	}
	return m
}

// solveTop gives the coefficients a with V·a = b, for the top k rows V.
func solveTop(b []byte) []byte {
	k := len(b)
	m := vandermonde(k, k)
	for r := range m {
		m[r] = append(m[r], b[r])
	}
	for c := range k {
		for r := c; ; r++ {
			if m[r][c] != 0 {
				m[c], m[r] = m[r], m[c]
				break
			}
		}
		d := m[c][c]
		for i := range m[c] {
			m[c][i] = over(m[c][i], d)
		}
		for r := range m {
			if f := m[r][c]; r != c && f != 0 {
				for i := range m[r] {
					m[r][i] ^= times(f, m[c][i])
				}
			}
		}
	}
	a := make([]byte, k)
	for r := range m {
		a[r] = m[r][k]
	}
	return a
}

func TestParityIsThatOfTheDocument(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, need := range []int{1, 2, 3, 7, 22, 43} {
		data := randomBytes(rng, need*2) // shards of two bytes
		s := mustSplit(t, data, Base45, Base45.length(headerLen+2+crcLen))
		if s.Need() != need {
			t.Fatalf("need %d", s.Need())
		}
		v := vandermonde(256, need)
		for column := range 2 {
			b := make([]byte, need)
			for i := range b {
				b[i] = data[i*2+column]
			}
			a := solveTop(b)
			for index := range 256 {
				want := byte(0)
				for c := range a {
					want ^= times(v[index][c], a[c])
				}
				if got := s.shards[index][column]; got != want {
					t.Fatalf("need %d, index %d, byte %d: %02x, want %02x", need, index, column, got, want)
				}
			}
		}
	}
}

// Whichever codes are there, as many as are needed suffice.
func TestAnyNeedOfTotal(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for _, need := range []int{1, 2, 3, 4, 5, 8, 13, 22, 43, 64, 100, 128, 200, 254, 255} {
		const size = 3
		data := randomBytes(rng, need*size-rng.IntN(size))
		s := mustSplit(t, data, Base32, Base32.length(headerLen+size+crcLen))
		if s.Need() != need {
			t.Fatalf("need %d, want %d", s.Need(), need)
		}
		for range 2 {
			c := NewCollector()
			for n, index := range rng.Perm(Total)[:need] {
				e := c.Add(s.Text(index, byte(rng.Uint32())))
				switch {
				case n < need-1 && (e.State != New || e.Got != n+1 || e.Index != index || e.Why != ""):
					t.Fatalf("need %d: %+v", need, e)
				case n == need-1 && (e.State != Complete || !bytes.Equal(e.Data, data)):
					t.Fatalf("need %d: %v %s", need, e.State, e.Why)
				}
			}
		}
	}
}
