package soft_test

import (
	"context"
	"crypto/ed25519"
	"path/filepath"
	"testing"

	"filippo.io/age"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/coproctest"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/engine"
	"github.com/gapferry/gapferry/coproc/soft"
)

func TestConformance(t *testing.T) {
	coproctest.Run(t, coproctest.Family{Create: func(t *testing.T, s coproc.Setup) (coproctest.Open, error) {
		dir := filepath.Join(t.TempDir(), "coprocessor")
		if err := engine.Create(t.Context(), dir, s, soft.Chip{}); err != nil {
			return nil, err
		}
		return func() (coproc.Coprocessor, error) { return engine.Open(context.Background(), dir, soft.Chip{}) }, nil
	}})
}

// The Refs are what they were before there was a chip: seeds, and identities as
// age writes them. A state keeps them so.
func TestRefs(t *testing.T) {
	seed, public, err := soft.Chip{}.NewSigner(t.Context())
	if err != nil || len(seed) != ed25519.SeedSize {
		t.Fatalf("%d bytes, %v", len(seed), err)
	}
	key, err := soft.Chip{}.Signer(t.Context(), seed)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := cosesig.NewPublicKey(key.Public()); err != nil || again != public {
		t.Errorf("another key: %v", err)
	}
	if _, err := (soft.Chip{}).Signer(t.Context(), seed[1:]); err == nil {
		t.Error("a seed of 31 bytes")
	}
	for _, shares := range []bool{false, true} {
		ref, recipient, err := soft.Chip{}.NewBox(t.Context(), shares)
		if err != nil {
			t.Fatal(err)
		}
		switch id, err := (soft.Chip{}).Box(t.Context(), ref); id := id.(type) {
		case *age.X25519Identity:
			if shares || err != nil || id.Recipient().String() != recipient || id.String() != string(ref) {
				t.Errorf("%v, %v", id.Recipient(), err)
			}
		case *age.HybridIdentity:
			if !shares || err != nil || id.Recipient().String() != recipient || id.String() != string(ref) {
				t.Errorf("%v, %v", id.Recipient(), err)
			}
		}
	}
	for _, bad := range []string{"", "AGE-SECRET-KEY-PQ-1", "AGE-SECRET-KEY-1", "age1"} {
		if _, err := (soft.Chip{}).Box(t.Context(), chip.Ref(bad)); err == nil {
			t.Errorf("%q is a box", bad)
		}
	}
}
