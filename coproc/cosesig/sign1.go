// Package cosesig signs and verifies COSE_Sign1 messages (RFC 9052 §4.2) with
// one encoding each, and names keys by their RFC 9679 thumbprints.
//
// Every signature belongs to a Domain, which is the external_aad of the
// message: a signature made for one purpose verifies for no other.
package cosesig

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/veraison/go-cose"

	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/outside"
	"github.com/gapferry/gapferry/coproc/tally"
)

// Domain separates the purposes a key signs for. It is the external_aad of
// the COSE_Sign1 message.
type Domain string

// The purposes a coprocessor's keys sign for.
const (
	DomainBundle      Domain = "gapferry bundle v1"
	DomainCertificate Domain = "gapferry certificate v1"
	DomainStatement   Domain = "gapferry statement v1"
	DomainCloneInfo   Domain = "gapferry clone-info v1"
	DomainJournal     Domain = "gapferry journal v1"

	// What an officer signs with the key that is under their passphrase.
	DomainJournalOfficer Domain = "gapferry journal officer v1"
	DomainOfficerKey     Domain = "gapferry officer key v1"
)

var (
	// ErrMessage is wrapped when the bytes are not a COSE_Sign1 message of the
	// one form accepted here.
	ErrMessage = errors.New("not a COSE_Sign1 message")
	// ErrSignature is wrapped when the signature does not verify.
	ErrSignature = errors.New("signature does not verify")
)

// Message is a COSE_Sign1 message: tag 18, protected header, an empty
// unprotected header, payload, signature. It has not been verified.
type Message struct {
	Protected []byte // the encoded header map, without its byte string wrapper
	Payload   []byte
	Signature []byte
}

// ToBeSigned returns the Sig_structure of RFC 9052 §4.4.
func ToBeSigned(d Domain, protected, payload []byte) []byte {
	b := make([]byte, 0, len(protected)+len(d)+len(payload)+64)
	b = append(b, "\x84\x6aSignature1"...) // an array of four, a text of ten bytes
	for _, part := range [][]byte{protected, []byte(d), payload} {
		b = append(append(b, detcbor.BytesHead(len(part))...), part...)
	}
	return b
}

// Sign makes a message. It verifies its own output before returning it.
func Sign(d Domain, protected, payload []byte, key crypto.Signer) (Message, error) {
	sig, err := SignDetached(d, protected, payload, key)
	if err != nil {
		return Message{}, err
	}
	return Message{Protected: protected, Payload: payload, Signature: sig}, nil
}

// SignDetached returns only the signature of Sign: 64 bytes for Ed25519 and
// P-256, 96 for P-384, with low S.
func SignDetached(d Domain, protected, payload []byte, key crypto.Signer) ([]byte, error) {
	tbs := ToBeSigned(d, protected, payload)
	pub, err := NewPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	alg, err := pub.Algorithm()
	if err != nil {
		return nil, err
	}
	s, err := cose.NewSigner(alg, key)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	sig, err := s.Sign(rand.Reader, tbs)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	sig = LowS(alg, sig)
	m := Message{Protected: protected, Payload: payload, Signature: sig}
	if err := m.Verify(d, pub); err != nil {
		return nil, fmt.Errorf("sign: own signature is not good: %w", err)
	}
	return sig, nil
}

// sign1 is tag 18 and the head of an array of four (RFC 9052 §4.2); empty is
// the unprotected header.
var (
	sign1 = []byte{0xd2, 0x84}
	empty = []byte{0xa0}
)

// Parse decodes a message and refuses, with ErrMessage, any encoding that
// Bytes would not give back bit for bit. It looks into none of the byte
// strings. They are parts of b, which must not be changed afterwards.
func Parse(b []byte) (Message, error) {
	var m Message
	rest, ok := bytes.CutPrefix(b, sign1)
	if !ok {
		return Message{}, fmt.Errorf("%w: it does not begin with tag 18 and an array of four", ErrMessage)
	}
	for _, part := range []struct {
		name string
		to   *[]byte
	}{{"protected header", &m.Protected}, {"payload", &m.Payload}, {"signature", &m.Signature}} {
		var err error
		if *part.to, rest, err = detcbor.FirstBytes(rest); err != nil {
			return Message{}, fmt.Errorf("%w: %s: %w", ErrMessage, part.name, err)
		}
		if part.to != &m.Protected {
			continue
		}
		if rest, ok = bytes.CutPrefix(rest, empty); !ok {
			return Message{}, fmt.Errorf("%w: the unprotected header is not empty", ErrMessage)
		}
	}
	switch {
	case len(m.Signature) == 0:
		return Message{}, fmt.Errorf("%w: it has no signature", ErrMessage)
	case len(rest) > 0:
		return Message{}, fmt.Errorf("%w: there are %d bytes behind it", ErrMessage, len(rest))
	}
	return m, nil
}

// Bytes returns the one encoding of m.
func (m Message) Bytes() ([]byte, error) {
	b := make([]byte, 0, len(m.Protected)+len(m.Payload)+len(m.Signature)+64)
	b = append(b, sign1...)
	for i, part := range [][]byte{m.Protected, m.Payload, m.Signature} {
		b = append(append(b, detcbor.BytesHead(len(part))...), part...)
		if i == 0 {
			b = append(b, empty...)
		}
	}
	return b, nil
}

// Verify checks the signature, with the one algorithm the key is for and in
// the one form that CheckForm accepts. A bad signature is ErrSignature, an
// unusable key ErrKey.
func (m Message) Verify(d Domain, key PublicKey) error {
	pub, err := key.decode()
	if err != nil {
		return err
	}
	alg, err := algorithmOf(pub)
	if err != nil {
		return err
	}
	if err := CheckForm(alg, m.Signature); err != nil {
		return err
	}
	v, err := cose.NewVerifier(alg, pub)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKey, outside.Error(err))
	}
	tbs := ToBeSigned(d, m.Protected, m.Payload)
	tally.Signatures.Add(1)
	tally.Hashed.Add(int64(len(tbs)))
	if err := v.Verify(tbs, m.Signature); err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, outside.Error(err))
	}
	return nil
}
