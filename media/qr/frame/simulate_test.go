package frame

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// room15M is what a code of version 15, level M holds (ISO/IEC 18004, table 7).
const room15M = 600

// eightKB is the payload that the numbers of this file are about.
func eightKB(t testing.TB) ([]byte, *Set) {
	data := randomBytes(rand.New(rand.NewPCG(10, 10)), 8192)
	s := mustSplit(t, data, Base45, room15M)
	if s.Need() > 22 {
		t.Fatalf("8,192 bytes need %d codes", s.Need())
	}
	return data, s
}

// shown counts the codes that a screen shows, one after the other and round
// and round, from when the reader looks until it has everything.
func shown(t testing.TB, s *Set, data []byte, first int, lost func(n int) bool) int {
	c := newTestCollector()
	for n := range 20 * Total {
		if lost(n) {
			continue
		}
		e := c.Add(s.Text((first+n)%Total, 0))
		if e.State == Complete {
			if !bytes.Equal(e.Data, data) {
				t.Fatal("completed wrongly")
			}
			return n + 1
		}
	}
	t.Fatal("never complete")
	return 0
}

func meanShown(t testing.TB, loss float64, runs int) float64 {
	data, s := eightKB(t)
	rng := rand.New(rand.NewPCG(11, uint64(loss*100)))
	sum := 0
	for range runs {
		sum += shown(t, s, data, rng.IntN(Total), func(int) bool { return rng.Float64() < loss })
	}
	return float64(sum) / float64(runs)
}

// The optimum, whatever the code: Need/(1-loss), that is 24.44 and 44. The
// tolerance is three times the deviation of the mean of so many runs.
func TestMeanShown(t *testing.T) {
	const runs = 300
	for _, test := range []struct{ loss, optimum, tolerance float64 }{{0, 22, 0}, {0.1, 22 / 0.9, 0.29}, {0.5, 44, 1.15}} {
		mean := meanShown(t, test.loss, runs)
		t.Logf("%.0f %% lost: %.2f codes shown", test.loss*100, mean)
		if mean > test.optimum+test.tolerance || mean < test.optimum-test.tolerance {
			t.Errorf("%.0f %% lost: %.2f codes shown, want %.2f ± %.2f", test.loss*100, mean, test.optimum, test.tolerance)
		}
	}
}

// A loss with a period, as between a screen's and a camera's rate.
func TestPeriodicLoss(t *testing.T) {
	data, s := eightKB(t)
	for period, most := range map[int]int{2: 44, 3: 33, 4: 30} {
		for phase := range period {
			n := shown(t, s, data, 200, func(n int) bool { return n%period == phase })
			if n > most {
				t.Errorf("each one of %d lost: %d codes shown, want at most %d", period, n, most)
			}
		}
	}
	// The other way round: only one of so many is seen.
	for _, period := range []int{2, 3, 7} {
		if n := shown(t, s, data, 0, func(n int) bool { return n%period != 0 }); n > 22*period {
			t.Errorf("one of %d seen: %d codes shown", period, n)
		}
	}
}
