package engine

import (
	"bytes"
	"errors"
	"math/bits"
	"testing"
)

var shamirSecret = []byte("\x00\x01\xff 24 bytes of a key …")

// TestEverySubset combines every subset of every split up to n = 7: those of
// m points and more give the secret back, smaller ones are refused.
func TestEverySubset(t *testing.T) {
	for n := 1; n <= 7; n++ {
		for m := 1; m <= n; m++ {
			points, err := split(shamirSecret, m, n)
			if err != nil {
				t.Fatal(err)
			}
			for set := range 1 << n {
				var chosen []point
				for i := range n {
					if set>>i&1 == 1 {
						chosen = append(chosen, points[i])
					}
				}
				secret, err := combine(m, chosen)
				switch enough := bits.OnesCount(uint(set)) >= m; {
				case enough && (err != nil || !bytes.Equal(secret, shamirSecret)):
					t.Fatalf("%d of %d, shares %b: %x, error %v", m, n, set, secret, err)
				case !enough && !errors.Is(err, errCombine):
					t.Fatalf("%d of %d, shares %b: error %v, want %v", m, n, set, err, errCombine)
				}
			}
		}
	}
}

// TestTooFewTellNothing pretends a smaller m to combine m-1 points.
func TestTooFewTellNothing(t *testing.T) {
	for m := 2; m <= 5; m++ {
		points, err := split(shamirSecret, m, 5)
		if err != nil {
			t.Fatal(err)
		}
		if secret, err := combine(m-1, points[:m-1]); err != nil || bytes.Equal(secret, shamirSecret) {
			t.Errorf("%d points of a split with m = %d: %x, error %v", m-1, m, secret, err)
		}
	}
}

// TestUniform counts the values of one share of one secret byte. With 255
// degrees of freedom chi square is above 377 once in a million runs.
func TestUniform(t *testing.T) {
	const runs = 256 * 100
	for x := range 3 {
		var count [256]int
		for range runs {
			points, err := split([]byte{0x42}, 2, 3)
			if err != nil {
				t.Fatal(err)
			}
			count[points[x].y[0]]++
		}
		chi := 0.0
		for _, c := range count {
			d := float64(c) - runs/256
			chi += d * d / (runs / 256)
		}
		if chi > 377 {
			t.Errorf("share %d: chi square %.0f", x+1, chi)
		}
	}
}

func TestSplitRefused(t *testing.T) {
	for _, v := range []struct {
		secret []byte
		m, n   int
	}{{nil, 1, 1}, {shamirSecret, 0, 3}, {shamirSecret, -1, 3}, {shamirSecret, 4, 3}, {shamirSecret, 2, 16}} {
		if _, err := split(v.secret, v.m, v.n); err == nil {
			t.Errorf("split %d bytes into %d of %d", len(v.secret), v.m, v.n)
		}
	}
}

func TestCombineRefused(t *testing.T) {
	p, err := split(shamirSecret, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	short := point{x: 3, y: p[2].y[1:]}
	for _, v := range []struct {
		name   string
		m      int
		points []point
	}{
		{"none", 2, nil},
		{"too few", 2, p[:1]},
		{"m is 0", 0, p},
		{"the same twice", 2, []point{p[0], p[0]}},
		{"the same x with another value", 3, []point{p[0], p[1], {x: 1, y: p[2].y}}},
		{"x is 0", 2, []point{p[0], {x: 0, y: p[1].y}}},
		{"another length", 2, []point{p[0], short}},
		{"empty", 1, []point{{x: 1}}},
	} {
		if secret, err := combine(v.m, v.points); !errors.Is(err, errCombine) {
			t.Errorf("%s: %x, error %v, want %v", v.name, secret, err, errCombine)
		}
	}
}

func BenchmarkSplit(b *testing.B) {
	key := make([]byte, 32)
	for b.Loop() {
		if _, err := split(key, 3, 5); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCombine(b *testing.B) {
	points, err := split(make([]byte, 32), 3, 5)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := combine(3, points[:3]); err != nil {
			b.Fatal(err)
		}
	}
}
