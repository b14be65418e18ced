package qrtest

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

const (
	// allEnv asks for the whole corpus and every size of clean code; without
	// it a benchmark takes one in sampleStep.
	allEnv = "GAPFERRY_QR_ALL"
	// everyEnv asks for one in so many.
	everyEnv = "GAPFERRY_QR_EVERY"
	// sampleStep has no factor in common with the 21 versions and levels, so
	// the sample has all of them, and with the clean codes' sizes likewise.
	sampleStep = 19
)

// step is how many cases a benchmark goes on to the next one.
func step(b *testing.B) int {
	if s := os.Getenv(everyEnv); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			b.Fatalf("%s=%q is not a number from 1", everyEnv, s)
		}
		return n
	}
	if os.Getenv(allEnv) == "1" {
		return 1
	}
	return sampleStep
}

// oneIn is every nth of all.
func oneIn[T any](n int, all []T) []T {
	var some []T
	for i := 0; i < len(all); i += n {
		some = append(some, all[i])
	}
	return some
}

// score is what a reader did with some pictures.
type score struct {
	n, read, wrong int
	took           time.Duration
}

func (s *score) add(t score) {
	s.n += t.n
	s.read += t.read
	s.wrong += t.wrong
	s.took += t.took
}

// mark is the score of one reading: right, if the text is among those found;
// wrong, if any other is.
func mark(want string, r reading) score {
	s := score{n: 1, took: r.took}
	for _, text := range r.texts {
		if text != want {
			s.wrong = 1
		}
	}
	if slices.Contains(r.texts, want) {
		s.read = 1
	}
	return s
}

// batch is how many pictures are held, and lie on the disk, at one time: 60 of
// the largest are 120 MB.
const batch = 60

// scores has the readers read the cases and says how they did, by reader and
// case.
func scores(tb testing.TB, readers []reader, cases []Case) map[string][]score {
	tb.Helper()
	all := map[string][]score{}
	for some := range slices.Chunk(cases, batch) {
		pictures := develop(some)
		files, remove := store(tb, pictures)
		for _, r := range readers {
			got, err := r.read(pictures, files)
			if err != nil {
				remove()
				tb.Fatalf("%s: %v", r.name, err)
			}
			for i, c := range some {
				m := mark(c.Text, got[i])
				if m.wrong > 0 {
					tb.Logf("%s misreads %s as %.60q", r.name, c, got[i].texts)
				}
				all[r.name] = append(all[r.name], m)
			}
		}
		remove()
	}
	return all
}

// develop makes the pictures on all cores.
func develop(cases []Case) []*image.Gray {
	pictures := make([]*image.Gray, len(cases))
	parallel(len(cases), func(i int) { pictures[i] = cases[i].Picture() })
	return pictures
}

// parallel calls f with 0 to n-1, on all cores.
func parallel(n int, f func(int)) {
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// store writes pictures for programs, until remove.
func store(tb testing.TB, pictures []*image.Gray) (files []string, remove func()) {
	tb.Helper()
	dir, err := os.MkdirTemp("", "gapferry-qrtest-")
	if err != nil {
		tb.Fatal(err)
	}
	remove = func() { os.RemoveAll(dir) }
	for i, p := range pictures {
		file := filepath.Join(dir, fmt.Sprintf("%03d.pgm", i))
		if err := os.WriteFile(file, pgm(p), 0o600); err != nil {
			remove()
			tb.Fatal(err)
		}
		files = append(files, file)
	}
	return files, remove
}
