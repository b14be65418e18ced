package frame

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// numbered gives sets of two codes, each with another payload.
func numbered(t testing.TB, n int) *Set {
	s := mustSplit(t, fmt.Appendf(nil, "set number %08d", n), Base45, 56)
	if s.Need() != 2 {
		t.Fatal(s.Need())
	}
	return s
}

// The set that goes is the one that has waited longest, not the first.
func TestIdleSetIsDropped(t *testing.T) {
	c := newTestCollector()
	s := goldenSet(t, Base45)
	c.Add(s.Text(0, 0))
	for n := range MaxSets - 1 {
		c.Add(numbered(t, n).Text(0, 0))
	}
	run(t, c, []step{
		{s.Text(1, 0), New, 2, "", ""},
		{numbered(t, 1000).Text(0, 0), New, 1, "too many sets at once: set " + numbered(t, 0).ID().short() +
			", 1 of 2 codes, was forgotten: show it again later", ""},
		{s.Text(2, 0), Complete, 3, "", goldenPayload},
	})
}

// Sets of which one code came are forgotten before those of which more came,
// however long those wait: anybody can make many of the first.
func TestBegunSetOutlastsStrays(t *testing.T) {
	c := newTestCollector()
	s := goldenSet(t, Base45)
	c.Add(s.Text(0, 0))
	c.Add(s.Text(1, 0))
	for n := range 3 * MaxSets {
		c.Add(numbered(t, n).Text(0, 0))
	}
	run(t, c, []step{{s.Text(2, 0), Complete, 3, "", goldenPayload}})
}

func TestTooManySets(t *testing.T) {
	c := newTestCollector()
	for n := range MaxSets {
		run(t, c, []step{{numbered(t, n).Text(0, 0), New, 1, "", ""}})
	}
	// A duplicate is no progress; a code of a set that is known drops nothing; one
	// that completes at once needs no room.
	run(t, c, []step{
		{numbered(t, 0).Text(0, 0), Duplicate, 1, "", ""},
		{numbered(t, 2).Text(1, 0), Complete, 2, "", "set number 00000002"},
		{numbered(t, 2).Text(0, 0), AlreadyComplete, 2, "a code of set " + numbered(t, 2).ID().short() + ", which was completed before", ""},
		{numbered(t, 2000).Text(0, 0), New, 1, "", ""},
		{mustSplit(t, []byte("one code"), Base45, 56).Text(0, 0), Complete, 1, "", "one code"},
	})
	dropped := func(n int) string {
		return "too many sets at once: set " + numbered(t, n).ID().short() + ", 1 of 2 codes, was forgotten: show it again later"
	}
	run(t, c, []step{
		{numbered(t, 1000).Text(0, 0), New, 1, dropped(0), ""},
		{numbered(t, 1).Text(0, 0), Duplicate, 1, "", ""},
		{numbered(t, 0).Text(1, 0), New, 1, dropped(1), ""},
		{numbered(t, 0).Text(0, 0), Complete, 2, "", "set number 00000000"},
	})
	if got := len(c.Progress()); got != MaxSets-1+3 {
		t.Errorf("%d sets", got)
	}
}

// What a forger with the largest codes can make the collector keep. The set
// that he adds to stays, even when it is the one that has waited longest.
func TestTooManyBytes(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	c := newTestCollector()
	dropped := ""
	fill := func(set byte, shards int) {
		for range shards {
			for index := range Total {
				dropped += keepOnly(c, set, index, rng)
			}
		}
		bytes := 0
		for _, s := range c.sets {
			bytes += s.kept
		}
		if bytes > MaxBytes {
			t.Fatalf("%d bytes are kept", bytes)
		}
	}
	want := func(line string) {
		t.Helper()
		if dropped != line {
			t.Errorf("got %q, want %q", dropped, line)
		}
		dropped = ""
	}
	fill(0, 1)
	fill(1, MaxRivals)
	fill(2, MaxRivals)
	fill(3, 2)
	want("")
	fill(0, MaxRivals)
	want("too many sets at once: set 01000000, 256 of 200 codes, was forgotten: show it again later")
	fill(4, MaxRivals)
	want("too many sets at once: set 00000000, 256 of 200 codes, was forgotten: show it again later")
}

// keepOnly adds a random shard of the largest size without trying to rebuild
// anything, which would take its time and is not what the test is about.
func keepOnly(c *Collector, set byte, index int, rng *rand.Rand) string {
	const need = 200
	size := Base45.holds(MaxText) - headerLen - crcLen
	f := frame{header{0, ID{set}, shape{need * size, need}, index}, randomBytes(rng, size)}
	g, _ := c.find(f)
	if g == nil {
		g = c.open(f)
	}
	c.adds++
	if g.keep(f.index, f.shard) == added {
		g.grown = c.adds
	}
	var e Event
	c.makeRoom(g, &e)
	return e.Why
}

// Completed sets are remembered without their shards, and only so many.
func TestTooManyDone(t *testing.T) {
	c := newTestCollector()
	one := func(n int) string {
		return mustSplit(t, fmt.Appendf(nil, "payload %d", n), Base45, 100).Text(3, 0)
	}
	for n := range MaxDone + 1 {
		if e := c.Add(one(n)); e.State != Complete {
			t.Fatalf("%v %s", e.State, e.Why)
		}
	}
	if got := len(c.Progress()); got != MaxDone {
		t.Errorf("%d are remembered", got)
	}
	if e := c.Add(one(1)); e.State != AlreadyComplete {
		t.Errorf("%v", e.State)
	}
	if e := c.Add(one(0)); e.State != Complete || !bytes.Equal(e.Data, []byte("payload 0")) {
		t.Errorf("%v", e.State)
	}
	for _, g := range c.sets {
		if g.shards != nil || g.code != nil || g.kept != 0 {
			t.Errorf("%+v", g)
		}
	}
	if got := c.Texts(); len(got) != 0 {
		t.Errorf("%q", got)
	}
}
