package qrtest

import (
	"fmt"
	"image"
	"math/rand/v2"
	"sync"
	"testing"
)

// cleanPixels is how many pixels a module of a clean code has.
const cleanPixels = 4

// clean is a perfect picture of the symbol with its quiet zone.
func (s symbol) clean() *image.Gray {
	n := (s.size + 2*quiet) * cleanPixels
	img := image.NewGray(image.Rect(0, 0, n, n))
	for i := range img.Pix {
		if !s.at(i%n/cleanPixels-quiet, i/n/cleanPixels-quiet) {
			img.Pix[i] = 255
		}
	}
	return img
}

// size is one of the sizes of a text at a level.
type size struct {
	level Level
	chars int
}

// sizes are all: 1 to the capacity of version 40 in alphanumeric mode, for
// each level (ISO/IEC 18004, table 7).
func sizes() (all []size) {
	for _, l := range []struct {
		level    Level
		capacity int
	}{{L, 4296}, {M, 3391}, {Q, 2420}, {H, 1852}} {
		for n := 1; n <= l.capacity; n++ {
			all = append(all, size{l.level, n})
		}
	}
	return all
}

// picture makes the smallest code of a random text of the size.
func (s size) picture() (img *image.Gray, text string) {
	rng := rand.New(rand.NewPCG(Seed<<32+uint64(s.chars), uint64(s.level)))
	b := make([]byte, s.chars)
	for i := range b {
		b[i] = base45[rng.IntN(len(base45))]
	}
	return mustEncode(string(b), 0, s.level).clean(), string(b)
}

// BenchmarkClean prints how many perfect codes are not read: of every length
// of text at every level, 4 pixels a module.
func BenchmarkClean(b *testing.B) {
	n := step(b)
	all := oneIn(n, sizes())
	readers := []reader{ours, stock}
	for b.Loop() {
		var mu sync.Mutex
		sum := map[string]*score{ours.name: {}, stock.name: {}}
		parallel(len(all), func(i int) {
			img, text := all[i].picture()
			for _, r := range readers {
				got, _ := r.read([]*image.Gray{img}, nil) // in process: no error
				mu.Lock()
				sum[r.name].add(mark(text, got[0]))
				mu.Unlock()
			}
		})
		fmt.Printf("\n\n%d clean codes, one in %d of all sizes\n\n", len(all), n)
		for _, r := range readers {
			s := sum[r.name]
			fmt.Printf("%10s  not read %d (%.1f %%), wrong %d\n", r.name, s.n-s.read, 100-percent(*s), s.wrong)
		}
		b.ReportMetric(float64(len(all)-sum[ours.name].read), "failures")
	}
	b.ReportMetric(0, "ns/op") // of making and reading, which says nothing
}
