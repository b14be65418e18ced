package bundle

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/outside"
)

// CancelBody is inside cancel: the source voids a share set, what of it is on
// sticks included.
type CancelBody struct {
	ShareSet    coproc.ShareSetID `cbor:"1,keyasint"`
	Certificate coproc.Digest     `cbor:"2,keyasint"`           // of the target, that the set was made for
	Out         []uint8           `cbor:"3,keyasint,omitempty"` // shares that were obtained, ascending
	Reason      string            `cbor:"4,keyasint"`
	By          string            `cbor:"5,keyasint"` // the profile that cancelled
}

// RevokeBody is inside revoke: the SA takes back the certificates of a
// node up to a generation.
type RevokeBody struct {
	Node       coproc.NodeID `cbor:"1,keyasint"`
	Generation uint32        `cbor:"2,keyasint"` // the last one that is taken back
	Reason     string        `cbor:"3,keyasint"`
	By         string        `cbor:"4,keyasint"` // the profile that revoked
}

// MaxJournalPart is how much of a journal one bundle can bring, in bytes.
const MaxJournalPart = 160 << 10

// JournalBody is inside journal: a part of what the journal of a node's
// coprocessor holds, and the plan that the node works by. The parts of one
// journal have the same Total and Whole.
type JournalBody struct {
	Plan   []byte        `cbor:"1,keyasint"` // canonical text, UTF-8
	Total  uint64        `cbor:"2,keyasint"` // length of the whole journal in bytes
	Whole  coproc.Digest `cbor:"3,keyasint"` // SHA-256 of the whole journal
	Offset uint64        `cbor:"4,keyasint"` // where this part begins
	Part   []byte        `cbor:"5,keyasint"` // 1 … MaxJournalPart bytes
}

// MaxReason bounds the reason of a cancel or a revocation, in bytes of UTF-8.
const MaxReason = 200

// CheckReason refuses a reason that is not one line of printed text.
func CheckReason(s string) error {
	switch {
	case strings.TrimSpace(s) == "":
		return errors.New("no reason is given")
	case len(s) > MaxReason:
		return fmt.Errorf("the reason has %d bytes, at most %d", len(s), MaxReason)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }):
		return errors.New("the reason has characters that are not printed")
	}
	return nil
}

func (c CancelBody) check() error {
	if c.ShareSet == (coproc.ShareSetID{}) || c.Certificate.IsZero() {
		return errors.New("it names no share set")
	}
	return cmp.Or(checkShares(c.Out), CheckReason(c.Reason), checkBy(c.By))
}

func (CancelBody) fits(Header, coproc.PublicKey) error { return nil }

func (r RevokeBody) check() error {
	if r.Generation == 0 {
		return errors.New("it takes back no certificate")
	}
	return cmp.Or(CheckReason(r.Reason), checkBy(r.By))
}

func (r RevokeBody) fits(h Header, _ coproc.PublicKey) error {
	if r.Node.Name != h.About {
		return fmt.Errorf("it revokes node %s, its header is about %q", outside.Text(r.Node.Name), h.About)
	}
	return nil
}

// Check refuses a part that cannot be one of a journal. Whoever reads a bundle
// past its signature must ask; Open has asked.
func (j JournalBody) Check() error { return j.check() }

func (j JournalBody) check() error {
	size := uint64(len(j.Part))
	switch {
	case len(j.Plan) == 0 || !utf8.Valid(j.Plan):
		return errors.New("the plan is not text")
	case size == 0 || size > MaxJournalPart:
		return fmt.Errorf("a part of %d bytes, 1 to %d", size, MaxJournalPart)
	case j.Offset > j.Total || size > j.Total-j.Offset:
		return fmt.Errorf("%d bytes at %d of a journal of %d", size, j.Offset, j.Total)
	case j.Offset%MaxJournalPart != 0:
		return fmt.Errorf("a part at %d: parts begin at multiples of %d", j.Offset, MaxJournalPart)
	case j.Offset+size < j.Total && size != MaxJournalPart:
		return fmt.Errorf("a part of %d bytes, and more behind it: only the last is short", size)
	case j.Whole.IsZero():
		return errors.New("the digest of the whole journal is missing")
	}
	return nil
}

func (JournalBody) fits(Header, coproc.PublicKey) error { return nil }
