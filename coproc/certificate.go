package coproc

import (
	"errors"
	"fmt"
	"time"

	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/outside"
)

// NodeRole is what a node does in the ceremony.
type NodeRole string

// The node roles, in IBM's words.
const (
	SA  NodeRole = "SA"  // share administration
	CSS NodeRole = "CSS" // coprocessor share signing: the source
	CSR NodeRole = "CSR" // coprocessor share receiving: a target
)

// NodeID is who a node is: its name in the plan and its coprocessor.
type NodeID struct {
	Name   string `cbor:"1,keyasint"` // "sa", "css", "csr1"; [a-z0-9-], at most 12 characters
	Serial Serial `cbor:"2,keyasint"`
	EID    EID    `cbor:"3,keyasint"`
}

func (n NodeID) String() string {
	return fmt.Sprintf("%s (serial %s, EID %q)", n.Name, n.Serial, n.EID)
}

// Keys are the public halves of the keys that a coprocessor retains for one node.
type Keys struct {
	// Sign verifies what the node signs.
	Sign PublicKey `cbor:"1,keyasint"`
	// Box is the age recipient that bundles to the node are sealed to, but for
	// those of Intake: X25519, "age1…", 62 characters, or of a chip P-256,
	// "age1tag1…", 67.
	Box string `cbor:"2,keyasint"`
	// ShareBox is the post-quantum hybrid age recipient ("age1pq1…", 1959
	// characters; of a chip "age1tagpq1…", 2015) that shares are sealed to. Only
	// a CSR node has one.
	ShareBox string `cbor:"3,keyasint,omitempty"`
	// Audit verifies the journal of the coprocessor.
	Audit PublicKey `cbor:"4,keyasint"`
	// Family is the kind of chip that has the keys.
	Family Family `cbor:"5,keyasint,omitempty"`
	// Wrap is what a source wraps a master key for, where its chip does not give
	// out a key otherwise. Only a CSR node has one, and not in software.
	Wrap WrapKey `cbor:"6,keyasint,omitempty"`
	// Officers is the digest of the coprocessor's OfficerList: the first keys of
	// its officers, who sign the journal beside the coprocessor.
	Officers Digest `cbor:"7,keyasint"`
	// Intake is the age recipient that receipts and cancels are sealed to, as
	// Box is of other bundles: other officers take them in.
	Intake string `cbor:"8,keyasint"`
	// Receipt verifies the receipts of a CSR node, and nothing else.
	Receipt PublicKey `cbor:"9,keyasint,omitzero"`
	// Shares are the keys that shares are sealed to inside, of a CSR node.
	Shares ShareKeys `cbor:"10,keyasint,omitzero"`
}

// Claims are what the SA states of a node.
type Claims struct {
	Ceremony   CeremonyID `cbor:"1,keyasint"`
	Node       NodeID     `cbor:"2,keyasint"`
	Role       NodeRole   `cbor:"3,keyasint"`
	Generation uint32     `cbor:"4,keyasint"` // counts the certificates given to this node, from 1
	Keys       Keys       `cbor:"5,keyasint"`
	Answers    Digest     `cbor:"6,keyasint"` // of the bundle that asked
	NotBefore  int64      `cbor:"7,keyasint"` // Unix seconds
	NotAfter   int64      `cbor:"8,keyasint"` // Unix seconds
	Rehearsal  bool       `cbor:"9,keyasint"`
}

// Certificate is a node's keys under the signature of the SA key: a
// COSE_Sign1 message of cosesig.DomainCertificate with an empty protected
// header but for the algorithm, and Claims as payload. The zero value is none.
type Certificate struct {
	claims Claims
	raw    string
}

var (
	// ErrCertificate is wrapped by every refusal of a certificate (CCA 8/1035).
	ErrCertificate = errors.New("certificate is not good")
	// ErrExpired is wrapped, beside ErrCertificate, when the clock is outside
	// of the certificate's validity.
	ErrExpired = errors.New("outside of its validity")
)

