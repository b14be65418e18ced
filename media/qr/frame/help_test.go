package frame

import (
	"math/rand/v2"
	"testing"
)

func randomBytes(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func mustSplit(t testing.TB, data []byte, form Form, room int) *Set {
	t.Helper()
	s, err := Split(data, form, room)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newTestCollector tries in the same order on every run.
func newTestCollector() *Collector {
	return &Collector{rng: rand.New(rand.NewPCG(3, 3))}
}

// forge gives a code of s with another shard and a checksum that fits.
func forge(s *Set, index int, change func(f *frame)) string {
	f := frame{header{0, s.id, s.shape, index}, append([]byte(nil), s.shards[index]...)}
	change(&f)
	return Base45.encode(f.bytes())
}

// flip changes a byte of the shard.
func flip(at int, by byte) func(*frame) {
	return func(f *frame) { f.shard[at%len(f.shard)] ^= by }
}
