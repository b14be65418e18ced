// Package box seals to keys whose private half a chip keeps: P-256, which chips
// have where they do not have X25519, and P-256 with ML-KEM-768 against a
// quantum computer. The stanzas and the recipients are those of age's tagged
// recipients (C2SP age, "p256tag" and "mlkem768p256tag"), so that any age opens
// and seals the same files.
//
// An Identity asks of a chip one thing only: the P-256 key agreement.
package box

import (
	"crypto/ecdh"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/mlkem"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"filippo.io/age"
)

// Sizes in bytes.
const (
	compressedSize = 1 + 32                                    // a point (SEC 1 §2.3.3)
	pointSize      = 1 + 32 + 32                               // uncompressed
	hybridSize     = mlkem.EncapsulationKeySize768 + pointSize // ML-KEM's first
	tagSize        = 4
	// HybridSeedSize is that of the ML-KEM-768 half of a private key, d ‖ z (FIPS 203 §7.1).
	HybridSeedSize = mlkem.SeedSize
)

// kind is what tells the two kinds of recipient apart.
type kind struct {
	hrp     string // of the recipient
	stanza  string // its type
	encSize int    // of the encapsulated key, in bytes
	kem     hpke.KEM
	labels  []string // see age.RecipientWithLabels
}

var (
	classic = &kind{"age1tag", "p256tag", pointSize, hpke.DHKEM(ecdh.P256()), nil}
	hybrid  = &kind{"age1tagpq", "mlkem768p256tag", mlkem.CiphertextSize768 + pointSize, hpke.MLKEM768P256(), []string{"postquantum"}}
)

// info is what HPKE binds (RFC 9180 §5.1).
func (k *kind) info() string { return "age-encryption.org/" + k.stanza }

// Recipient is a P-256 key, or a P-256 key with an ML-KEM-768 one.
type Recipient struct {
	kind *kind
	key  hpke.PublicKey
	p256 *ecdh.PublicKey
}

var _ age.RecipientWithLabels = (*Recipient)(nil)

var errRecipient = errors.New("not a recipient age1tag1… or age1tagpq1…")

// ParseRecipient reads "age1tag1…", 67 characters, or "age1tagpq1…", 2015
// characters, in lower case and in its one encoding. The point is on its curve
// and the ML-KEM key passes the check of FIPS 203 §7.2, so that something can be
// sealed to it.
func ParseRecipient(s string) (*Recipient, error) {
	hrp, data, err := decodeBech32(s)
	if err != nil {
		return nil, err
	}
	switch hrp {
	case classic.hrp:
		return parseClassic(data)
	case hybrid.hrp:
		return parseHybrid(data)
	}
	return nil, errRecipient
}

func parseClassic(data []byte) (*Recipient, error) {
	if len(data) != compressedSize {
		return nil, fmt.Errorf("a P-256 point of %d bytes", len(data))
	}
	x, y := elliptic.UnmarshalCompressed(elliptic.P256(), data)
	if x == nil {
		return nil, errors.New("not a point of P-256")
	}
	point := slices.Concat([]byte{4}, x.FillBytes(make([]byte, 32)), y.FillBytes(make([]byte, 32)))
	p256, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return nil, err
	}
	return NewRecipient(p256)
}

func parseHybrid(data []byte) (*Recipient, error) {
	if len(data) != hybridSize {
		return nil, fmt.Errorf("an ML-KEM-768 key with a P-256 point of %d bytes", len(data))
	}
	lattice, err := mlkem.NewEncapsulationKey768(data[:mlkem.EncapsulationKeySize768])
	if err != nil {
		return nil, err
	}
	p256, err := ecdh.P256().NewPublicKey(data[mlkem.EncapsulationKeySize768:])
	if err != nil {
		return nil, err
	}
	return newHybrid(lattice, p256)
}

// NewRecipient is the recipient of a P-256 key.
func NewRecipient(p256 *ecdh.PublicKey) (*Recipient, error) {
	key, err := hpke.NewDHKEMPublicKey(p256)
	if err != nil {
		return nil, err
	}
	return newRecipient(classic, key, p256)
}

// NewHybridRecipient is the recipient of a P-256 key and the ML-KEM-768 key that
// a seed of HybridSeedSize bytes makes.
func NewHybridRecipient(p256 *ecdh.PublicKey, seed []byte) (*Recipient, error) {
	lattice, err := mlkem.NewDecapsulationKey768(seed)
	if err != nil {
		return nil, err
	}
	return newHybrid(lattice.EncapsulationKey(), p256)
}

func newHybrid(lattice *mlkem.EncapsulationKey768, p256 *ecdh.PublicKey) (*Recipient, error) {
	key, err := hpke.NewHybridPublicKey(lattice, p256)
	if err != nil {
		return nil, err
	}
	return newRecipient(hybrid, key, p256)
}

// newRecipient refuses a key of another curve.
func newRecipient(k *kind, key hpke.PublicKey, p256 *ecdh.PublicKey) (*Recipient, error) {
	if p256.Curve() != ecdh.P256() || key.KEM().ID() != k.kem.ID() {
		return nil, errors.New("not a key of P-256")
	}
	return &Recipient{kind: k, key: key, p256: p256}, nil
}

// Hybrid reports whether a quantum computer does not open what is sealed to r.
func (r *Recipient) Hybrid() bool { return r.kind == hybrid }

// P256 is the point of r.
func (r *Recipient) P256() *ecdh.PublicKey { return r.p256 }

// String is r as ParseRecipient reads it.
func (r *Recipient) String() string {
	if r.Hybrid() {
		return encodeBech32(r.kind.hrp, r.key.Bytes())
	}
	return encodeBech32(r.kind.hrp, r.compressed())
}

// compressed is the point as SEC 1 §2.3.3 compresses it.
func (r *Recipient) compressed() []byte {
	point := r.p256.Bytes()
	return slices.Concat([]byte{2 + point[pointSize-1]&1}, point[1:compressedSize])
}

// tagged is what the tag of a stanza is made from: the point of r, as its kind
// writes it.
func (r *Recipient) tagged() []byte {
	if r.Hybrid() {
		return r.p256.Bytes()
	}
	return r.compressed()
}

// tag tells whoever has r that a stanza is for it, but for one in 2³² that is not.
func (r *Recipient) tag(enc []byte) ([]byte, error) {
	hash := sha256.Sum256(r.tagged())
	tag, err := hkdf.Extract(sha256.New, slices.Concat(enc, hash[:tagSize]), []byte(r.kind.info()))
	if err != nil {
		return nil, err
	}
	return tag[:tagSize], nil
}

// base is how age writes bytes in a stanza.
var base = base64.RawStdEncoding.Strict()

// Wrap implements age.Recipient.
func (r *Recipient) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	enc, sender, err := hpke.NewSender(r.key, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), []byte(r.kind.info()))
	if err != nil {
		return nil, err
	}
	body, err := sender.Seal(nil, fileKey)
	if err != nil {
		return nil, err
	}
	tag, err := r.tag(enc)
	if err != nil {
		return nil, err
	}
	args := []string{base.EncodeToString(tag), base.EncodeToString(enc)}
	return []*age.Stanza{{Type: r.kind.stanza, Args: args, Body: body}}, nil
}

// WrapWithLabels implements age.RecipientWithLabels: a hybrid recipient goes
// with no other kind.
func (r *Recipient) WrapWithLabels(fileKey []byte) ([]*age.Stanza, []string, error) {
	stanzas, err := r.Wrap(fileKey)
	return stanzas, r.kind.labels, err
}
