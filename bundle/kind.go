package bundle

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/coproc/outside"
)

// Kind is what a bundle is for. It fixes the phase, the fields of the header
// and what is inside.
type Kind string

// The kinds.
const (
	KindSAKey     Kind = "sa-key"    // the SA key, and the plan
	KindCSSKey    Kind = "css-key"   // the source asks for its certificate
	KindCSSCert   Kind = "css-cert"  // the source's certificate
	KindCSRKey    Kind = "csr-key"   // a target asks for its certificate
	KindCSRCert   Kind = "csr-cert"  // a target's certificate
	KindStatement Kind = "statement" // the master-key verification information
	KindShare     Kind = "share"     // one share of the master key
	KindReceipt   Kind = "receipt"   // the target has the master key

	// Kinds that belong to no phase: they are made when they are needed.
	KindCancel  Kind = "cancel"  // the source voids a share set
	KindRevoke  Kind = "revoke"  // the SA takes back certificates
	KindJournal Kind = "journal" // a part of a node's journal, for the transcript
)

// Kinds lists every kind, those of the procedure first, in its order.
var Kinds = []Kind{
	KindSAKey, KindCSSKey, KindCSSCert, KindCSRKey,
	KindCSRCert, KindStatement, KindShare, KindReceipt,
	KindCancel, KindRevoke, KindJournal,
}

// Phases lists the phases of the procedure's Table 1.
var Phases = []string{"1", "2a", "2b", "3a", "3b", "3c", "3d"}

// presence says whether a field belongs in the header of a kind.
type presence int

const (
	absent presence = iota
	allowed
	needed
)

// refuse tells what is wrong with a field that is, or is not, there.
func (p presence) refuse(field string, there bool) error {
	switch {
	case p == absent && there:
		return fmt.Errorf("%s does not belong there", field)
	case p == needed && !there:
		return fmt.Errorf("%s is missing", field)
	}
	return nil
}

// rules are what differs from kind to kind: in the header, in the recipients of
// the age file, and inside.
type rules struct {
	kind        Kind
	phase       string
	toMin       int // how many nodes it is addressed to
	toMax       int
	answers     presence // digest of the bundle that it answers
	share       presence
	key         presence
	certificate presence
	about       presence
	stanzas     []string // the age recipient types that it may be sealed to
	inside      inside
}

// age recipient types (C2SP age, "Recipient stanza").
const (
	stanzaX25519     = "X25519"
	stanzaP256       = "p256tag"
	stanzaHybrid     = "mlkem768x25519"
	stanzaHybridP256 = "mlkem768p256tag"
	stanzaScrypt     = "scrypt"
)

var (
	passphraseOnly  = []string{stanzaScrypt}
	postQuantumOnly = []string{stanzaHybrid, stanzaHybridP256}
	anyPublicKey    = []string{stanzaX25519, stanzaP256, stanzaHybrid, stanzaHybridP256}
)

// MaxTo is how many nodes one bundle can be addressed to.
const MaxTo = 16

var kindRules = []rules{
	{kind: KindSAKey, phase: "1", stanzas: passphraseOnly, inside: insideIs[SAKeyBody](MaxPlanInside)},
	{kind: KindCSSKey, phase: "2a", toMin: 1, toMax: MaxTo, answers: needed, key: needed, stanzas: anyPublicKey, inside: insideIs[RequestBody](MaxInside)},
	{kind: KindCSSCert, phase: "2b", toMin: 1, toMax: MaxTo, answers: needed, stanzas: anyPublicKey, inside: insideIs[CertificateBody](MaxInside)},
	{kind: KindCSRKey, phase: "3a", toMin: 1, toMax: MaxTo, answers: needed, key: needed, stanzas: anyPublicKey, inside: insideIs[RequestBody](MaxInside)},
	{kind: KindCSRCert, phase: "3b", toMin: 1, toMax: MaxTo, answers: needed, about: needed, stanzas: anyPublicKey, inside: insideIs[CertificateBody](MaxInside)},
	{kind: KindStatement, phase: "3c", toMin: 1, toMax: 1, answers: needed, certificate: needed, stanzas: anyPublicKey, inside: insideIs[StatementBody](MaxInside)},
	{kind: KindShare, phase: "3c", toMin: 1, toMax: 1, answers: needed, share: needed, stanzas: postQuantumOnly},
	{kind: KindReceipt, phase: "3d", toMin: 1, toMax: MaxTo, answers: needed, certificate: allowed, stanzas: anyPublicKey, inside: insideIs[ReceiptBody](MaxInside)},
	{kind: KindCancel, toMin: 1, toMax: MaxTo, answers: needed, certificate: needed, about: needed, stanzas: anyPublicKey, inside: insideIs[CancelBody](MaxInside)},
	{kind: KindRevoke, about: needed, stanzas: passphraseOnly, inside: insideIs[RevokeBody](MaxInside)},
	{kind: KindJournal, key: needed, stanzas: passphraseOnly, inside: insideIs[JournalBody](MaxPlanInside)},
}

func rulesOf(k Kind) (rules, error) {
	i := slices.IndexFunc(kindRules, func(r rules) bool { return r.kind == k })
	if i < 0 {
		return rules{}, fmt.Errorf("%w: unknown kind %s", ErrKind, outside.Text(k))
	}
	return kindRules[i], nil
}

// Phase is the phase of the procedure that writes the kind: "1", "2a", …;
// empty for a kind that belongs to none, and for an unknown one.
func (k Kind) Phase() string {
	r, _ := rulesOf(k)
	return r.phase
}
