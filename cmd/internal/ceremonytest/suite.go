package ceremonytest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Settings of walks, as environment variables. See CONTRIBUTING.md.
const (
	oneSeed  = "GAPFERRY_WALK"       // play this seed alone, and print all of it
	howMany  = "GAPFERRY_WALKS"      // how many seeds
	fromSeed = "GAPFERRY_WALKS_FROM" // the first one
)

// Walks plays walks at random: as many as the environment says, or else few.
// Each that is not as it must be fails, with a list of moves that is as short
// as it could be made. hint is what the program says below an error.
func Walks(t *testing.T, few int, hint func(error) string) {
	t.Cleanup(CloseStages)
	if one := os.Getenv(oneSeed); one != "" {
		walk(t, number(t, oneSeed, 0), hint, true)
		return
	}
	first := uint64(number(t, fromSeed, 1))
	for i := range number(t, howMany, uint64(few)) {
		seed := first + i
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			walk(t, seed, hint, false)
		})
	}
}

func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// tries bounds how often a walk is played again to make it shorter.
const tries = 40

func walk(t *testing.T, seed uint64, hint func(error) string, alone bool) {
	r, err := NewWalk(seed).Run(hint)
	if err == nil && alone && r.Bad() {
		t.Log("the shortest list of moves is looked for")
		r, err = r.Walk.Minimise(hint, tries)
	}
	if err != nil {
		t.Fatal(err)
	}
	if alone {
		t.Logf("%s\n%s", r.Walk, strings.Join(r.Trace, "\n"))
	}
	for _, u := range r.Unled {
		t.Logf("unled: %s", u)
	}
	t.Logf("%d steps, %s", r.Steps, r.Verify)
	if !r.Bad() {
		return
	}
	t.Errorf("%s\nto play it alone, and shorter: %s=%d", r.Walk, oneSeed, seed)
	for _, text := range r.Wrong {
		t.Errorf("wrong: %s", text)
	}
	for _, text := range r.Odd {
		t.Errorf("odd: %s", text)
	}
	if r.Dead != "" {
		t.Errorf("dead end: %s", r.Dead)
	}
}
