package frame

import (
	"fmt"
	"testing"
	"time"

	"github.com/klauspost/reedsolomon"
)

// BenchmarkShown tells how many codes of 8,192 bytes at version 15, level M, are
// shown until a reader has everything.
func BenchmarkShown(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(meanShown(b, 0.1, 1000), "codes/10%loss")
		b.ReportMetric(meanShown(b, 0.5, 1000), "codes/50%loss")
		_, s := eightKB(b)
		b.ReportMetric(float64(s.Need()), "codes/0%loss")
	}
}

// BenchmarkSplit makes all 256 texts; BenchmarkAdd reads parity only, the
// slowest way. "×rs" is the time next to that of Reed-Solomon alone.
func BenchmarkSplit(b *testing.B) {
	data, first := eightKB(b)
	b.SetBytes(int64(len(data)))
	var all, alone time.Duration
	for b.Loop() {
		start := time.Now()
		s := mustSplit(b, data, Base45, room15M)
		for i := range Total {
			s.Text(i, 0)
		}
		all += time.Since(start)

		b.StopTimer()
		start = time.Now()
		code, _ := reedsolomon.New(first.need, Total-first.need)
		if err := code.Encode(first.shards); err != nil {
			b.Fatal(err)
		}
		alone += time.Since(start)
		b.StartTimer()
	}
	b.ReportMetric(float64(all)/float64(alone), "×rs")
}

func BenchmarkAdd(b *testing.B) {
	data, s := eightKB(b)
	b.SetBytes(int64(len(data)))
	var all, alone time.Duration
	var texts []string
	for i := range s.need {
		texts = append(texts, s.Text(Total-1-i, 0))
	}
	for b.Loop() {
		start := time.Now()
		c := NewCollector()
		var e Event
		for _, text := range texts {
			e = c.Add(text)
		}
		if e.State != Complete {
			b.Fatal(e)
		}
		all += time.Since(start)

		b.StopTimer()
		shards := make([][]byte, Total)
		copy(shards[Total-s.need:], s.shards[Total-s.need:])
		start = time.Now()
		code, _ := reedsolomon.New(s.need, Total-s.need)
		if err := code.ReconstructData(shards); err != nil {
			b.Fatal(err)
		}
		alone += time.Since(start)
		b.StartTimer()
	}
	b.ReportMetric(float64(all)/float64(alone), "×rs")
}

// BenchmarkStuck is the most that one code of a forged set costs: nothing fits,
// so all tries are used up.
func BenchmarkStuck(b *testing.B) {
	for _, size := range []struct{ length, room, codes int }{
		{8192, room15M, 42}, {8192, room15M, Total}, {8192, 138, 180}, {65_536, MaxText, 60}, {700_000, MaxText, Total},
	} {
		b.Run(fmt.Sprintf("%dB-%dcodes", size.length, size.codes), func(b *testing.B) {
			s := mustSplit(b, make([]byte, size.length), Base45, size.room)
			s.id[0]++
			c := newTestCollector()
			for i := range size.codes {
				c.Add(s.Text(i, 0))
			}
			text := s.Text(0, 0)
			for b.Loop() {
				if e := c.Add(text); e.State != Duplicate {
					b.Fatal(e)
				}
			}
		})
	}
}
