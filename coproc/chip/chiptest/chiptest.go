// Package chiptest is a chip for tests that is in all things another one than
// package soft: it signs with ES256, opens with P-256, tells keys by handles, has patterns of its
// own, does not know weak keys, and gives a master key out only wrapped for the
// key of another such chip. What runs on both knows neither.
package chiptest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/box"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// Family is the token's.
const Family coproc.Family = "test"

// Token is a chip whose keys are in its memory. It outlives being closed, as a
// device does.
type Token struct {
	serial string
	mu     sync.Mutex
	keys   map[string]any // by Ref
}

var (
	_ chip.Chip    = (*Token)(nil)
	_ chip.Wrapper = (*Token)(nil)
)

// New makes an empty token.
func New() *Token { return &Token{serial: rand.Text(), keys: map[string]any{}} }

// Len is the number of keys in it.
func (t *Token) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.keys)
}

// Family is Family.
func (t *Token) Family() coproc.Family { return Family }

// Guards are those of a token without a clock, a PIN or a count.
func (t *Token) Guards() []coproc.Guard {
	return []coproc.Guard{
		{Act: coproc.GuardedSign, By: coproc.GuardChip}, {Act: coproc.GuardedOpen, By: coproc.GuardChip},
		{Act: coproc.GuardedMake, By: coproc.GuardChip}, {Act: coproc.GuardedKeep, By: coproc.GuardChip},
		{Act: coproc.GuardedPattern, By: coproc.GuardChip}, {Act: coproc.GuardedTake, By: coproc.GuardChip},
		{Act: coproc.GuardedRelease, By: coproc.GuardWrapped},
	}
}

// Device is the token's serial number.
func (t *Token) Device() (string, error) { return t.serial, nil }

// errHandle is of a Ref that the token has no such key for.
var errHandle = errors.New("no such key in the token")

// handleSize is the length of a Ref in bytes.
const handleSize = 12

func (t *Token) put(key any) chip.Ref {
	handle := make(chip.Ref, handleSize)
	rand.Read(handle)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keys[string(handle)] = key
	return handle
}

func get[K any](t *Token, handle chip.Ref) (K, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key, ok := t.keys[string(handle)].(K)
	if !ok {
		return key, fmt.Errorf("%w: %x", errHandle, []byte(handle))
	}
	return key, nil
}

// NewSigner makes a P-256 key.
func (t *Token) NewSigner(context.Context) (chip.Ref, coproc.PublicKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, coproc.PublicKey{}, err
	}
	public, err := cosesig.NewPublicKey(key.Public())
	if err != nil {
		return nil, coproc.PublicKey{}, err
	}
	return t.put(key), public, nil
}

// Signer is a handle to such a key, which nothing but crypto.Signer can be asked of.
func (t *Token) Signer(_ context.Context, handle chip.Ref) (crypto.Signer, error) {
	key, err := get[*ecdsa.PrivateKey](t, handle)
	if err != nil {
		return nil, err
	}
	return struct{ crypto.Signer }{key}, nil
}

// NewBox makes a P-256 key. The ML-KEM-768 half of one for shares is not the
// token's: its seed is in the Ref, behind the handle, as TPMs need it.
func (t *Token) NewBox(_ context.Context, shares bool) (chip.Ref, string, error) {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, "", err
	}
	var seed []byte
	if shares {
		seed = make([]byte, box.HybridSeedSize)
		rand.Read(seed)
	}
	id, err := newIdentity(key.PublicKey(), seed, key.ECDH)
	if err != nil {
		return nil, "", err
	}
	return append(t.put(key), seed...), id.Recipient().String(), nil
}

// newIdentity is a hybrid one where there is a seed.
func newIdentity(point *ecdh.PublicKey, seed []byte, agree box.Agree) (*box.Identity, error) {
	if len(seed) > 0 {
		return box.NewHybridIdentity(point, seed, agree)
	}
	return box.NewIdentity(point, agree)
}

// NewBoxKey is a key that no token has, and its recipient.
func NewBoxKey(shares bool) (age.Identity, string, error) {
	t := New()
	ref, recipient, err := t.NewBox(context.Background(), shares)
	if err != nil {
		return nil, "", err
	}
	id, err := t.Box(context.Background(), ref)
	return id, recipient, err
}

