package bundle

import (
	"bytes"
	"fmt"
	"slices"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// Signer signs bundles with the key of one node.
type Signer interface {
	Public() coproc.PublicKey
	// SignBundle signs under cosesig.DomainBundle and returns the signature
	// alone: 64 bytes for Ed25519 and P-256, 96 for P-384.
	SignBundle(protected, payload []byte) ([]byte, error)
}

// Seal makes a bundle of any kind but share. It sets h.Level. body is
// the one that the kind has: SAKeyBody, RequestBody, CertificateBody, …. A
// header or body that Parse or Open would refuse is refused in the same words,
// and what was made is parsed and verified before it is returned.
func Seal(h Header, body Body, to []age.Recipient, s Signer) (*Sealed, error) {
	if h.Kind == KindShare {
		return nil, fmt.Errorf("seal bundle: %w: a share is sealed by the coprocessor", ErrKind)
	}
	return sealWith(h, func(header []byte) ([]byte, error) {
		if err := checkBody(h, body, s.Public()); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInside, err)
		}
		plaintext, err := encodeInside(header, body)
		if err != nil {
			return nil, err
		}
		return encrypt(plaintext, to)
	}, s)
}

// SealWith makes a bundle of kind share: seal gets the digest of the protected
// header and returns an age file into which the coprocessor has bound it.
func SealWith(h Header, seal func(context coproc.Digest) ([]byte, error), s Signer) (*Sealed, error) {
	if h.Kind != KindShare {
		return nil, fmt.Errorf("seal bundle: %w: only a share is sealed by the coprocessor, not %q", ErrKind, h.Kind)
	}
	return sealWith(h, func(header []byte) ([]byte, error) { return seal(coproc.DigestOf(header)) }, s)
}

func sealWith(h Header, seal func(header []byte) ([]byte, error), s Signer) (*Sealed, error) {
	sealed, err := makeSealed(h, seal, s)
	if err != nil {
		return nil, fmt.Errorf("seal bundle: %w", err)
	}
	return sealed, nil
}

func makeSealed(h Header, seal func(header []byte) ([]byte, error), s Signer) (*Sealed, error) {
	h = h.clone()
	h.Level = Level
	if err := h.check(); err != nil {
		return nil, err
	}
	key := s.Public()
	alg, err := key.Algorithm()
	if err != nil {
		return nil, err
	}
	header, err := protectedFor(h, key)
	if err != nil {
		return nil, err
	}
	payload, err := seal(header)
	if err != nil {
		return nil, err
	}
	signature, err := s.SignBundle(header, payload)
	if err != nil {
		return nil, err
	}
	raw, err := cosesig.Message{Protected: header, Payload: payload, Signature: cosesig.LowS(alg, signature)}.Bytes()
	if err != nil {
		return nil, err
	}
	sealed, err := Parse(raw)
	if err != nil {
		return nil, err
	}
	if _, err := sealed.Verify(signedBy(key)); err != nil {
		return nil, err
	}
	return sealed, nil
}

// encrypt makes a binary age file.
func encrypt(plaintext []byte, to []age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plaintext); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// signedBy is the trust of a maker in its own key.
type signedBy coproc.PublicKey

func (k signedBy) KeyFor(s *Sealed) (coproc.PublicKey, error) {
	if own := s.header.Header.Key; len(own) > 0 && !bytes.Equal(own, coproc.PublicKey(k).Bytes()) {
		return coproc.PublicKey{}, fmt.Errorf("%w: the key in the header is not the signer's", ErrUnknownKey)
	}
	return coproc.PublicKey(k), nil
}

func (h Header) clone() Header {
	h.To = slices.Clone(h.To)
	h.Key = slices.Clone(h.Key)
	h.Certificate = slices.Clone(h.Certificate)
	if h.Share != nil {
		share := *h.Share
		h.Share = &share
	}
	return h
}
