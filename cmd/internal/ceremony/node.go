package ceremony

import (
	"time"

	"github.com/gapferry/gapferry/cmd/internal/store"
)

// Node is a store with its coprocessor, at which officers can log on. What can be
// asked of the store while nobody does is in the parts that it is made of.
type Node struct {
	*store.Store
	sets
	standing
	registers
	recordTimes
	wanted
	overview
	outbox
	notes
}

// What a store's journal tells, by subject. None of them changes anything, or
// needs an officer.
type (
	sets        struct{ *store.Store } // share sets, and which of them were cancelled
	standing    struct{ *store.Store } // certificates, and which of them were revoked
	registers   struct{ *store.Store } // what is in the master-key registers
	recordTimes struct{ *store.Store } // what the records say of this machine's clock

	wanted struct { // what is to be brought
		*store.Store
		sets
	}
	overview struct { // where a store stands
		*store.Store
		sets
		standing
		registers
		recordTimes
	}
	outbox struct { // what was made, and may be handed out
		*store.Store
		sets
		standing
		registers
	}
	notes struct { // what a remark can be about
		*store.Store
		sets
		standing
	}
)

// nodeOf is the node of a store.
func nodeOf(s *store.Store) *Node {
	sets, standing, registers, times := sets{s}, standing{s}, registers{s}, recordTimes{s}
	return &Node{
		Store: s, sets: sets, standing: standing, registers: registers, recordTimes: times,
		wanted:   wanted{s, sets},
		overview: overview{s, sets, standing, registers, times},
		outbox:   outbox{s, sets, standing, registers},
		notes:    notes{s, sets, standing},
	}
}

// Open opens a store to work in it.
func Open(dir string, b store.Backend, now func() time.Time) (*Node, error) {
	s, err := store.Open(dir, b, now)
	if err != nil {
		return nil, err
	}
	return nodeOf(s), nil
}

// Look opens a store to read what its journal says, as store.Look does.
func Look(dir string, now func() time.Time) (*Node, error) {
	s, err := store.Look(dir, now)
	if err != nil {
		return nil, err
	}
	return nodeOf(s), nil
}
