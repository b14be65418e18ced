package journal

import (
	"crypto/sha256"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// Event is what a journal record tells.
type Event string

// The events of a journal.
const (
	EventInit     Event = "init"     // the store was made
	EventTask     Event = "task"     // an officer did a task of Table 2
	EventAct      Event = "act"      // an officer did an act outside of the phases: loading a master key, setting it, clearing the new register
	EventNote     Event = "note"     // an officer's remark
	EventClock    Event = "clock"    // an officer confirmed that the clock is right although something said otherwise, or that it was wrong before
	EventRefused  Event = "refused"  // something was not done, and why
	EventCompared Event = "compared" // an officer of a target compared the source's keys with its key card, and said yes
	EventReceived Event = "received" // a bundle was verified and taken in
	EventWritten  Event = "written"  // a bundle was made and kept in the outbox
	EventCopied   Event = "copied"   // a bundle was handed over to a carrier: written and read back, or shown
	EventCleared  Event = "cleared"  // the new register and the shares in it were cleared
	EventCanceled Event = "canceled" // a share set was voided, at the source or at its target
	EventRevoked  Event = "revoked"  // the SA took back the certificates of a node
	EventExported Event = "exported" // the journal up to here was handed out
	EventRepaired Event = "repaired" // a torn last record was removed
	EventFound    Event = "found"    // the master-key registers are not what the records before this one say

	// EventOfficerKey: an officer changed their passphrase, and has another key.
	EventOfficerKey Event = "officer-key"

	// EventInterrupted: the coprocessor did something that no record tells.
	EventInterrupted Event = "interrupted"
)

// unattended reports whether a record of the event may be written while nobody
// is logged on, and so without a signature. Whoever can write to the disk can
// write such records too: no act and nothing that later phases trust is among
// them, but for an officer's new key, which the old one signed.
func (e Event) unattended() bool {
	return e == EventRefused || e == EventCopied || e == EventRepaired || e == EventOfficerKey
}

// Record is one entry of a node's journal.
type Record struct {
	Seq       uint64           `cbor:"1,keyasint"` // from 1
	Previous  coproc.Digest    `cbor:"2,keyasint"` // head before this record
	Time      int64            `cbor:"3,keyasint"` // Unix seconds; information only
	Event     Event            `cbor:"4,keyasint"`
	Phase     string           `cbor:"5,keyasint,omitempty"`
	Node      string           `cbor:"6,keyasint,omitempty"`
	Task      procedure.TaskID `cbor:"7,keyasint,omitempty"` // of an act: the entry of the plan's officers
	Profile   string           `cbor:"8,keyasint,omitempty"` // of a refused log-on: whose it was to be
	Share     int              `cbor:"9,keyasint,omitempty"`
	Peer      string           `cbor:"10,keyasint,omitempty"` // the other node concerned
	Kind      bundle.Kind      `cbor:"11,keyasint,omitempty"`
	Bundle    *coproc.Digest   `cbor:"12,keyasint,omitempty"`
	Code      refusal.Code     `cbor:"13,keyasint,omitempty"` // of a refusal
	Text      string           `cbor:"14,keyasint,omitempty"`
	Data      []byte           `cbor:"15,keyasint,omitempty"` // what later phases need; see the event
	Recovered bool             `cbor:"16,keyasint,omitempty"` // found done after an interruption
	Means     Means            `cbor:"17,keyasint,omitempty"` // of a signed record: how the officer's answers came

	Brief string `cbor:"-"` // what a screen shows in the place of Text; not in the journal
}

// headAfter chains a record to the head before it.
func headAfter(previous coproc.Digest, body []byte) coproc.Digest {
	h := sha256.New()
	h.Write([]byte("gapferry journal record v1"))
	h.Write(previous[:])
	h.Write(body)
	var d coproc.Digest
	h.Sum(d[:0])
	return d
}

// BeginsAnew reports whether the record tells of one of them.
func (r Record) BeginsAnew() bool {
	return r.Event == EventAct && (r.Task == procedure.TaskAskAnew || r.Task == procedure.TaskAnew || r.Task == procedure.TaskWithdrawAnew)
}

// Unregisters reports whether the record tells of one of them.
func (r Record) Unregisters() bool {
	return r.Event == EventAct && (r.Task == procedure.TaskAskUnregister || r.Task == procedure.TaskUnregister || r.Task == procedure.TaskWithdrawUnregister)
}
