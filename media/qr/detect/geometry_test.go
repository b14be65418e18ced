package detect

import (
	"math"
	"testing"

	"github.com/skip2/go-qrcode"
)

func TestFit(t *testing.T) {
	want := homography{3, 0.2, 100, -0.1, 2.8, 50, 0.001, 0.002, 1}
	var pins []pin
	for _, c := range [][2]float64{{3.5, 3.5}, {100, 3.5}, {3.5, 100}, {90, 95}, {50, 50}, {20, 70}} {
		x, y := want.at(c[0], c[1])
		pins = append(pins, pin{c[0], c[1], x, y})
	}
	for k := 4; k <= len(pins); k++ {
		got, ok := fit(pins[:k])
		if !ok {
			t.Fatal("no solution")
		}
		for i := range want {
			if math.Abs(got[i]/got[8]-want[i]) > 1e-6 {
				t.Errorf("%d pins: %v, want %v", k, got, want)
				break
			}
		}
	}
	if _, ok := fit(pins[:3]); ok {
		t.Error("three pins do not make a homography")
	}
	if _, ok := fit([]pin{pins[0], pins[0], pins[0], pins[0]}); ok {
		t.Error("four times the same pin does not make a homography")
	}
}

func TestSplineGoesThroughItsPins(t *testing.T) {
	w := &warp{n: 57, flat: homography{4, 0, 10, 0, 4, 10, 0, 0, 1}}
	var pins []pin
	for v := 6.5; v < 57; v += 11 {
		for u := 6.5; u < 57; u += 11 {
			x, y := w.flat.at(u, v)
			pins = append(pins, pin{u, v, x + 3*math.Sin(u/20), y + 0.002*(u-28)*(u-28)})
		}
	}
	w.spline(pins)
	for _, p := range pins {
		if x, y := w.at(p.u, p.v); math.Hypot(x-p.x, y-p.y) > 0.4 {
			t.Errorf("(%g, %g) at %.2f, %.2f, pinned at %.2f, %.2f", p.u, p.v, x, y, p.x, p.y)
		}
	}
}

// TestSymbols compares what is known of each version with what an encoder writes.
func TestSymbols(t *testing.T) {
	for version := 1; version <= 40; version++ {
		s := symbols[version]()
		for _, level := range []qrcode.RecoveryLevel{qrcode.Low, qrcode.Highest} {
			m := encode(t, "X", version, level).Bitmap()
			v := make([]float32, s.n*s.n)
			for i := range v {
				v[i] = -1
				if m[4+i/s.n][4+i%s.n] {
					v[i] = 1
				}
			}
			if a := s.agree(v); a != 1 {
				t.Errorf("version %d: %.3f of the function patterns agree", version, a)
			}
			if text, ok := s.decode(v); !ok || text != "X" {
				t.Errorf("version %d: read %q, %v", version, text, ok)
			}
			// one copy of the format information lost
			for _, c := range s.formatBits()[1] {
				v[c[1]*s.n+c[0]] *= -0.1
			}
			if text, ok := s.decode(v); !ok || text != "X" {
				t.Errorf("version %d, half of the format information: read %q, %v", version, text, ok)
			}
		}
	}
}

func TestRatio(t *testing.T) {
	for _, c := range []struct {
		runs [5]int
		want bool
	}{
		{[5]int{1, 1, 3, 1, 1}, true},
		{[5]int{10, 10, 30, 10, 10}, true},
		{[5]int{12, 8, 33, 9, 11}, true},
		{[5]int{1, 2, 4, 1, 2}, true},
		{[5]int{10, 10, 10, 10, 10}, false},
		{[5]int{10, 10, 50, 10, 10}, false},
		{[5]int{20, 10, 30, 10, 10}, false},
		{[5]int{0, 1, 3, 1, 1}, false},
	} {
		r := c.runs
		if got := ratio(r[0], r[1], r[2], r[3], r[4]); got != c.want {
			t.Errorf("%v: %v", r, got)
		}
	}
}

func TestEdges(t *testing.T) {
	row := make([]byte, 27)
	for _, x := range []int{0, 1, 7, 8, 15, 20, 25, 26} {
		row[x] = 1
	}
	want := []int32{0, 2, 7, 9, 15, 16, 20, 21, 25, 27}
	got := edges(row, nil)
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}

func TestThresholdIsTheWindowsMean(t *testing.T) {
	img := photo(encode(t, "MEAN", 1, qrcode.Low).Bitmap(), 2, 1, 0.1, 1)
	p := &plane{}
	p.load(img)
	const r, margin = 3, 2
	var s sums
	var bm bitmap
	bm.threshold(p, r, margin, &s)
	for y := range p.h {
		for x := range p.w {
			sum := 0
			for dy := -r; dy <= r; dy++ {
				for dx := -r; dx <= r; dx++ {
					sum += int(p.pix[min(max(y+dy, 0), p.h-1)*p.w+min(max(x+dx, 0), p.w-1)])
				}
			}
			n := (2*r + 1) * (2*r + 1)
			want := byte(0)
			if (int(p.pix[y*p.w+x])+margin)*n < sum {
				want = 1
			}
			if bm.dark[y*p.w+x] != want {
				t.Fatalf("(%d, %d): %d, want %d", x, y, bm.dark[y*p.w+x], want)
			}
		}
	}
}
