package box

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/mlkem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"
)

// Agree is the half of opening that a chip does: the x-coordinate of its private
// key times the point, which is on the curve. Zeros at its beginning may be
// missing, as TPMs leave them out. An error is what Unwrap returns.
type Agree func(point *ecdh.PublicKey) (x []byte, err error)

// Identity opens what was sealed to a Recipient.
type Identity struct {
	recipient *Recipient
	lattice   *mlkem.DecapsulationKey768 // of a hybrid one
	agree     Agree
}

var _ age.Identity = (*Identity)(nil)

// NewIdentity is that of a P-256 key.
func NewIdentity(p256 *ecdh.PublicKey, agree Agree) (*Identity, error) {
	r, err := NewRecipient(p256)
	if err != nil {
		return nil, err
	}
	return &Identity{recipient: r, agree: agree}, nil
}

// NewHybridIdentity is that of a P-256 key and of the ML-KEM-768 key that a seed
// of HybridSeedSize bytes makes.
func NewHybridIdentity(p256 *ecdh.PublicKey, seed []byte, agree Agree) (*Identity, error) {
	lattice, err := mlkem.NewDecapsulationKey768(seed)
	if err != nil {
		return nil, err
	}
	r, err := newHybrid(lattice.EncapsulationKey(), p256)
	if err != nil {
		return nil, err
	}
	return &Identity{recipient: r, lattice: lattice, agree: agree}, nil
}

// Recipient is what is sealed to.
func (i *Identity) Recipient() *Recipient { return i.recipient }

var errStanza = errors.New("malformed stanza")

// Unwrap implements age.Identity. A stanza of another type or tag is passed
// over, and one that does not open, as the tag is short.
func (i *Identity) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	for _, s := range stanzas {
		if s.Type != i.recipient.kind.stanza {
			continue
		}
		fileKey, err := i.open(s)
		if !errors.Is(err, age.ErrIncorrectIdentity) {
			return fileKey, err
		}
	}
	return nil, age.ErrIncorrectIdentity
}

// open is age.ErrIncorrectIdentity where a stanza is not for this identity.
func (i *Identity) open(s *age.Stanza) ([]byte, error) {
	tag, enc, err := i.recipient.kind.args(s)
	if err != nil {
		return nil, err
	}
	if own, err := i.recipient.tag(enc); err != nil || !bytes.Equal(own, tag) {
		return nil, errors.Join(age.ErrIncorrectIdentity, err)
	}
	chip := &exchanger{identity: i}
	key, err := i.key(chip)
	if err != nil {
		return nil, err
	}
	r, err := hpke.NewRecipient(enc, key, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), []byte(i.recipient.kind.info()))
	if chip.err != nil {
		return nil, chip.err // as it is: whoever waits for a touch asks for it
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %v", errStanza, err)
	}
	fileKey, err := r.Open(nil, s.Body)
	if err != nil {
		return nil, age.ErrIncorrectIdentity
	}
	return fileKey, nil
}

// key is the private key as HPKE asks for it.
func (i *Identity) key(chip *exchanger) (hpke.PrivateKey, error) {
	if i.recipient.Hybrid() {
		return hpke.NewHybridPrivateKey(i.lattice, chip)
	}
	return hpke.NewDHKEMPrivateKey(chip)
}

// bodySize is that of a sealed file key of age, in bytes: 16 and AEAD's tag.
const bodySize = 16 + 16

// args reads the two arguments of a stanza.
func (k *kind) args(s *age.Stanza) (tag, enc []byte, err error) {
	if len(s.Args) != 2 || len(s.Body) != bodySize {
		return nil, nil, errStanza
	}
	for n, to := range []*[]byte{&tag, &enc} {
		// The decoder passes over ends of lines.
		if strings.ContainsAny(s.Args[n], "\r\n") {
			return nil, nil, errStanza
		}
		if *to, err = base.DecodeString(s.Args[n]); err != nil {
			return nil, nil, fmt.Errorf("%w: %v", errStanza, err)
		}
	}
	if len(tag) != tagSize || len(enc) != k.encSize {
		return nil, nil, errStanza
	}
	return tag, enc, nil
}

// exchanger is the chip as HPKE asks it.
type exchanger struct {
	identity *Identity
	err      error // of the chip
}

var _ ecdh.KeyExchanger = (*exchanger)(nil)

func (e *exchanger) PublicKey() *ecdh.PublicKey { return e.identity.recipient.p256 }
func (e *exchanger) Curve() ecdh.Curve          { return ecdh.P256() }

func (e *exchanger) ECDH(point *ecdh.PublicKey) ([]byte, error) {
	const size = 32 // of a coordinate
	x, err := e.identity.agree(point)
	if err == nil && len(x) > size {
		err = fmt.Errorf("the chip gave a coordinate of %d bytes", len(x))
	}
	if e.err = err; err != nil {
		return nil, err
	}
	return slices.Concat(make([]byte, size-len(x)), x), nil
}
