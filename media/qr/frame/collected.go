package frame

import (
	"bytes"

	"github.com/klauspost/reedsolomon"
)

// collected is a set while its codes come in, and afterwards its name.
type collected struct {
	id ID
	shape
	done bool

	shards   [][][]byte // of each index, every different shard that was read
	got      int        // indices with at least one shard
	disputed int        // indices with more than one
	kept     int        // bytes in shards
	grown    int        // when a code was last added, in Adds
	code     reedsolomon.Encoder
}

// outcome is what keeping a shard did.
type outcome int

const (
	added   outcome = iota // the index was missing
	known                  // the same shard is there
	rival                  // the index has another shard; this one is kept too
	tooMany                // the index has MaxRivals others
)

// keep adds a shard. One that differs from what its index has is kept beside
// it: which one is genuine only the digest of the whole can tell.
func (g *collected) keep(index int, shard []byte) outcome {
	there := g.shards[index]
	for _, s := range there {
		if bytes.Equal(s, shard) {
			return known
		}
	}
	if len(there) == MaxRivals {
		return tooMany
	}
	g.shards[index] = append(there, shard)
	g.kept += len(shard)
	switch len(there) {
	case 0:
		g.got++
		return added
	case 1:
		g.disputed++
	}
	return rival
}

// have lists the indices that are there, in order.
func (g *collected) have() []int {
	var list []int
	for i, there := range g.shards {
		if len(there) > 0 {
			list = append(list, i)
		}
	}
	return list
}

// finish keeps the name and forgets the rest.
func (g *collected) finish() {
	*g = collected{id: g.id, shape: g.shape, done: true}
}
