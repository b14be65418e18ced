package bundle

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/veraison/go-cose"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/coproc/outside"
)

// Header is what a bundle says of itself, in the clear and under its
// signature. A field that is zero is left out of the encoding, so that a
// header has one encoding.
type Header struct {
	Level    uint8             `cbor:"1,keyasint"`
	Ceremony coproc.CeremonyID `cbor:"2,keyasint"`
	Kind     Kind              `cbor:"3,keyasint"`
	Phase    string            `cbor:"4,keyasint"` // the one that the kind belongs to, or ""
	From     coproc.NodeID     `cbor:"5,keyasint"`
	// To are the names of the nodes that can open it, sorted, at most MaxTo.
	// It is empty for sa-key, revoke and journal, which are for every node.
	To []string `cbor:"6,keyasint,omitempty"`
	// Sequence counts the bundles of a node, from 1.
	Sequence uint64 `cbor:"7,keyasint"`
	// Answers is the digest of the bundle that this one answers; zero for
	// sa-key, revoke and journal.
	Answers   coproc.Digest `cbor:"8,keyasint,omitzero"`
	Rehearsal bool          `cbor:"9,keyasint,omitzero"`
	// Time is the maker's clock in Unix seconds: information, never order.
	Time int64 `cbor:"10,keyasint"`
	// Share says which share it is. Only share has it.
	Share *ShareRef `cbor:"11,keyasint,omitempty"`
	// Key is the COSE_Key that signs the bundle: the one that asks for a
	// certificate in css-key and csr-key, the audit key in journal.
	Key []byte `cbor:"12,keyasint,omitempty"`
	// Certificate is the signer's: statement and cancel have it, a receipt may.
	Certificate []byte `cbor:"13,keyasint,omitempty"`
	// About is the node that a csr-cert certifies, or whose share set a cancel
	// voids, one of To; or whose certificates a revoke takes back.
	About string `cbor:"14,keyasint,omitempty"`
}

// ShareRef is which share of which set.
type ShareRef struct {
	Set   coproc.ShareSetID `cbor:"1,keyasint"`
	Index uint8             `cbor:"2,keyasint"` // 1 … 15
}

// contentType is the registered media type of the payload, a binary age file.
const contentType = "application/vnd.age"

// protected is the protected header of the COSE_Sign1 message.
type protected struct {
	Alg         int64    `cbor:"1,keyasint"`
	ContentType string   `cbor:"3,keyasint"`
	KeyID       [16]byte `cbor:"4,keyasint"`
	Header      Header   `cbor:"-65537,keyasint"` // private use (RFC 9052 §3.1)
}

// protectedFor encodes the protected header of a bundle signed with key.
func protectedFor(h Header, key coproc.PublicKey) ([]byte, error) {
	alg, err := key.Algorithm()
	if err != nil {
		return nil, err
	}
	return detcbor.Marshal(protected{
		Alg: int64(alg), ContentType: contentType, KeyID: KeyID(key.Thumbprint()), Header: h,
	})
}

// parseProtected decodes and checks a protected header: the level first, so
// that a newer bundle is refused for being newer.
func parseProtected(b []byte) (protected, error) {
	if err := checkLevel(b); err != nil {
		return protected{}, err
	}
	var p protected
	if err := detcbor.Unmarshal(b, &p); err != nil {
		return protected{}, fmt.Errorf("%w: protected header: %w", ErrFormat, err)
	}
	switch cose.Algorithm(p.Alg) {
	case cose.AlgorithmEdDSA, cose.AlgorithmES256, cose.AlgorithmES384:
	default:
		return protected{}, fmt.Errorf("%w: signature algorithm %d", ErrFormat, p.Alg)
	}
	if p.ContentType != contentType {
		return protected{}, fmt.Errorf("%w: content type %s", ErrFormat, outside.Text(p.ContentType))
	}
	return p, p.Header.check()
}

