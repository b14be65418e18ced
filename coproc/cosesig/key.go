package cosesig

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/veraison/go-cose"

	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/outside"
)

// ErrKey is wrapped by every refusal of a public key's encoding.
var ErrKey = errors.New("not a usable public key")

// ThumbprintSize is the length in bytes of a Thumbprint.
const ThumbprintSize = sha256.Size

// Thumbprint is the RFC 9679 COSE key thumbprint with SHA-256, 32 bytes.
type Thumbprint [ThumbprintSize]byte

// PublicKey is a signature verification key: Ed25519 (32 bytes), or ECDSA on
// P-256 or P-384. Its encoding is a COSE_Key (RFC 9052 §7) holding only the
// parameters that RFC 9679 §4 hashes. The zero value is no key.
type PublicKey struct {
	encoded string // the deterministic COSE_Key; a string, so that keys compare with ==
}

type okpKey struct {
	Kty int    `cbor:"1,keyasint"`
	Crv int    `cbor:"-1,keyasint"`
	X   []byte `cbor:"-2,keyasint"`
}

type ec2Key struct {
	Kty int    `cbor:"1,keyasint"`
	Crv int    `cbor:"-1,keyasint"`
	X   []byte `cbor:"-2,keyasint"`
	Y   []byte `cbor:"-3,keyasint"`
}

// RFC 9053 §7 and table 18.
const (
	ktyOKP     = 1
	ktyEC2     = 2
	crvP256    = 1
	crvP384    = 2
	crvEd25519 = 6
)

// NewPublicKey takes an ed25519.PublicKey or an *ecdsa.PublicKey on P-256 or
// P-384. Other keys are refused with ErrKey.
func NewPublicKey(pub crypto.PublicKey) (PublicKey, error) {
	var v any
	switch k := pub.(type) {
	case ed25519.PublicKey:
		if err := checkEdwards(k); err != nil {
			return PublicKey{}, err
		}
		v = okpKey{Kty: ktyOKP, Crv: crvEd25519, X: k}
	case *ecdsa.PublicKey:
		crv, err := ec2Curve(k.Curve)
		if err != nil {
			return PublicKey{}, err
		}
		point, err := k.Bytes() // 4 ‖ X ‖ Y
		if err != nil {
			return PublicKey{}, fmt.Errorf("%w: %w", ErrKey, outside.Error(err))
		}
		half := (len(point) - 1) / 2
		v = ec2Key{Kty: ktyEC2, Crv: crv, X: point[1 : 1+half], Y: point[1+half:]}
	default:
		return PublicKey{}, fmt.Errorf("%w: type %T", ErrKey, pub)
	}
	b, err := detcbor.Marshal(v)
	if err != nil {
		return PublicKey{}, err
	}
	return PublicKey{string(b)}, nil
}

// maxKey is more than the longest encoding, in bytes.
const maxKey = 128

// ParsePublicKey decodes a COSE_Key as Bytes writes it. Anything else is
// refused with ErrKey: another curve, a point off its curve, and for Ed25519 one
// that is not in the subgroup of prime order or not in its one encoding.
func ParsePublicKey(b []byte) (PublicKey, error) {
	if len(b) > maxKey {
		return PublicKey{}, fmt.Errorf("%w: %d bytes", ErrKey, len(b))
	}
	k := PublicKey{string(b)}
	pub, err := k.decode()
	if err != nil {
		return PublicKey{}, err
	}
	if e, ok := pub.(ed25519.PublicKey); ok {
		if err := checkEdwards(e); err != nil {
			return PublicKey{}, err
		}
	}
	return k, nil
}

// Bytes returns the deterministic COSE_Key: 40 bytes for Ed25519, 75 for P-256, 107 for P-384.
func (k PublicKey) Bytes() []byte { return []byte(k.encoded) }

// IsZero reports whether k is no key at all.
func (k PublicKey) IsZero() bool { return k.encoded == "" }

// Thumbprint returns the RFC 9679 thumbprint. The encoding already has only
// the required parameters in deterministic order, so it is SHA-256 of Bytes.
func (k PublicKey) Thumbprint() Thumbprint { return sha256.Sum256([]byte(k.encoded)) }

// MarshalBinary makes a PublicKey a byte string in CBOR.
func (k PublicKey) MarshalBinary() ([]byte, error) { return k.Bytes(), nil }

// UnmarshalBinary is ParsePublicKey.
func (k *PublicKey) UnmarshalBinary(b []byte) error {
	parsed, err := ParsePublicKey(b)
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}

// Algorithm returns the one COSE signature algorithm used with k.
func (k PublicKey) Algorithm() (cose.Algorithm, error) {
	v, err := k.decode()
	if err != nil {
		return 0, err
	}
	return algorithmOf(v)
}

func algorithmOf(pub crypto.PublicKey) (cose.Algorithm, error) {
	switch p := pub.(type) {
	case ed25519.PublicKey:
		return cose.AlgorithmEdDSA, nil
	case *ecdsa.PublicKey:
		switch p.Curve {
		case elliptic.P256():
			return cose.AlgorithmES256, nil
		case elliptic.P384():
			return cose.AlgorithmES384, nil
		}
	}
	return 0, fmt.Errorf("%w: type %T", ErrKey, pub)
}

func (k PublicKey) decode() (crypto.PublicKey, error) {
	if len(k.encoded) < 2 {
		return nil, fmt.Errorf("%w: %d bytes", ErrKey, len(k.encoded))
	}
	b := []byte(k.encoded)
	// {1: 1, …} is OKP with three members, {1: 2, …} is EC2 with four.
	if bytes.HasPrefix(b, []byte{0xa3}) {
		var o okpKey
		if err := detcbor.Unmarshal(b, &o); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKey, outside.Error(err))
		}
		if o.Kty != ktyOKP || o.Crv != crvEd25519 || len(o.X) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("%w: not Ed25519", ErrKey)
		}
		return ed25519.PublicKey(o.X), nil
	}
	var e ec2Key
	if err := detcbor.Unmarshal(b, &e); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, outside.Error(err))
	}
	if e.Kty != ktyEC2 {
		return nil, fmt.Errorf("%w: key type %d", ErrKey, e.Kty)
	}
	var curve elliptic.Curve
	switch e.Crv {
	case crvP256:
		curve = elliptic.P256()
	case crvP384:
		curve = elliptic.P384()
	default:
		return nil, fmt.Errorf("%w: curve %d", ErrKey, e.Crv)
	}
	size := (curve.Params().BitSize + 7) / 8
	if len(e.X) != size || len(e.Y) != size {
		return nil, fmt.Errorf("%w: coordinates of %d and %d bytes", ErrKey, len(e.X), len(e.Y))
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(curve, append(append([]byte{4}, e.X...), e.Y...))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, outside.Error(err))
	}
	return pub, nil
}

func ec2Curve(c elliptic.Curve) (int, error) {
	switch c {
	case elliptic.P256():
		return crvP256, nil
	case elliptic.P384():
		return crvP384, nil
	}
	return 0, fmt.Errorf("%w: curve not supported", ErrKey)
}
