package journal

import (
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// DataOf decodes the Data of a record as that of its event.
func DataOf[T any](r Record) (T, error) {
	var d T
	if err := detcbor.Unmarshal(r.Data, &d); err != nil {
		return d, fmt.Errorf("%w: record %d: %v", refusal.ErrJournal, r.Seq, err)
	}
	return d, nil
}

// InitData is the Data of EventInit, the first record.
type InitData struct {
	Plan     coproc.Digest     `cbor:"1,keyasint"`
	AuditKey coproc.PublicKey  `cbor:"2,keyasint"`
	Serial   coproc.Serial     `cbor:"3,keyasint"`
	Device   string            `cbor:"4,keyasint"` // the coprocessor's name in the plan
	Ceremony coproc.CeremonyID `cbor:"5,keyasint"`
	// Officers are the first keys of the officers, who sign the records.
	Officers coproc.OfficerList `cbor:"6,keyasint"`
}

// WrittenData is the Data of EventWritten: where the bundle lies, and which
// share set it is of.
type WrittenData struct {
	Folder   string            `cbor:"1,keyasint"`
	Name     string            `cbor:"2,keyasint"`
	Sequence uint64            `cbor:"3,keyasint"`
	Answers  coproc.Digest     `cbor:"4,keyasint"`
	Payload  coproc.Digest     `cbor:"5,keyasint,omitzero"` // of a share: SHA-256 of its age file, as the statement has it
	ShareSet coproc.ShareSetID `cbor:"6,keyasint,omitzero"` // of share and cancel
}

// StatedData is the Data of EventReceived of a statement.
type StatedData struct {
	Certificate []byte `cbor:"1,keyasint"` // of the source, for coproc.ParseCertificate
	Statement   []byte `cbor:"2,keyasint"` // for coproc.ParseStatement
}

// ReceiptData is the Data of EventReceived of a receipt.
type ReceiptData struct {
	Pattern  coproc.Pattern    `cbor:"1,keyasint"` // of the target's current master key
	Old      coproc.Register   `cbor:"2,keyasint"`
	Shares   []uint8           `cbor:"3,keyasint"`
	By       string            `cbor:"4,keyasint"`
	ShareSet coproc.ShareSetID `cbor:"5,keyasint"`
}

// CancelData is the Data of EventCanceled, and of EventReceived of a cancel.
type CancelData struct {
	ShareSet coproc.ShareSetID `cbor:"1,keyasint"`
	Out      []uint8           `cbor:"2,keyasint,omitempty"` // shares that had been obtained
	Reason   string            `cbor:"3,keyasint"`
	By       string            `cbor:"4,keyasint"`
}

// RevokeData is the Data of EventRevoked, and of EventReceived of a revoke.
type RevokeData struct {
	Node       coproc.NodeID `cbor:"1,keyasint"`
	Generation uint32        `cbor:"2,keyasint"` // this certificate and all before it
	Reason     string        `cbor:"3,keyasint"`
	By         string        `cbor:"4,keyasint"`
}

// ActData is the Data of EventAct and EventCleared, where the act worked on
// master-key registers, and of EventFound: what the registers of the class are
// afterwards. Whoever reads the journal learns from it what is in a coprocessor
// at the end, not only what once was.
type ActData struct {
	Class   coproc.Class    `cbor:"1,keyasint"`
	New     coproc.Register `cbor:"2,keyasint"`
	Current coproc.Register `cbor:"3,keyasint"`
	Old     coproc.Register `cbor:"4,keyasint"`
}

// ComparedData is the Data of EventCompared: whose keys, and for what.
type ComparedData struct {
	Certificate coproc.Digest     `cbor:"1,keyasint"` // of the source
	ShareSet    coproc.ShareSetID `cbor:"2,keyasint"`
}

// UnregisterData is the Data of EventAct where it asks to take back the SA-key
// hash, withdraws that, or does it.
type UnregisterData struct {
	Hash   coproc.Thumbprint `cbor:"1,keyasint"`
	Reason string            `cbor:"2,keyasint"`
}

// ClockData, the Data of EventClock, is in clockspans.go.

// The Data of the other events, where there is one: EventReceived of a
// certificate, and EventTask of certify-css and certify-csr, have the
// certificate; EventReceived of sa-key has coproc.Keys in CBOR; EventTask of
// obtain-master-key, verify-new and set-master-key have the pattern.

// AnewData is the Data of EventAct where it asks to begin anew, withdraws that,
// or does it.
type AnewData struct {
	Hash   coproc.Thumbprint `cbor:"1,keyasint"` // of the SA key that is registered
	Reason string            `cbor:"2,keyasint"`
	Keeps  bool              `cbor:"3,keyasint,omitempty"` // the SA key is the coprocessor's own, and stays
}
