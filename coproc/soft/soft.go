// Package soft is a chip in software: package engine over it is a coprocessor
// with the semantics of IBM's CCA and no device.
//
// It is NOT defended against the operating system of the machine it runs on.
// A Ref of it is the key itself: the keys are in the memory of the host while an
// officer is logged on, and whoever owns the host can read them there. At rest
// they are in the engine's sealed state and nowhere else: see package engine
// for what that promises. Secrets are overwritten in memory when their use ends,
// but Go's run time, age, the CBOR encoder and strings leave copies that no
// program can reach; core dumps and swap are the host's.
package soft

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// Chip is the chip in software. It has no state of its own.
type Chip struct{}

var (
	_ chip.Chip   = Chip{}
	_ chip.Weaker = Chip{}
	_ chip.Naked  = Chip{}
)

// Family is coproc.Software.
func (Chip) Family() coproc.Family { return coproc.Software }

// Guards are none: everything is the host's.
func (Chip) Guards() []coproc.Guard { return nil }

// Device is none.
func (Chip) Device() (string, error) { return "", nil }

// Naked says that a Ref is the key.
func (Chip) Naked() {}

// NewSigner makes an Ed25519 key. The Ref is its seed, 32 bytes (RFC 8032 §5.1.5).
func (Chip) NewSigner(context.Context) (chip.Ref, coproc.PublicKey, error) {
	pub, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, coproc.PublicKey{}, err
	}
	public, err := cosesig.NewPublicKey(pub)
	if err != nil {
		return nil, coproc.PublicKey{}, err
	}
	return private.Seed(), public, nil
}

// errRef is of a state that another chip made.
var errRef = errors.New("not a key of the chip in software")

// Signer is the key of a seed.
func (Chip) Signer(_ context.Context, seed chip.Ref) (crypto.Signer, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%w: %d bytes", errRef, len(seed))
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// NewBox makes an X25519 key or, for shares, a hybrid one of ML-KEM-768 with
// X25519. The Ref is the identity as age writes it.
func (Chip) NewBox(_ context.Context, shares bool) (chip.Ref, string, error) {
	if shares {
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			return nil, "", err
		}
		return chip.Ref(id.String()), id.Recipient().String(), nil
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, "", err
	}
	return chip.Ref(id.String()), id.Recipient().String(), nil
}

// hybridPrefix is how age writes a hybrid identity (age1pq).
const hybridPrefix = "AGE-SECRET-KEY-PQ-1"

// Box is the identity that age reads.
func (Chip) Box(_ context.Context, ref chip.Ref) (age.Identity, error) {
	if strings.HasPrefix(string(ref[:min(len(ref), len(hybridPrefix))]), hybridPrefix) {
		return age.ParseHybridIdentity(string(ref))
	}
	return age.ParseX25519Identity(string(ref))
}

// Generate draws a key. A weak one is drawn again.
func (Chip) Generate(_ context.Context, c coproc.Class) (chip.Ref, error) {
	key := make(chip.Ref, c.Size())
	for weak(c, key) {
		rand.Read(key)
		if c == coproc.SymMK {
			setOddParity(key)
		}
	}
	return key, nil
}

// Load copies the key.
func (Chip) Load(_ context.Context, _ coproc.Class, key []byte) (chip.Ref, error) {
	return bytes.Clone(key), nil
}

// Pattern is CCA's: see coproc.Pattern.
func (Chip) Pattern(_ context.Context, c coproc.Class, key chip.Ref) (coproc.Pattern, error) {
	return patternOf(c, key), nil
}

// Weak is CCA 8/703.
func (Chip) Weak(c coproc.Class, key chip.Ref) bool { return weak(c, key) }

// Export copies the key. No software can bind it to its target; sealing the
// shares does.
func (Chip) Export(_ context.Context, _ coproc.Class, key chip.Ref, _ coproc.PublicKey, _ coproc.Claims) ([]byte, error) {
	return bytes.Clone(key), nil
}

// BlobSize is the size of a key.
func (Chip) BlobSize(c coproc.Class, _ chip.Ref) int { return c.Size() }

// Import copies the key.
func (Chip) Import(_ context.Context, c coproc.Class, _ chip.Ref, key []byte) (chip.Ref, error) {
	if len(key) != c.Size() {
		return nil, fmt.Errorf("%w: a %s of %d bytes", coproc.ErrShareDamaged, c, len(key))
	}
	return bytes.Clone(key), nil
}

// Drop does nothing: a key is where its Ref is, which the engine overwrites.
func (Chip) Drop(...chip.Ref) {}

// Close does nothing.
func (Chip) Close() error { return nil }