// checkLevel reads nothing but the level. Every level keeps it in this place.
func checkLevel(b []byte) error {
	var p struct {
		Header struct {
			Level uint64 `cbor:"1,keyasint"`
		} `cbor:"-65537,keyasint"`
	}
	if err := detcbor.Peek(b, &p); err != nil {
		return fmt.Errorf("%w: protected header: %w", ErrFormat, err)
	}
	switch p.Header.Level {
	case Level:
		return nil
	case 0:
		return fmt.Errorf("%w: protected header: no level", ErrFormat)
	}
	return fmt.Errorf("%w: written by level %d, this node is level %d: bring both to one level",
		ErrLevel, p.Header.Level, Level)
}

// check applies the rules that hold for every kind, and then those of the kind.
func (h Header) check() error {
	r, err := rulesOf(h.Kind)
	if err != nil {
		return err
	}
	err = h.checkCommon()
	if err == nil {
		err = h.checkKind(r)
	}
	if err != nil {
		return fmt.Errorf("%w: header of %q: %w", ErrFormat, h.Kind, err)
	}
	return nil
}

// maxTime is the end of year 9999: a later time cannot be written down.
const maxTime = 253402300799

func (h Header) checkCommon() error {
	switch {
	case h.Level != Level:
		return fmt.Errorf("level %d", h.Level)
	case h.Ceremony == coproc.CeremonyID{}:
		return errors.New("the ceremony id is missing")
	case h.Sequence == 0:
		return errors.New("sequence 0")
	case h.Time < 0 || h.Time > maxTime:
		return fmt.Errorf("time %d", h.Time)
	case !validName(h.From.Name):
		return fmt.Errorf("node name %s", outside.Text(h.From.Name))
	case !sameSerial(h.From.Serial):
		return fmt.Errorf("serial number %q", h.From.Serial[:])
	case !sameEID(h.From.EID):
		return fmt.Errorf("environment id %q", h.From.EID[:])
	}
	for i, name := range h.To {
		if !validName(name) {
			return fmt.Errorf("node name %s", outside.Text(name))
		}
		if i > 0 && h.To[i-1] >= name {
			return fmt.Errorf("node names %s and %s are not sorted, or not unique", outside.Text(h.To[i-1]), outside.Text(name))
		}
	}
	return nil
}

func (h Header) checkKind(r rules) error {
	switch {
	case h.Phase != r.phase:
		return fmt.Errorf("phase %s, it belongs to phase %s", outside.Text(h.Phase), cmp.Or(r.phase, "none"))
	case len(h.To) < r.toMin || len(h.To) > r.toMax:
		return fmt.Errorf("addressed to %d nodes", len(h.To))
	}
	for _, f := range []struct {
		name  string
		rule  presence
		there bool
	}{
		{"the digest of the bundle that it answers", r.answers, !h.Answers.IsZero()},
		{"the share", r.share, h.Share != nil},
		{"the key", r.key, len(h.Key) > 0},
		{"the certificate", r.certificate, len(h.Certificate) > 0},
		{"the node that it is about", r.about, h.About != ""},
	} {
		if err := f.rule.refuse(f.name, f.there); err != nil {
			return err
		}
	}
	if s := h.Share; s != nil && (s.Index < 1 || s.Index > coproc.MaxShares || s.Set == coproc.ShareSetID{}) {
		return fmt.Errorf("share %d of share set %s", s.Index, s.Set)
	}
	if len(h.Key) > 0 {
		if _, err := cosesig.ParsePublicKey(h.Key); err != nil {
			return err
		}
	}
	if h.About != "" && !validName(h.About) {
		return fmt.Errorf("node name %s", outside.Text(h.About))
	}
	if h.About != "" && len(h.To) > 0 && !slices.Contains(h.To, h.About) {
		return fmt.Errorf("it is about %q, which it is not addressed to", h.About)
	}
	return nil
}

// sameSerial and sameEID report whether a value is one that its constructor
// makes, and so is safe to show.
func sameSerial(s coproc.Serial) bool {
	again, err := coproc.NewSerial(string(s[:]))
	return err == nil && again == s
}

func sameEID(e coproc.EID) bool {
	again, err := coproc.NewEID(e.String())
	return err == nil && again == e
}
