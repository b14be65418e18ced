package frame

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestForgedEvents(t *testing.T) {
	s := goldenSet(t, Base45)
	stuck := "the codes of set 34b9f028 do not fit together, at least one of them is forged: show more of them"
	differ := "two codes 1 of set 34b9f028 differ: one of them is forged"

	t.Run("another index", func(t *testing.T) {
		c := newTestCollector()
		run(t, c, []step{
			{forge(s, 9, flip(3, 1)), New, 1, "", ""},
			{s.Text(0, 0), New, 2, "", ""},
			{s.Text(1, 0), New, 3, stuck, ""},
			{s.Text(1, 0), Duplicate, 3, "", ""},
		})
		if p := c.Progress()[0]; !p.Contradiction || p.Complete {
			t.Errorf("%+v", p)
		}
		run(t, c, []step{{s.Text(2, 0), Complete, 4, "", goldenPayload}})
	})
	t.Run("the same index, forged first", func(t *testing.T) {
		run(t, newTestCollector(), []step{
			{forge(s, 0, flip(0, 1)), New, 1, "", ""},
			{s.Text(0, 0), Conflict, 1, differ, ""},
			{s.Text(0, 0), Duplicate, 1, "", ""},
			{s.Text(5, 0), New, 2, "", ""},
			{s.Text(6, 0), Complete, 3, "", goldenPayload},
		})
	})
	t.Run("the genuine one is what completes", func(t *testing.T) {
		run(t, newTestCollector(), []step{
			{s.Text(5, 0), New, 1, "", ""},
			{s.Text(6, 0), New, 2, "", ""},
			{forge(s, 0, flip(0, 1)), New, 3, stuck, ""},
			{s.Text(0, 0), Complete, 3, differ, goldenPayload},
		})
	})
	t.Run("more than are kept", func(t *testing.T) {
		c := newTestCollector()
		for i := range MaxRivals {
			c.Add(forge(s, 0, flip(0, byte(i+1))))
		}
		run(t, c, []step{
			{s.Text(0, 0), Conflict, 1, "more than 4 codes 1 of set 34b9f028 differ: this one is left out", ""},
			{s.Text(1, 0), New, 2, "", ""},
			{s.Text(2, 0), New, 3, stuck, ""},
			{s.Text(3, 0), Complete, 4, "", goldenPayload},
		})
	})
	t.Run("padding that is not zero", func(t *testing.T) {
		// Codes that fit together, of the payload that they name, but for the byte
		// after it: a second set of the same payload.
		forged := mustSplit(t, append([]byte(goldenPayload), 1), Base45, 54)
		forged.id, forged.length = s.id, s.length
		c := newTestCollector()
		for i := 3; i < 20; i++ {
			if e := c.Add(forged.Text(i, 0)); e.State == Complete {
				t.Fatal("completed")
			}
		}
	})
}

// A few forged codes, of every kind of forger, among genuine ones in any order:
// the set completes as soon as need + 2·forged different codes are there, often
// sooner, and always with the right bytes.
func TestForgedAmongGenuine(t *testing.T) {
	forgers := map[string]func(rng *rand.Rand, n int) func(*frame){
		"one bit":  func(rng *rand.Rand, n int) func(*frame) { return flip(n, 1) },
		"same bit": func(*rand.Rand, int) func(*frame) { return flip(0, 1) },
		"random": func(rng *rand.Rand, n int) func(*frame) {
			return func(f *frame) { copy(f.shard, randomBytes(rng, len(f.shard))) }
		},
		"zero": func(*rand.Rand, int) func(*frame) { return func(f *frame) { clear(f.shard) } },
	}
	for _, need := range []int{2, 3, 6, 22} {
		for name, forger := range forgers {
			for _, forged := range []int{1, 2, 3, 6} {
				t.Run(fmt.Sprintf("need %d, %d forged, %s", need, forged, name), func(t *testing.T) {
					rng := rand.New(rand.NewPCG(uint64(need), uint64(forged)))
					data := randomBytes(rng, need*37-5)
					s := mustSplit(t, data, Base45, Base45.length(headerLen+37+crcLen))
					order := rng.Perm(Total)[:need+2*forged]
					var texts []string
					for n, index := range order {
						if n < forged {
							texts = append(texts, forge(s, index, forger(rng, n)))
						} else {
							texts = append(texts, s.Text(index, 0))
						}
					}
					if rng.IntN(2) == 0 {
						rng.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
					}
					c := newTestCollector()
					for n, text := range texts {
						e := c.Add(text)
						if e.State == Complete {
							if !bytes.Equal(e.Data, data) {
								t.Fatal("completed wrongly")
							}
							return
						}
						if n == len(texts)-1 {
							t.Errorf("not complete with %d codes, %d of them forged", len(texts), forged)
						}
					}
				})
			}
		}
	}
}

// Half of the codes that are needed have a forged twin that came first: those
// without one suffice.
func TestForgedTwins(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 12))
	data := randomBytes(rng, 60*20)
	s := mustSplit(t, data, Base45, Base45.length(headerLen+20+crcLen))
	c := newTestCollector()
	for i := range 30 {
		c.Add(forge(s, i, flip(i, 1)))
		c.Add(s.Text(i, 0))
	}
	for i := 30; i < 90; i++ {
		e := c.Add(s.Text(i, 0))
		if e.State == Complete {
			if !bytes.Equal(e.Data, data) {
				t.Error("completed wrongly")
			}
			return
		}
	}
	t.Error("not complete with as many codes without a twin as are needed")
}

// A whole set whose codes fit together and whose digest is another one never
// completes, and does not hold up the genuine one of the same name.
func TestForgedSet(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	data := randomBytes(rng, 500)
	genuine := mustSplit(t, data, Base45, 120)
	forged := mustSplit(t, randomBytes(rng, 500), Base45, 120)
	forged.id = genuine.id
	c := newTestCollector()
	for i := range 40 {
		if e := c.Add(forged.Text(100+i, 0)); e.State == Complete {
			t.Fatal("a forged set completed")
		}
	}
	c = newTestCollector()
	for i := range 5 { // one code in three is forged
		c.Add(forged.Text(3*i, 0))
	}
	var e Event
	for i := 0; e.State != Complete && i < 60; i++ {
		e = c.Add(genuine.Text(i, 0))
	}
	if !bytes.Equal(e.Data, data) {
		t.Fatalf("%v %s", e.State, e.Why)
	}
}

// What locate promises: all forged points, whichever they are.
func TestLocate(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 200 {
		need := 1 + rng.IntN(60)
		s := mustSplit(t, randomBytes(rng, need*5), Base45, Base45.length(headerLen+5+crcLen))
		forged := rng.IntN(min(20, (Total-need)/2) + 1)
		points := rng.Perm(Total)[:need+2*forged+rng.IntN(2)]
		shards := make([][]byte, len(points))
		var want []bool
		for n, i := range points {
			shards[n] = slices.Clone(s.shards[i])
			if n < forged {
				shards[n][rng.IntN(5)] ^= byte(1 + rng.IntN(255))
			}
			want = append(want, n < forged)
		}
		got := locate(points, shards, need, rng)
		if forged == 0 && got == nil {
			continue
		}
		if !slices.Equal(got, want) {
			t.Fatalf("need %d, %d forged: %v", need, forged, got)
		}
	}
	if locate([]int{1}, [][]byte{{1}}, 9, rng) != nil {
		t.Error("too few points")
	}
}
