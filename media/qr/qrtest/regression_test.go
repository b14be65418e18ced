package qrtest

import (
	"fmt"
	"image"
	"slices"
	"strings"
	"testing"
)

// regressionStep makes the sample: one in so many cases of the corpus. It has
// no factor in common with the 21 versions and levels of a severity.
const regressionStep = 17

// measured is how many pictures of the sample package detect reads. Decode
// without a budget gives the same on every run, so fewer is a loss, and more a
// reason to raise the number: the test prints the lines to put here.
var measured = []struct {
	family  string
	n, read int
}{
	{"scale", 9, 9},
	{"rot", 8, 8},
	{"persp", 4, 4},
	{"curl", 4, 4},
	{"gblur", 5, 5},
	{"mblur", 5, 5},
	{"noise", 5, 5},
	{"contrast", 5, 5},
	{"light", 4, 4},
	{"shadow", 3, 3},
	{"jpeg", 5, 5},
	{"occl", 5, 5},
	{"moire", 4, 4},
	{"c-print", 5, 5},
	{"c-screen", 5, 5},
	{"c-cam720", 4, 4},
	{"c-cam1080", 3, 3},
}

// TestRegression reads a sample of the corpus.
func TestRegression(t *testing.T) {
	sample := oneIn(regressionStep, Cases(Seed))
	sums := map[string]*score{}
	for _, f := range Families() {
		sums[f] = &score{}
	}
	for _, c := range sample {
		got, _ := ours.read([]*image.Gray{c.Picture()}, nil) // in process: no error
		m := mark(c.Text, got[0])
		sums[c.Family].add(m)
		if m.wrong > 0 {
			t.Errorf("%s is misread as %.60q", c, got[0].texts)
		}
	}
	var lines strings.Builder
	var lost, gained bool
	for i, f := range Families() {
		fmt.Fprintf(&lines, "\t{%q, %d, %d},\n", f, sums[f].n, sums[f].read)
		want := measured[i]
		if want.family != f || want.n != sums[f].n {
			t.Errorf("the sample has %d of %s, not %d of %s as was measured", sums[f].n, f, want.n, want.family)
		}
		lost = lost || sums[f].read < want.read
		gained = gained || sums[f].read > want.read
	}
	switch {
	case lost:
		t.Errorf("fewer are read than were; now it is\n%s", lines.String())
	case gained:
		t.Logf("more are read than were; raise the numbers to\n%s", lines.String())
	}
}

// TestCleanSample reads perfect codes of sizes from 1 character to the most
// that a code holds. BenchmarkClean does all sizes.
func TestCleanSample(t *testing.T) {
	for _, s := range oneIn(199, sizes()) {
		img, text := s.picture()
		got, _ := ours.read([]*image.Gray{img}, nil) // in process: no error
		if !slices.Equal(got[0].texts, []string{text}) {
			t.Errorf("%d characters at level %c: not read", s.chars, s.level)
		}
	}
}

// filmRead is how many of the film's frames are read.
const filmRead = 12

// TestFilmIsNeverMisread reads frames that show two codes, one through or above
// the other.
func TestFilmIsNeverMisread(t *testing.T) {
	shown := []string{strings.Repeat("FIRST 1", 80), strings.Repeat("SECOND 2", 70), strings.Repeat("THIRD 3", 80)}
	film := Film{
		Screens: Screens(Seed, image.Pt(640, 480), 15, 0.9, shown),
		Shown:   10, Camera: 30, Exposure: 0.6, Readout: 0.8, Start: 0.012,
	}
	read := 0
	for i := range 18 {
		got, _ := camera.read([]*image.Gray{film.Frame(i)}, nil) // in process: no error
		for _, text := range got[0].texts {
			if !slices.Contains(shown, text) {
				t.Errorf("frame %d is misread as %.60q", i, text)
			}
		}
		read += min(1, len(got[0].texts))
	}
	if read < filmRead {
		t.Errorf("%d of 18 frames are read, %d were", read, filmRead)
	}
	t.Logf("%d of 18 frames are read", read)
}