// ClockSkew is how far the clocks of two rooms may differ before a
// certificate is refused as not yet valid.
const ClockSkew = 24 * time.Hour

// ProtectedAlgorithm is the protected header of everything but bundles: the
// algorithm alone.
type ProtectedAlgorithm struct {
	Alg int64 `cbor:"1,keyasint"`
}

// ProtectedFor encodes the ProtectedAlgorithm header that goes with key.
func ProtectedFor(key PublicKey) ([]byte, error) {
	alg, err := key.Algorithm()
	if err != nil {
		return nil, err
	}
	return detcbor.Marshal(ProtectedAlgorithm{Alg: int64(alg)})
}

// ParseCertificate verifies b against the SA key and returns the certificate.
// Nothing of a certificate can be read before its signature was verified,
// except through UnverifiedClaims.
func ParseCertificate(b []byte, sa PublicKey) (Certificate, error) {
	payload, err := VerifySigned(cosesig.DomainCertificate, b, sa)
	if err != nil {
		return Certificate{}, fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	var c Claims
	if err := detcbor.Unmarshal(payload, &c); err != nil {
		return Certificate{}, fmt.Errorf("%w: %w", ErrCertificate, outside.Error(err))
	}
	if err := c.check(); err != nil {
		return Certificate{}, fmt.Errorf("%w: %w", ErrCertificate, outside.Error(err))
	}
	return Certificate{claims: c, raw: string(b)}, nil
}

// UnverifiedClaims reads the claims of a certificate without verifying it,
// to show them to a person.
func UnverifiedClaims(b []byte) (Claims, error) {
	m, err := cosesig.Parse(b)
	if err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrCertificate, outside.Error(err))
	}
	var c Claims
	if err := detcbor.Unmarshal(m.Payload, &c); err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrCertificate, outside.Error(err))
	}
	return c, nil
}

// VerifySigned checks a COSE_Sign1 message whose protected header is a
// ProtectedAlgorithm, and returns its payload.
func VerifySigned(d cosesig.Domain, b []byte, key PublicKey) ([]byte, error) {
	m, err := cosesig.Parse(b)
	if err != nil {
		return nil, err
	}
	want, err := ProtectedFor(key)
	if err != nil {
		return nil, err
	}
	if string(m.Protected) != string(want) {
		return nil, fmt.Errorf("%w: protected header is not the algorithm of the key alone", cosesig.ErrMessage)
	}
	if err := m.Verify(d, key); err != nil {
		return nil, err
	}
	return m.Payload, nil
}

func (c Claims) check() error {
	switch {
	case c.Role != CSS && c.Role != CSR:
		return fmt.Errorf("role %s", outside.Text(c.Role))
	case c.Generation == 0:
		return errors.New("generation 0")
	case c.NotAfter <= c.NotBefore:
		return errors.New("it ends before it begins")
	}
	if err := c.Keys.CheckRole(c.Role); err != nil {
		return err
	}
	return c.Keys.Check()
}

// Claims returns what the SA stated.
func (c Certificate) Claims() Claims { return c.claims }

// Bytes returns the certificate as it was parsed.
func (c Certificate) Bytes() []byte { return []byte(c.raw) }

// Digest identifies the certificate.
func (c Certificate) Digest() Digest { return DigestOf([]byte(c.raw)) }

// IsZero reports whether c is no certificate.
func (c Certificate) IsZero() bool { return c.raw == "" }

// CheckTime refuses, with ErrExpired, a certificate that is not valid at now.
func (c Certificate) CheckTime(now time.Time) error {
	const day = "2006-01-02"
	from, to := time.Unix(c.claims.NotBefore, 0).UTC(), time.Unix(c.claims.NotAfter, 0).UTC()
	if now.Before(from.Add(-ClockSkew)) || now.After(to) {
		return fmt.Errorf("%w: %w: valid from %s to %s, the clock here says %s",
			ErrCertificate, ErrExpired, from.Format(day), to.Format(day), now.UTC().Format(day))
	}
	return nil
}
