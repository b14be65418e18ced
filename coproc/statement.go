package coproc

import (
	"fmt"

	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/outside"
)

// Statement is what the source's coprocessor says of one share set, signed by
// its CSS key: the master-key verification information of phase 3c.
type Statement struct {
	Ceremony    CeremonyID `cbor:"1,keyasint"`
	ShareSet    ShareSetID `cbor:"2,keyasint"`
	Class       Class      `cbor:"3,keyasint"`
	M           uint8      `cbor:"4,keyasint"`
	N           uint8      `cbor:"5,keyasint"`
	Pattern     Pattern    `cbor:"6,keyasint"`
	Source      NodeID     `cbor:"7,keyasint"`
	Target      NodeID     `cbor:"8,keyasint"`
	Certificate Digest     `cbor:"9,keyasint"` // of the target's certificate
	// Shares has the digest of each sealed share, in order of index; zero for
	// a share that was never given out.
	Shares []Digest `cbor:"10,keyasint"`
}

// ParseStatement verifies b against the CSS key of the source's certificate
// and checks that it speaks for that source. The errors are ErrCertificate,
// ErrClass, ErrStatement, and those of cosesig.
func ParseStatement(b []byte, source Certificate) (Statement, error) {
	c := source.Claims()
	if c.Role != CSS {
		return Statement{}, fmt.Errorf("%w: it is of a %s node, a statement is signed by a CSS node", ErrCertificate, c.Role)
	}
	payload, err := VerifySigned(cosesig.DomainStatement, b, c.Keys.Sign)
	if err != nil {
		return Statement{}, fmt.Errorf("statement: %w", err)
	}
	var s Statement
	if err := detcbor.Unmarshal(payload, &s); err != nil {
		return Statement{}, fmt.Errorf("statement: %w", err)
	}
	switch {
	case s.Source != c.Node || s.Ceremony != c.Ceremony:
		return Statement{}, fmt.Errorf("statement: %w: it is for %s, the statement speaks for %s", ErrCertificate, c.Node, s.Source)
	case s.Class.Size() == 0:
		return Statement{}, fmt.Errorf("statement: %w: unknown class %s", ErrClass, outside.Text(s.Class))
	case s.M < 1 || s.M > s.N || s.N > MaxShares || len(s.Shares) != int(s.N):
		return Statement{}, fmt.Errorf("statement: %w: %d of %d shares with %d digests", ErrStatement, s.M, s.N, len(s.Shares))
	}
	return s, nil
}

// UnverifiedStatement reads a statement without verifying it: one out of a
// journal that is signed, say.
func UnverifiedStatement(b []byte) (Statement, error) {
	m, err := cosesig.Parse(b)
	if err != nil {
		return Statement{}, fmt.Errorf("statement: %w", err)
	}
	var s Statement
	if err := detcbor.Unmarshal(m.Payload, &s); err != nil {
		return Statement{}, fmt.Errorf("statement: %w", err)
	}
	return s, nil
}

// ShareState is the state of one share, as CCA's STATMOFN reports it.
type ShareState uint8

// CCA's values. At a source: 1, 2, 3, 4 (0 where the share was given up).
// At a target: 0 (cannot be received), 1 (can be received), 3 (has been received).
const (
	ShareNone       ShareState = 0
	SharePossible   ShareState = 1 // can be generated, or received
	ShareGenerated  ShareState = 2 // generated but not distributed
	ShareDone       ShareState = 3 // generated and distributed once, or received
	ShareDoneRepeat ShareState = 4 // distributed, or received, more than once
)

// ShareTable is the state of one share set in a coprocessor.
type ShareTable struct {
	Peer     string     // the target at a source, the source at a target
	ShareSet ShareSetID // zero before the first act
	M, N     int
	States   []ShareState // in order of index
	Digests  []Digest     // of each sealed share, zero where there is none
	By       []string     // the profile that obtained or installed each share
	Pattern  Pattern
}
