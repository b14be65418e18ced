package frame

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Collector gathers codes until they rebuild what was shown. Sets progress
// apart from each other. It is not safe for use by several goroutines at once.
type Collector struct {
	sets []*collected // in order of first appearance
	adds int          // how often a frame came
	rng  *rand.Rand   // which codes are tried first: not to be foreseen by who forges them
}

// NewCollector gives an empty one.
func NewCollector() *Collector { return &Collector{} }

// Add takes the text of one code, exactly as it was read. It never fails and
// never panics; memory and work are bounded (see MaxSets and those below it).
// A text may come in any order and any number of times, in either Form.
func (c *Collector) Add(text string) Event {
	if strings.HasPrefix(text, hashPrefix) {
		if _, err := ParseHashText(text); err != nil {
			return Event{State: Damaged, Why: err.Error()}
		}
		return Event{State: HashCard, Why: "an SA-key hash card: it is read when the hash is asked for"}
	}
	f, _, refused := parse(text)
	if refused != nil {
		return Event{State: refused.state, Why: refused.why}
	}
	c.adds++
	if c.rng == nil {
		c.rng = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	return c.add(f)
}

func (c *Collector) add(f frame) Event {
	e := Event{State: New, Set: f.id, Index: f.index, Need: f.need}
	g, related := c.find(f)
	switch {
	case g == nil && related == nil:
		g = c.open(f)
	case g == nil && !related.done:
		g = c.open(f)
		e.State = Conflict
		e.note(fmt.Sprintf("a code of set %s cut up in another way: %s, not %s: they are gathered apart", f.id.short(), f.shape, related.shape))
	case g == nil && related.length != f.length:
		e.State = Conflict
		e.note(fmt.Sprintf("a forged code: set %s was completed and has %d bytes, not %d", f.id.short(), related.length, f.length))
		return e
	case g == nil || g.done:
		e.State, e.Got = AlreadyComplete, e.Need
		e.note(fmt.Sprintf("a code of set %s, which was completed before", f.id.short()))
		return e
	}
	switch g.keep(f.index, f.shard) {
	case added:
		g.grown = c.adds
	case known:
		e.State = Duplicate
	case rival:
		e.State = Conflict
		e.note(fmt.Sprintf("two codes %d of set %s differ: one of them is forged", f.index+1, f.id.short()))
	case tooMany:
		e.State = Conflict
		e.note(fmt.Sprintf("more than %d codes %d of set %s differ: this one is left out", MaxRivals, f.index+1, f.id.short()))
	}
	e.Got = g.got
	if data := g.solve(c.rng); data != nil {
		e.State, e.Data = Complete, data
		c.complete(g)
		return e
	}
	if g.got >= g.need && e.State == New {
		e.note(fmt.Sprintf("the codes of set %s do not fit together, at least one of them is forged: show more of them", g.id.short()))
	}
	c.makeRoom(g, &e)
	return e
}

// find gives the set of a frame, or one with the same name and another shape.
func (c *Collector) find(f frame) (g, related *collected) {
	for _, s := range c.sets {
		if s.id != f.id {
			continue
		}
		if s.shape == f.shape {
			return s, nil
		}
		related = s
	}
	return nil, related
}

// open begins a set.
func (c *Collector) open(f frame) *collected {
	g := &collected{id: f.id, shape: f.shape, shards: make([][][]byte, Total)}
	c.sets = append(c.sets, g)
	return g
}

// makeRoom drops sets until those that are open keep within the bounds, never
// current: first those of which one code came, which anybody can make many of,
// and among equals the one that has waited longest for a code that it did not have.
func (c *Collector) makeRoom(current *collected, e *Event) {
	for {
		open, bytes := 0, 0
		var idle *collected
		for _, s := range c.sets {
			if s.done {
				continue
			}
			open++
			bytes += s.kept
			if s != current && (idle == nil || s.sooner(idle)) {
				idle = s
			}
		}
		if open <= MaxSets && bytes <= MaxBytes || idle == nil {
			return
		}
		e.note(fmt.Sprintf("too many sets at once: set %s, %d of %d codes, was forgotten: show it again later", idle.id.short(), idle.got, idle.need))
		c.sets = slices.DeleteFunc(c.sets, func(s *collected) bool { return s == idle })
	}
}

// sooner reports whether a set is to be forgotten sooner than another one.
func (g *collected) sooner(other *collected) bool {
	if one, two := g.got < 2, other.got < 2; one != two {
		return one
	}
	return g.grown < other.grown
}

// complete forgets all of a set but its name, and with it those of the same name:
// its payload is known now.
func (c *Collector) complete(g *collected) {
	g.finish()
	done := 0
	for _, s := range c.sets {
		if s.done {
			done++
		}
	}
	c.sets = slices.DeleteFunc(c.sets, func(s *collected) bool {
		if s.done && done > MaxDone {
			done--
			return true
		}
		return s != g && s.id == g.id
	})
}

// Progress tells how far each set is, in order of first appearance.
func (c *Collector) Progress() []Progress {
	var list []Progress
	for _, g := range c.sets {
		p := Progress{Set: g.id, Length: g.length, Got: g.got, Need: g.need, Complete: g.done, Have: g.have()}
		p.Contradiction = !g.done && g.got >= g.need
		if g.done {
			p.Got = g.need
		}
		list = append(list, p)
	}
	return list
}

// Texts gives a text for every code that is kept of unfinished sets, in Base45,
// whatever they were read as. Another Collector to which they are added is as
// far as this one: a capture that was stopped goes on. A text has no line end
// in it, so they can be the lines of a file.
func (c *Collector) Texts() []string {
	var list []string
	for _, g := range c.sets {
		for i, there := range g.shards {
			for _, shard := range there {
				list = append(list, Base45.encode(frame{header{0, g.id, g.shape, i}, shard}.bytes()))
			}
		}
	}
	return list
}