// Box is a handle to such a key. The token does nothing but the key agreement,
// and gives the coordinate as TPMs do, without the zeros at its beginning.
func (t *Token) Box(_ context.Context, ref chip.Ref) (age.Identity, error) {
	n := min(len(ref), handleSize)
	handle, seed := bytes.Clone(ref[:n]), ref[n:]
	key, err := get[*ecdh.PrivateKey](t, handle)
	if err != nil {
		return nil, err
	}
	return newIdentity(key.PublicKey(), seed, func(point *ecdh.PublicKey) ([]byte, error) {
		key, err := get[*ecdh.PrivateKey](t, handle)
		if err != nil {
			return nil, err
		}
		x, err := key.ECDH(point)
		return bytes.TrimLeft(x, "\x00"), err
	})
}

// masterKey is a key of a class.
type masterKey struct {
	class coproc.Class
	key   []byte
}

// Generate draws a key.
func (t *Token) Generate(_ context.Context, c coproc.Class) (chip.Ref, error) {
	key := make([]byte, c.Size())
	rand.Read(key)
	return t.put(masterKey{c, key}), nil
}

// Load takes a key in.
func (t *Token) Load(_ context.Context, c coproc.Class, key []byte) (chip.Ref, error) {
	return t.put(masterKey{c, bytes.Clone(key)}), nil
}

// Pattern is the first 8 bytes of an HMAC-SHA256 by the key over a label.
func (t *Token) Pattern(_ context.Context, c coproc.Class, handle chip.Ref) (coproc.Pattern, error) {
	k, err := get[masterKey](t, handle)
	if err != nil || k.class != c {
		return coproc.Pattern{}, fmt.Errorf("%w: a %s", errHandle, c)
	}
	return PatternOf(c, k.key), nil
}

// PatternOf is the pattern of a key that is known.
func PatternOf(c coproc.Class, key []byte) coproc.Pattern {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("pattern of a " + c))
	return coproc.Pattern(h.Sum(nil)[:8])
}

// NewWrapKey is the public half of a wrap key that no token has.
func NewWrapKey() (coproc.WrapKey, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	return coproc.WrapKey(id.Recipient().String()), nil
}

// target is a wrap key.
type target struct{ *age.X25519Identity }

// NewTarget makes a wrap key.
func (t *Token) NewTarget(context.Context) (chip.Ref, coproc.WrapKey, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, "", err
	}
	return t.put(target{id}), coproc.WrapKey(id.Recipient().String()), nil
}

// CheckTarget wants a wrap key in the claims.
func (t *Token) CheckTarget(c coproc.Claims) error {
	if _, err := age.ParseX25519Recipient(string(c.Keys.Wrap)); err != nil {
		return fmt.Errorf("%w: it has no key to wrap master keys for", coproc.ErrCertificate)
	}
	return nil
}

// Export wraps a master key for the wrap key of the claims.
func (t *Token) Export(_ context.Context, c coproc.Class, handle chip.Ref, _ coproc.PublicKey, claims coproc.Claims) ([]byte, error) {
	k, err := get[masterKey](t, handle)
	if err != nil || k.class != c {
		return nil, fmt.Errorf("%w: a %s", errHandle, c)
	}
	to, err := age.ParseX25519Recipient(string(claims.Keys.Wrap))
	if err != nil {
		return nil, err
	}
	var blob bytes.Buffer
	w, err := age.Encrypt(&blob, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(k.key); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return blob.Bytes(), nil
}

// overhead is what age adds to a short file for one X25519 recipient, in bytes.
const overhead = 200

// BlobSize is an age file's.
func (t *Token) BlobSize(c coproc.Class, _ chip.Ref) int { return c.Size() + overhead }

// Import unwraps a master key.
func (t *Token) Import(_ context.Context, c coproc.Class, handle chip.Ref, blob []byte) (chip.Ref, error) {
	id, err := get[target](t, handle)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(blob), id)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", coproc.ErrShareDamaged, err)
	}
	key, err := io.ReadAll(r)
	if err != nil || len(key) != c.Size() {
		return nil, fmt.Errorf("%w: %d bytes of a %s, %v", coproc.ErrShareDamaged, len(key), c, err)
	}
	return t.put(masterKey{c, key}), nil
}

// Drop destroys keys.
func (t *Token) Drop(handles ...chip.Ref) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range handles {
		delete(t.keys, string(h[:min(len(h), handleSize)])) // a seed may be behind it
	}
}

// Close leaves the keys where they are.
func (t *Token) Close() error { return nil }
