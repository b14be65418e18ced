package coproc

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc/box"
	"github.com/gapferry/gapferry/coproc/outside"
)

// ErrRecipient is wrapped by every refusal of a key that things are sealed to.
var ErrRecipient = errors.New("nothing can be sealed to the key")

// ParseBox reads a Box key of a family of chips: an X25519 recipient, "age1…", or
// of a chip that is none in software also a P-256 one, "age1tag1…". It refuses,
// with ErrRecipient, what is not one, is not in its one encoding, or cannot be
// sealed to.
func ParseBox(f Family, s string) (age.Recipient, error) {
	if f != Software && strings.HasPrefix(s, boxTag) {
		return parseTagged("Box", s)
	}
	r, err := age.ParseX25519Recipient(short(s))
	if err != nil {
		return nil, fmt.Errorf("%w: Box %s is not an X25519 recipient", ErrRecipient, outside.Text(s))
	}
	return r, sealable("Box", s, r.String(), r)
}

// ParseShareBox reads a ShareBox key, as ParseBox does: a post-quantum hybrid
// recipient, "age1pq1…", or of a chip "age1tagpq1…".
func ParseShareBox(f Family, s string) (age.Recipient, error) {
	if f != Software && strings.HasPrefix(s, shareBoxTag) {
		return parseTagged("ShareBox", s)
	}
	r, err := age.ParseHybridRecipient(short(s))
	if err != nil {
		return nil, fmt.Errorf("%w: ShareBox %s is not an ML-KEM-768 with X25519 recipient", ErrRecipient, outside.Text(s))
	}
	return r, sealable("ShareBox", s, r.String(), r)
}

// How the recipients begin whose private half has P-256.
const (
	boxTag      = "age1tag1"
	shareBoxTag = "age1tagpq1"
)

// parseTagged reads either of them.
func parseTagged(what, s string) (age.Recipient, error) {
	r, err := box.ParseRecipient(short(s))
	if err != nil {
		return nil, fmt.Errorf("%w: %s %s: %w", ErrRecipient, what, outside.Text(s), outside.Error(err))
	}
	return r, nil
}

// maxRecipient is more than the longest recipient has, in bytes.
const maxRecipient = 4096

// short is s, or nothing where that is too long to be looked at.
func short(s string) string {
	if len(s) > maxRecipient {
		return ""
	}
	return s
}

// sealable refuses a recipient that is not written in its one way, or that a
// file key cannot be sealed to. spelled is s as age writes it.
func sealable(what, s, spelled string, r age.Recipient) error {
	if s != spelled {
		return fmt.Errorf("%w: %s %s is not written in its one way", ErrRecipient, what, outside.Text(s))
	}
	if u := montgomery(s); new(big.Int).SetBytes(u).Cmp(p25519) >= 0 {
		return fmt.Errorf("%w: %s %s is not the one encoding of its point", ErrRecipient, what, outside.Text(s))
	}
	// A point of small order gives the shared secret zero, to everybody: age
	// refuses to use it.
	if _, err := r.Wrap(make([]byte, 16)); err != nil {
		return fmt.Errorf("%w: %s %s: %w", ErrRecipient, what, outside.Text(s), outside.Error(err))
	}
	return nil
}

// p25519 is the prime of Curve25519, 2^255 − 19 (RFC 7748 §4.1).
var p25519 = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))

// montgomery is the u-coordinate at the end of a recipient that age accepts,
// most significant byte first. Both kinds of recipient have it there. Every bit
// counts: X25519 leaves the highest out, so that a key had two forms.
func montgomery(s string) []byte {
	const alphabet, checksum, size = "qpzry9x8gf2tvdw0s3jn54khce6mua7l", 6, 32 // BIP 173
	data := s[strings.LastIndexByte(s, '1')+1 : len(s)-checksum]
	bits, n := 0, uint(0)
	var key []byte
	for _, c := range []byte(data) {
		bits, n = bits<<5|strings.IndexByte(alphabet, c), n+5
		if n >= 8 {
			n -= 8
			key = append(key, byte(bits>>n))
			bits &= 1<<n - 1
		}
	}
	u := bytes.Clone(key[len(key)-size:])
	for i, j := 0, size-1; i < j; i, j = i+1, j-1 {
		u[i], u[j] = u[j], u[i]
	}
	return u
}

// Check refuses, with ErrRecipient, keys of a node that nothing can be sealed
// to. It finds out by sealing something, so that whoever certifies them, or has
// to answer, need not.
func (k Keys) Check() error {
	if k.Sign.IsZero() || k.Audit.IsZero() {
		return errors.New("a key is missing")
	}
	if err := k.Family.check(); err != nil {
		return err
	}
	if k.Officers.IsZero() {
		return errors.New("the digest of the officers' keys is missing")
	}
	if _, err := ParseBox(k.Family, k.Box); err != nil {
		return err
	}
	if _, err := ParseBox(k.Family, k.Intake); err != nil {
		return fmt.Errorf("intake key: %w", err)
	}
	if k.ShareBox != "" {
		if _, err := ParseShareBox(k.Family, k.ShareBox); err != nil {
			return err
		}
	}
	if k.Shares != "" {
		return k.Shares.check()
	}
	return nil
}

// CheckRole refuses keys that do not go with a node's role: keys to receive
// shares and to sign receipts are a CSR node's, and no other's.
func (k Keys) CheckRole(role NodeRole) error {
	switch csr := role == CSR; {
	case csr != (k.ShareBox != ""), csr != (k.Shares != ""):
		return fmt.Errorf("a key to receive shares does not go with role %s", outside.Text(role))
	case csr == k.Receipt.IsZero():
		return fmt.Errorf("a key to sign receipts does not go with role %s", outside.Text(role))
	}
	if k.Wrap != "" && (role != CSR || k.Family == Software) {
		return fmt.Errorf("a key to wrap master keys for does not go with role %s and a coprocessor of kind %s", outside.Text(role), outside.Text(k.Family.String()))
	}
	return nil
}
