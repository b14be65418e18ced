package coproc

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/coproc/detcbor"
)

// ShareKeySize is the length in bytes of the key that one share is sealed to
// inside: X25519 (RFC 7748).
const ShareKeySize = 32

// ShareKeys are the keys of a target's share officers, one after the other in
// the order of the shares. A share is sealed to its officer's key, and around
// that to the ShareBox: one who has either alone does not read it. It is a string,
// so that keys compare with ==; the zero value is none.
type ShareKeys string

// NewShareKeys puts keys together.
func NewShareKeys(keys ...*ecdh.PublicKey) ShareKeys {
	var all []byte
	for _, k := range keys {
		all = append(all, k.Bytes()...)
	}
	return ShareKeys(all)
}

// Count is how many there are.
func (k ShareKeys) Count() int { return len(k) / ShareKeySize }

// Key is that of share i, from 1 to Count.
func (k ShareKeys) Key(i int) []byte { return []byte(k[(i-1)*ShareKeySize : i*ShareKeySize]) }

// MarshalCBOR writes one byte string.
func (k ShareKeys) MarshalCBOR() ([]byte, error) { return detcbor.Marshal([]byte(k)) }

// UnmarshalCBOR is the reverse.
func (k *ShareKeys) UnmarshalCBOR(b []byte) error {
	var all []byte
	if err := detcbor.Unmarshal(b, &all); err != nil {
		return err
	}
	*k = ShareKeys(all)
	return nil
}

// check refuses, with ErrRecipient, what is not one key for each of some shares,
// a key that nothing can be sealed to, or that is there twice: it would read
// two shares.
func (k ShareKeys) check() error {
	if k == "" || len(k)%ShareKeySize != 0 || k.Count() > MaxShares {
		return fmt.Errorf("%w: the share keys have %d bytes, where each of 1 to %d has %d", ErrRecipient, len(k), MaxShares, ShareKeySize)
	}
	for i := 1; i <= k.Count(); i++ {
		u := k.Key(i)
		slices.Reverse(u)
		if bytes.Compare(u, p25519.Bytes()) >= 0 {
			return fmt.Errorf("%w: share key %d is not the one encoding of its point", ErrRecipient, i)
		}
		if _, err := SealShare(k.Key(i), Digest{}, []byte{0}); err != nil {
			return fmt.Errorf("%w: share key %d: %v", ErrRecipient, i, err)
		}
		for j := 1; j < i; j++ {
			if bytes.Equal(k.Key(i), k.Key(j)) {
				return fmt.Errorf("%w: shares %d and %d have the same key", ErrRecipient, j, i)
			}
		}
	}
	return nil
}

// shareDomain keeps a sealed share from being taken for anything else that HPKE
// seals.
const shareDomain = "gapferry share v1"

// SealedShare is how many bytes longer a share is once it is sealed inside: the
// encapsulated key, 32, and the tag, 16.
const SealedShare = 48

// SealShare seals a share to a share key, for the bundle of which the header has
// this digest: HPKE (RFC 9180) in base mode, DHKEM(X25519, HKDF-SHA256),
// HKDF-SHA256 and ChaCha20Poly1305, info "gapferry share v1" and the digest,
// without additional data. The result is the encapsulated key and the ciphertext.
func SealShare(key []byte, context Digest, share []byte) ([]byte, error) {
	public, err := ecdh.X25519().NewPublicKey(key)
	if err != nil {
		return nil, err
	}
	to, err := hpke.NewDHKEMPublicKey(public)
	if err != nil {
		return nil, err
	}
	return hpke.Seal(to, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), shareInfo(context), share)
}

// OpenShare is the reverse of SealShare; private is of 32 bytes. The caller
// overwrites the share.
func OpenShare(private []byte, context Digest, sealed []byte) ([]byte, error) {
	key, err := ecdh.X25519().NewPrivateKey(private)
	if err != nil {
		return nil, err
	}
	own, err := hpke.NewDHKEMPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return hpke.Open(own, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), shareInfo(context), sealed)
}

func shareInfo(context Digest) []byte { return append([]byte(shareDomain), context[:]...) }
