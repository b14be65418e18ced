package main

import (
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/ceremonytest"
)

// From wherever honest people get into, what the program says leads to the end.
func TestWalks(t *testing.T) {
	skipShort(t)
	few := 2
	if long {
		few = 60
	}
	ceremonytest.Walks(t, few, hint)
}

// Histories that once led nowhere, or to a false word.
func TestDirectedWalks(t *testing.T) {
	skipShort(t)
	ceremonytest.Directed(t, long, hint)
}
