// Package bundle makes and reads bundles: the files that carry a ceremony from
// node to node. FORMAT.md is their specification.
//
// To read one, go three steps, each of which only the one before can reach:
//
//	sealed, err := bundle.Parse(b)        // is it a bundle?
//	verified, err := sealed.Verify(trust) // who made it?
//	opened, err := verified.Open(id)      // what does it say?
//
// Parse and Verify need no secret. What was not verified can be seen only
// through UnverifiedHeader. To make one, call Seal, or SealWith for a share,
// whose plaintext never leaves the coprocessor.
//
// A bundle is a COSE_Sign1 message (RFC 9052 §4.2) over deterministic CBOR
// (RFC 8949 §4.2.1) whose payload is an age file (c2sp.org/age): encrypted,
// then signed. Whatever Parse accepts, Bytes gives back bit for bit.
package bundle

import (
	"bytes"
	"fmt"

	"filippo.io/age"
	"github.com/veraison/go-cose"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/outside"
)

// Level is the level of the format, and of the tool. Nodes of a ceremony have
// the same one.
const Level = 1

// MaxSize is the most that a bundle can have, in bytes.
const MaxSize = 1 << 20

// Sealed is a bundle that is well formed, and no more than that.
type Sealed struct {
	raw     []byte
	header  protected
	message cosesig.Message
	stanzas []string
}

// Trust finds the key that a bundle must be signed with. Its errors wrap those
// of this package: ErrUnknownKey, ErrCertificate, ErrCeremony.
type Trust interface {
	KeyFor(s *Sealed) (coproc.PublicKey, error)
}

// Verified is a bundle whose signature is that of a trusted key.
type Verified struct {
	sealed *Sealed
	key    coproc.PublicKey
}

// Bundle is a bundle that was opened.
type Bundle struct {
	verified *Verified
	body     Body
}

// Parse accepts a bundle of this level in its one form, steps 1 to 7 of
// FORMAT.md. It refuses with ErrTooLarge, ErrFormat, ErrLevel or ErrKind. It
// keeps b, which must not be changed afterwards.
func Parse(b []byte) (*Sealed, error) {
	s, err := parse(b)
	return s, outside.Error(err)
}

func parse(b []byte) (*Sealed, error) {
	// 1. The size.
	if len(b) > MaxSize {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(b), MaxSize)
	}
	// 2. The COSE_Sign1 message, in its deterministic encoding.
	m, err := cosesig.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	// 3. The level. 4. The protected header. 5. The rules of its kind.
	p, err := parseProtected(m.Protected)
	if err != nil {
		return nil, err
	}
	// 6. The form of the signature.
	if err := cosesig.CheckForm(cose.Algorithm(p.Alg), m.Signature); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	// 7. The age file, and what it is sealed to.
	r, err := rulesOf(p.Header.Kind)
	if err != nil {
		return nil, err
	}
	stanzas, err := checkRecipients(m.Payload, r)
	if err != nil {
		return nil, err
	}
	return &Sealed{raw: b, header: p, message: m, stanzas: stanzas}, nil
}

// Verify checks who made the bundle, steps 8 to 10 of FORMAT.md. It refuses
// with what t refuses with, ErrUnknownKey or ErrSignature.
func (s *Sealed) Verify(t Trust) (*Verified, error) {
	v, err := s.verify(t)
	return v, outside.Error(err)
}

func (s *Sealed) verify(t Trust) (*Verified, error) {
	// 8. The key that the kind of bundle must be signed with.
	key, err := t.KeyFor(s)
	if err != nil {
		return nil, err
	}
	if key.IsZero() {
		return nil, fmt.Errorf("%w: there is no key for %q", ErrUnknownKey, s.header.Header.Kind)
	}
	// 9. The key id and the algorithm in the header are those of the key.
	if KeyID(key.Thumbprint()) != s.header.KeyID {
		return nil, fmt.Errorf("%w: key id %x", ErrUnknownKey, s.header.KeyID)
	}
	alg, err := key.Algorithm()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnknownKey, err)
	}
	if int64(alg) != s.header.Alg {
		return nil, fmt.Errorf("%w: algorithm %d does not go with the key", ErrSignature, s.header.Alg)
	}
	// 10. The signature.
	if err := s.message.Verify(cosesig.DomainBundle, key); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return &Verified{sealed: s, key: key}, nil
}

