package coproc

import (
	"bytes"
	"crypto/ecdh"
	"encoding/hex"
	"testing"

	"github.com/gapferry/gapferry/coproc/detcbor"
)

// shareKey is the private key of share i.
func shareKey(t *testing.T, i int) *ecdh.PrivateKey {
	t.Helper()
	k, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{byte(i)}, ShareKeySize))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func goodShares(t *testing.T) ShareKeys {
	t.Helper()
	return NewShareKeys(shareKey(t, 1).PublicKey(), shareKey(t, 2).PublicKey(), shareKey(t, 3).PublicKey())
}

// pointOf is a point of noPoints.
func pointOf(t *testing.T, name string) string {
	t.Helper()
	b, err := hex.DecodeString(noPoints[name])
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestSealShare(t *testing.T) {
	keys, share, context := goodShares(t), bytes.Repeat([]byte{7}, 24), Digest{1}
	if err := keys.check(); err != nil || keys.Count() != 3 {
		t.Fatalf("%d keys, %v", keys.Count(), err)
	}
	sealed, err := SealShare(keys.Key(2), context, share)
	if err != nil || len(sealed) != len(share)+SealedShare {
		t.Fatalf("%d bytes, %v", len(sealed), err)
	}
	open := func(i int, context Digest, sealed []byte) bool {
		got, err := OpenShare(shareKey(t, i).Bytes(), context, sealed)
		return err == nil && bytes.Equal(got, share)
	}
	if !open(2, context, sealed) {
		t.Error("its officer does not read it")
	}
	if open(1, context, sealed) || open(3, context, sealed) {
		t.Error("another officer reads it")
	}
	if open(2, Digest{2}, sealed) {
		t.Error("it opens in another bundle")
	}
	for i := range sealed {
		b := bytes.Clone(sealed)
		b[i] ^= 1
		if open(2, context, b) {
			t.Errorf("it opens with byte %d changed", i)
		}
	}
	for n := range sealed {
		if open(2, context, sealed[:n]) {
			t.Errorf("%d bytes of it open", n)
		}
	}
}

// The keys are one byte string.
func TestShareKeysEncoded(t *testing.T) {
	keys := goodShares(t)
	b, err := detcbor.Marshal(keys)
	if want := append([]byte{0x58, 96}, keys...); err != nil || !bytes.Equal(b, want) {
		t.Fatalf("%x, %v", b, err)
	}
	var again ShareKeys
	if err := detcbor.Unmarshal(b, &again); err != nil || again != keys {
		t.Errorf("%x, %v", again, err)
	}
}
