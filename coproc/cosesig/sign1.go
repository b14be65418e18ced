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
func ToBeSigned(d Domain, protected, payload []byte) ([]byte, error) {
	return detcbor.Marshal([]any{"Signature1", protected, []byte(d), payload})
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
// P-256, 96 for P-384.
func SignDetached(d Domain, protected, payload []byte, key crypto.Signer) ([]byte, error) {
	tbs, err := ToBeSigned(d, protected, payload)
	if err != nil {
		return nil, err
	}
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
	m := Message{Protected: protected, Payload: payload, Signature: sig}
	if err := m.Verify(d, pub); err != nil {
		return nil, fmt.Errorf("sign: own signature is not good: %w", err)
	}
	return sig, nil
}

// Parse decodes a message and refuses, with ErrMessage, any encoding that
// Bytes would not give back bit for bit.
func Parse(b []byte) (Message, error) {
	var c cose.Sign1Message
	if err := c.UnmarshalCBOR(b); err != nil {
		return Message{}, fmt.Errorf("%w: %v", ErrMessage, err)
	}
	if c.Payload == nil {
		return Message{}, fmt.Errorf("%w: its payload is detached", ErrMessage)
	}
	var protected []byte
	if err := detcbor.Unmarshal(c.Headers.RawProtected, &protected); err != nil {
		return Message{}, fmt.Errorf("%w: protected header: %v", ErrMessage, err)
	}
	m := Message{Protected: protected, Payload: c.Payload, Signature: c.Signature}
	again, err := m.Bytes()
	if err != nil {
		return Message{}, fmt.Errorf("%w: %v", ErrMessage, err)
	}
	if !bytes.Equal(again, b) {
		return Message{}, fmt.Errorf("%w: %w", ErrMessage, detcbor.ErrNotDeterministic)
	}
	return m, nil
}

// Bytes returns the one encoding of m.
func (m Message) Bytes() ([]byte, error) {
	protected, err := detcbor.Marshal(m.Protected)
	if err != nil {
		return nil, err
	}
	c := cose.Sign1Message{
		Headers:   cose.Headers{RawProtected: protected, RawUnprotected: []byte{0xa0}},
		Payload:   m.Payload,
		Signature: m.Signature,
	}
	return c.MarshalCBOR()
}

// Verify checks the signature, with the one algorithm the key is for.
// A bad signature is ErrSignature, an unusable key ErrKey.
func (m Message) Verify(d Domain, key PublicKey) error {
	pub, err := key.decode()
	if err != nil {
		return err
	}
	alg, err := algorithmOf(pub)
	if err != nil {
		return err
	}
	v, err := cose.NewVerifier(alg, pub)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrKey, err)
	}
	tbs, err := ToBeSigned(d, m.Protected, m.Payload)
	if err != nil {
		return err
	}
	if err := v.Verify(tbs, m.Signature); err != nil {
		return fmt.Errorf("%w: %v", ErrSignature, err)
	}
	return nil
}
