package transcript

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

// Severity says how much a finding matters.
type Severity int

// The weights, lightest first.
const (
	// Note is something that is as it may be, and that an auditor may want to
	// know: a script that logged an officer on.
	Note Severity = iota
	// Exception is something that an auditor wants to know, and that the
	// ceremony provides for: a refusal, a remark, a share that was not used.
	Exception
	// Open is something that is not finished, or not here: a journal that was
	// not brought, a target without its master key. More evidence can close it.
	Open
	// Fault is something that must not be. The transcript does not verify.
	Fault
)

// RecordRef points at a record of a journal.
type RecordRef struct {
	Node   string // of the plan; where a coprocessor holds two, the one concerned
	Record uint64 // from 1; 0 where no record is meant
	Time   int64  // Unix seconds by that node's clock
}

// Finding is one thing that the checks found.
type Finding struct {
	Severity Severity
	Rule     string // the check that found it: "officer", "order", "sent-received", …
	Ref      RecordRef
	Text     string // what is wrong, in words
}

// Verdict is what a transcript comes to.
type Verdict int

// The verdicts.
const (
	Verified               Verdict = iota // every check passed, nothing to tell but notes
	VerifiedWithExceptions                // every check passed, with exceptions
	Incomplete                            // nothing is wrong, and not everything is here or done
	NotVerified                           // at least one fault
)

// String is the word for programs.
func (v Verdict) String() string {
	return [...]string{Verified: "good", VerifiedWithExceptions: "excepted", Incomplete: "incomplete", NotVerified: "bad"}[v]
}

// Result is what verifying a transcript gives. It holds no secret.
type Result struct {
	Plan     *plan.Plan        // nil where the SA key is not here: nothing could be verified then
	Hash     coproc.Thumbprint // the SA-key hash that everything was verified against
	Digest   coproc.Digest     // of the transcript's bytes
	Journals []Journal         // in the plan's order of coprocessors; of one that was set up anew the oldest first
	Findings []Finding         // faults first, then open, exceptions and notes; each in the order of the timeline
	Rows     []Row             // Table 2, filled in
	Acts     []TimelineEntry   // what officers did outside of Table 2: loading the key, unlocking, cancelling, revoking
	Pattern  string            // of the source's master key, 16 hex digits; empty if it was not obtained
	// Assurance is what kept the master key from going elsewhere, by the family of
	// the source's keys in its certificate; empty where none is here.
	Assurance string
	Now       string          // the source's current register, where officers set another master key there since; else empty
	Targets   []Target        // in the plan's order
	Bundles   []BundleTrace   // in the order in which they were made
	Timeline  []TimelineEntry // all nodes' records; a bundle is made before it is received, whatever clocks say

	dropped map[Severity]int // findings that were too many to keep
}

// Journal is one coprocessor's journal in the transcript.
type Journal struct {
	Coprocessor string
	Nodes       []string // that it holds; with " (old)" where it was set up anew since
	Missing     bool     // it was not brought
	LeftOut     string   // of a missing one of a target that takes no part: who says so, and in which record
	Lost        string   // it, or what came after its last record here, cannot be had any more: who says so, and in which record
	Records     int
	From, To    int64  // times of the first and the last record
	By          string // the profile that handed it out
	Head        string // hex: hash over all records
	AuditKey    string // hex thumbprint
	Certified   bool   // the SA key vouches for the audit key
}

// Row is a row of Table 2 and what became of it.
type Row struct {
	plan.Responsibility
	State  RowState
	By     string // the profile that did it
	Ref    RecordRef
	Result string // what the record says, in words
}

// RowState is what became of a row.
type RowState string

// The states of a row.
const (
	RowDone     RowState = "done"
	RowOpen     RowState = "open"
	RowUnneeded RowState = "not needed" // a share beyond the m that were installed
	RowGivenUp  RowState = "given up"   // a share that was not obtained, on purpose
	RowCanceled RowState = "cancelled"  // done or not, it is void
)

// Target is what became of one target.
type Target struct {
	Node         string
	State        TargetState
	Pattern      string // of its current master key, by the last record that tells
	Equal        bool   // it is the source's, by journal, statement and receipt
	Certificates int    // how many it was given
	Revoked      string // the reason, where its certificate was revoked
	Canceled     []Cancellation
	Compared     []string  // the profiles that had compared the source's keys with its key card when it was set
	Receipt      RecordRef // where it was made
	ReceiptAt    []RecordRef
	Shares       []ShareOutcome // of its latest share set, by index; then those of voided sets
}

// TargetState is what became of a target.
type TargetState string

// The states of a target.
const (
	HasKey    TargetState = "has the master key"
	CanceledT TargetState = "cancelled"
	OpenT     TargetState = "not finished"
	RevokedT  TargetState = "revoked"
	LeftOutT  TargetState = "left out"
	ReplacedT TargetState = "had the master key, has another one now"
)

// Cancellation is a share set that was voided.
type Cancellation struct {
	ShareSet string // hex
	By       string
	Reason   string
	Ref      RecordRef   // at the source
	TakenIn  []RecordRef // where it is known
	Late     bool        // the target had set the key before it knew
}

// ShareOutcome is what became of one share.
type ShareOutcome struct {
	Index     int
	ShareSet  string // hex
	Void      bool   // the set was cancelled
	Officer   string // the profile at the source
	Installer string // the profile at the target, if it was installed
	State     ShareState
	Obtained  RecordRef
	Copies    []string // carriers that it was handed to
	Installed RecordRef
	Account   string // the officer's remark that accounts for it, with its record
}

// ShareState is what became of a share.
type ShareState string

// The states of a share.
const (
	ShareInstalled   ShareState = "installed"
	ShareSpare       ShareState = "handed out, not needed"
	ShareKept        ShareState = "obtained, not handed out"
	ShareLost        ShareState = "handed out, accounted for by a remark"
	ShareUnaccounted ShareState = "handed out, not accounted for"
	ShareGivenUp     ShareState = "given up"
	ShareOpen        ShareState = "not obtained"
)

// BundleTrace is the way of one bundle between the rooms.
type BundleTrace struct {
	Digest   coproc.Digest
	Kind     bundle.Kind
	From     string
	Peer     string // the other node concerned, as the journal has it
	Share    int
	Written  RecordRef
	Copies   []string    // carriers that it was handed to
	Received []RecordRef // where it was taken in
	Evidence bool        // the bundle itself is in the transcript, and its signature is good
	Void     bool        // of a share set that was cancelled
}

// TimelineEntry is one record in the timeline.
type TimelineEntry struct {
	RecordRef
	Event    journal.Event
	Profile  string
	Person   string
	Text     string   // in words, not escaped
	Severity Severity // Fault and Exception are marked; Open and Note never
	Plain    bool     // nothing to mark
}