// Open decrypts the bundle, steps 11 to 14 of FORMAT.md. It refuses with
// ErrNotSealedToMe or ErrInside, beside which an error of an identity itself,
// such as coproc.ErrClosed, is wrapped. A share is opened by the coprocessor
// alone: ErrKind.
func (v *Verified) Open(ids ...age.Identity) (*Bundle, error) {
	b, err := v.open(ids...)
	return b, outside.Error(err)
}

func (v *Verified) open(ids ...age.Identity) (*Bundle, error) {
	if v.Header().Kind == KindShare {
		return nil, fmt.Errorf("%w: a share is opened inside the coprocessor", ErrKind)
	}
	plaintext, err := decrypt(v.sealed.message.Payload, ids...)
	if err != nil {
		return nil, err
	}
	body, err := decodeInside(plaintext, v.sealed.message.Protected, v.sealed.header.Header, v.key)
	if err != nil {
		return nil, err
	}
	return &Bundle{verified: v, body: body}, nil
}

// Bytes returns the bundle as it was parsed.
func (s *Sealed) Bytes() []byte { return bytes.Clone(s.raw) }

// Digest identifies the bundle: the SHA-256 digest of Bytes.
func (s *Sealed) Digest() coproc.Digest { return coproc.DigestOf(s.raw) }

// UnverifiedHeader is what the bundle says of itself. Anyone could have
// written it.
func (s *Sealed) UnverifiedHeader() Header { return s.header.Header.clone() }

// PayloadSize is the length of the age file in bytes.
func (s *Sealed) PayloadSize() int { return len(s.message.Payload) }

// PayloadDigest is the SHA-256 digest of the age file. A statement lists shares
// by it.
func (s *Sealed) PayloadDigest() coproc.Digest { return coproc.DigestOf(s.message.Payload) }

// Recipients are the types of the age recipients that the bundle is sealed
// to: "X25519", "scrypt", "mlkem768x25519", …. They name no node.
func (s *Sealed) Recipients() []string { return append([]string(nil), s.stanzas...) }

// Context is the SHA-256 digest of the protected header.
func (s *Sealed) Context() coproc.Digest { return coproc.DigestOf(s.message.Protected) }

// Header returns the header.
func (v *Verified) Header() Header { return v.sealed.UnverifiedHeader() }

// Bytes returns the bundle as it was parsed.
func (v *Verified) Bytes() []byte { return v.sealed.Bytes() }

// Digest identifies the bundle: the SHA-256 digest of Bytes.
func (v *Verified) Digest() coproc.Digest { return v.sealed.Digest() }

// Payload returns the age file, for the coprocessor that opens shares.
func (v *Verified) Payload() []byte { return bytes.Clone(v.sealed.message.Payload) }

// Context is the SHA-256 digest of the protected header. What is sealed
// repeats it, and so belongs to this header alone.
func (v *Verified) Context() coproc.Digest { return v.sealed.Context() }

// Key is the key that signed the bundle.
func (v *Verified) Key() coproc.PublicKey { return v.key }

// Header returns the header.
func (b *Bundle) Header() Header { return b.verified.Header() }

// Bytes returns the bundle as it was parsed: signed, and still sealed.
func (b *Bundle) Bytes() []byte { return b.verified.Bytes() }

// Digest identifies the bundle: the SHA-256 digest of its bytes.
func (b *Bundle) Digest() coproc.Digest { return b.verified.Digest() }

// Key is the key that signed the bundle.
func (b *Bundle) Key() coproc.PublicKey { return b.verified.key }
