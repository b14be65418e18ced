package refusal

import (
	"errors"
	"fmt"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// Code names a refusal for programs, journals and tests.
type Code string

// Why something was refused. The comment says which group it is of.
const (
	// The bundle or what it says is not to be trusted, or policy forbids it.
	CodeFormat         Code = "format"
	CodeLevel          Code = "level"
	CodeSignature      Code = "signature"
	CodeUnknownKey     Code = "unknown-key"
	CodeNotSealedToMe  Code = "not-sealed-to-me"
	CodeInside         Code = "inside-differs"
	CodeRehearsal      Code = "rehearsal"
	CodeWrongCeremony  Code = "wrong-ceremony"
	CodeWrongSender    Code = "wrong-sender"
	CodeWrongTarget    Code = "wrong-target"
	CodeWrongPlace     Code = "wrong-place"
	CodeOtherRequest   Code = "other-request"
	CodeReplay         Code = "replay"
	CodeCertified      Code = "certified-already"
	CodeTwoRequests    Code = "two-requests"
	CodeOldGeneration  Code = "old-generation"
	CodeRevoked        Code = "revoked"
	CodeRevokedKey     Code = "revoked-key"
	CodeCancelled      Code = "cancelled"
	CodeCertificate    Code = "certificate"
	CodeExpired        Code = "expired"
	CodePlanDiffers    Code = "plan-differs"
	CodeAccessDiffers  Code = "access-differs"
	CodeHashDiffers    Code = "hash-differs"
	CodeRegistered     Code = "registered-already"
	CodeKeyRegistered  Code = "sa-key-registered"
	CodeSameProfile    Code = "same-profile"
	CodeShareSet       Code = "share-set"
	CodeShareIndex     Code = "share-index"
	CodeShareRepeat    Code = "share-repeat"
	CodeShareDamaged   Code = "share-damaged"
	CodeOtherMasterKey Code = "other-master-key"
	CodeClass          Code = "class"
	CodePattern        Code = "pattern"
	CodeReplaced       Code = "replaced"
	CodeNotVerified    Code = "not-verified"
	CodeWeakKey        Code = "weak-key"
	CodeSameKey        Code = "same-key"
	CodeNotConfirmed   Code = "not-confirmed"
	CodeHashSource     Code = "hash-source"
	CodeJournal        Code = "journal"
	CodeStore          Code = "store"
	CodeNote           Code = "note"
	CodeReason         Code = "reason"
	CodeSharesTogether Code = "shares-together" // two shares for one target, or a share and the databases, on one medium
	CodeNewPassphrase  Code = "new-passphrase"

	// Not yet, or not here.
	CodeOrder      Code = "order"
	CodeNotHere    Code = "not-here"
	CodeMissing    Code = "missing"
	CodeHashFirst  Code = "hash-first"
	CodeNoHash     Code = "no-hash-entered"
	CodeShareState Code = "share-state"
	CodeRegister   Code = "register"
	CodeExists     Code = "store-exists"
	CodeSite       Code = "store-site" // a store cannot be made there
	CodeUnjudged   Code = "cannot-be-judged"
	CodeBusy       Code = "busy"

	// Nothing was found where something was to be looked at.
	CodeNothing Code = "nothing-there"
	CodeNotLost Code = "not-lost"

	CodeStoreRights Code = "store-rights" // the store cannot be written, or not be read
	CodeStoreSpace  Code = "store-space"  // there is no room on its disk
	CodeClock       Code = "clock"        // this machine's clock cannot be right

	// Not by this officer.
	CodePassphrase Code = "passphrase"
	CodeLocked     Code = "locked"
	CodeInactive   Code = "inactive"
	CodeAccess     Code = "access"

	// The coprocessor itself.
	CodeCoprocessor Code = "coprocessor"
)

// Group is the kind of a refusal; the command's exit code follows from it.
type Group int

// The groups.
const (
	Refused Group = iota
	NotYet
	Denied
	Device
	Nothing
)

// Group of the code.
func (c Code) Group() Group {
	switch c {
	case CodeOrder, CodeNotHere, CodeMissing, CodeHashFirst, CodeNoHash, CodeShareState, CodeRegister, CodeExists, CodeSite, CodeBusy, CodeUnjudged,
		CodeStoreRights, CodeStoreSpace, CodeNotLost, CodeClock:
		return NotYet
	case CodePassphrase, CodeLocked, CodeInactive, CodeAccess:
		return Denied
	case CodeCoprocessor:
		return Device
	case CodeNothing:
		return Nothing
	}
	return Refused
}

// Error is why something was not done. Nothing was changed, but for the
// journal that tells of it.
type Error struct {
	Code   Code
	Text   string
	Bundle coproc.Digest // the bundle concerned, or zero
	Err    error         // what it comes from, or nil
	// Unregister is set where an SA key does not fit the hash that is registered
	// here: if that is the wrong one, it can be taken back.
	Unregister bool
	// Hint says what to do, where the code alone does not tell it; or "". A
	// command that is to be typed in this room stands in braces, without the word
	// gapferry and without the store: {phase 3a}. It is not for the journal, and
	// nothing from outside is ever put into it.
	Hint string

	Profile string // that was not let in, or ""
}

func (r *Error) Error() string { return r.Text }

// Unwrap gives the cause.
func (r *Error) Unwrap() error { return r.Err }

func New(c Code, format string, a ...any) *Error {
	err := fmt.Errorf(format, a...)
	return &Error{Code: c, Text: err.Error(), Err: errors.Unwrap(err)}
}

// hinted gives the refusal a hint of its own.
func (r *Error) Hinted(format string, a ...any) *Error {
	r.Hint = fmt.Sprintf(format, a...)
	return r
}

// codes gives the refusal for each error of the packages below.
var codes = []struct {
	err  error
	code Code
}{
	{bundle.ErrLevel, CodeLevel},
	{bundle.ErrTooLarge, CodeFormat},
	{bundle.ErrFormat, CodeFormat},
	{bundle.ErrKind, CodeFormat},
	{bundle.ErrUnknownKey, CodeUnknownKey},
	{coproc.ErrExpired, CodeExpired},
	{bundle.ErrCertificate, CodeCertificate},
	{bundle.ErrSignature, CodeSignature},
	{bundle.ErrNotSealedToMe, CodeNotSealedToMe},
	{bundle.ErrInside, CodeInside},

	{coproc.ErrProfile, CodeAccess},
	{coproc.ErrLocked, CodeLocked}, // before ErrPassphrase, which locks
	{coproc.ErrPassphrase, CodePassphrase},
	{coproc.ErrNewPassphrase, CodeNewPassphrase},
	{coproc.ErrInactive, CodeInactive},
	{coproc.ErrAccess, CodeAccess},
	{coproc.ErrJournal, CodeJournal},
	{coproc.ErrBuild, CodeStore},
	{coproc.ErrRegistered, CodeRegistered},
	{coproc.ErrKeyRegistered, CodeKeyRegistered},
	{coproc.ErrNotAsked, CodeOrder},
	{coproc.ErrNoHash, CodeHashFirst},
	{coproc.ErrNoSAKey, CodeOrder},
	{coproc.ErrHashDiffers, CodeHashDiffers},
	{coproc.ErrSameProfile, CodeSameProfile},
	{coproc.ErrClass, CodeClass},
	{coproc.ErrRegister, CodeRegister},
	{coproc.ErrWeakKey, CodeWeakKey},
	{coproc.ErrSameKey, CodeSameKey},
	{coproc.ErrNotVerified, CodeNotVerified},
	{coproc.ErrPattern, CodePattern},
	{coproc.ErrShareIndex, CodeShareIndex},
	{coproc.ErrShareDone, CodeShareRepeat},
	{coproc.ErrShareSet, CodeShareSet},
	{coproc.ErrVoid, CodeCancelled},
	{coproc.ErrStatement, CodeShareSet},
	{coproc.ErrShareTarget, CodeWrongTarget},
	{coproc.ErrOtherMasterKey, CodeOtherMasterKey},
	{coproc.ErrShareDamaged, CodeShareDamaged},
	{coproc.ErrShareState, CodeShareState},
	{coproc.ErrNoKey, CodeOrder},
	{coproc.ErrCertificate, CodeCertificate},
	{cosesig.ErrSignature, CodeSignature},
	{cosesig.ErrMessage, CodeFormat},
	{ErrJournal, CodeJournal},
}

// Wrap turns an error of the packages below into a Refusal that begins
// with what was being done. Other errors (the disk's, say) stay what they are.
func Wrap(err error, format string, a ...any) error {
	if err == nil {
		return nil
	}
	var r *Error
	if errors.As(err, &r) {
		return err
	}
	text := fmt.Sprintf(format, a...) + ": " + err.Error()
	for _, c := range codes {
		if errors.Is(err, c.err) {
			return &Error{Code: c.code, Text: text, Err: err}
		}
	}
	for _, e := range []error{coproc.ErrMemory, coproc.ErrDamaged, coproc.ErrExists, coproc.ErrSetup, coproc.ErrKeyExists, coproc.ErrPart, coproc.ErrClosed} {
		if errors.Is(err, e) {
			return &Error{Code: CodeCoprocessor, Text: text, Err: err}
		}
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, a...), err)
}
