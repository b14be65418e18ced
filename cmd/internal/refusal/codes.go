package refusal

// Code names a refusal for programs, journals and tests.
type Code string

// Why something was refused. Each code has its row in rows, which says its group
// and what is to be done.
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
	CodeFamily         Code = "family" // coprocessors of another kind than the plan's
	CodeStore          Code = "store"
	CodeNote           Code = "note"
	CodeReason         Code = "reason"
	CodeSharesTogether Code = "shares-together" // two shares for one target, or a share and the databases, on one medium
	CodeNewPassphrase  Code = "new-passphrase"
	CodeTranscript     Code = "transcript" // a transcript that does not verify, or is none
	CodeNoPlan         Code = "no-plan"    // nobody agreed to a plan

	// Not yet, or not here.
	CodeOrder       Code = "order"
	CodeNotHere     Code = "not-here"
	CodeMissing     Code = "missing"
	CodeHashFirst   Code = "hash-first"
	CodeNoHash      Code = "no-hash-entered"
	CodeShareState  Code = "share-state"
	CodeRegister    Code = "register"
	CodeExists      Code = "store-exists"
	CodeSite        Code = "store-site" // a store cannot be made there
	CodeUnjudged    Code = "cannot-be-judged"
	CodeBusy        Code = "busy"
	CodeNotLost     Code = "not-lost"
	CodeStoreRights Code = "store-rights" // the store cannot be written, or not be read
	CodeStoreSpace  Code = "store-space"  // there is no room on its disk
	CodeClock       Code = "clock"        // this machine's clock cannot be right

	// Nothing was found where something was to be looked at.
	CodeNothing Code = "nothing-there"

	// Not by this officer.
	CodePassphrase Code = "passphrase"
	CodeLocked     Code = "locked"
	CodeInactive   Code = "inactive"
	CodeAccess     Code = "access"

	// The coprocessor itself.
	CodeCoprocessor Code = "coprocessor"
)

// Group is the kind of a refusal. Its number is the command's exit code.
type Group int

// The groups.
const (
	Refused Group = 3 // trust, policy, format
	NotYet  Group = 4 // not yet, or not here
	Device  Group = 6 // the coprocessor itself
	Denied  Group = 7 // not by this officer
	Nothing Group = 8 // nothing was there to be looked at
)

// row is what is said of one code. Hints name commands of this room in braces,
// see Error.Hint; those of another one stand in backticks.
type row struct {
	code  Code
	group Group
	hint  string
}

// textSays is the hint of a code whose texts say what to do, or bring a hint of
// their own.
const textSays = ""

// wrongHash says what to do about an SA key that does not fit the hash that is
// registered, or the other officer's card.
const wrongHash = "read the card once more, and compare both cards in the SA's room; if the registered hash is the wrong one, two officers take it back: {coprocessor unregister-hash}; if it is right, the stick was tampered with"

// stays says what to do where another SA key is registered than the one at hand.
const stays = "what two officers registered stays; if it is the wrong SA key, or its SA is lost, two officers begin anew here, which keeps the master keys: {coprocessor anew --reason …}; then the phase again, with the other SA's cards; tell the auditor"

// rows has each code once.
var rows = []row{
	{CodeFormat, Refused, "the file was damaged on its way or is something else; ask the node it came from to resend it"},
	{CodeLevel, Refused, "install the same level of gapferry in every room"},
	{CodeSignature, Refused, "the file was changed on its way; ask the node it came from to resend it, and keep this stick for the auditor"},
	{CodeUnknownKey, Refused, "compare the card with the one in the SA's room; if the card is right, the stick was tampered with"},
	{CodeNotSealedToMe, Refused, "it can only be opened at the node it is for"},
	{CodeInside, Refused, "the sender's gapferry made something inconsistent; keep the file and tell the auditor"},
	{CodeRehearsal, Refused, "use the sticks of this ceremony; wipe those of the rehearsal"},
	{CodeWrongCeremony, Refused, "it is of another ceremony; look for the right stick or codes"},
	{CodeWrongSender, Refused, "the stick holds something that no node of this plan made; tell the auditor"},
	{CodeWrongTarget, Refused, "take the stick to the node it is for, and bring the one for this node"},
	{CodeWrongPlace, Refused, "somebody moved files on the stick; ask for the bundle with `gapferry resend`"},
	{CodeOtherRequest, Refused, "it answers an older request or another node's; ask for the answer to the one of this node"},
	{CodeReplay, Refused, "an old file came back; look where this stick has been, and tell the auditor"},
	{CodeCertified, Refused, "ask in its room; if it was not set up anew, somebody asks in its name: tell the auditor"},
	{CodeTwoRequests, Refused, "compare the key shown in the node's own room with each of them"},
	{CodeOldGeneration, Refused, "bring the newest certificate from the SA"},
	{CodeRevoked, Refused, "ask in the SA's room; a node that was set up anew asks for another certificate (phase 3b --renew)"},
	{CodeRevokedKey, Refused, "keys that were revoked never come back: set that coprocessor up anew (`gapferry init` in a new store), which makes other keys, and ask from there (phase 3a, then 3b --renew). If it was set up anew, somebody else asks in its name: tell the auditor"},
	{CodeCancelled, Refused, "what is void is not used. A newer share set is begun at the source: `gapferry phase 3c --target` with the name of the target"},
	{CodeCertificate, Refused, textSays},
	{CodeExpired, Refused, "look at a watch: if this machine's clock is wrong, set it right; if it is right, the SA makes another certificate, with --renew in phase 2b or 3b"},
	{CodePlanDiffers, Refused, "agree on one plan; a store made from another plan has to be made anew"},
	{CodeAccessDiffers, Refused, "let the administrator find out who changed them; do not go on"},
	{CodeHashDiffers, Refused, "read the words once more; if they are right, the card is not of this SA key"},
	{CodeRegistered, Refused, stays},
	{CodeKeyRegistered, Refused, stays},
	{CodeSameProfile, Refused, "two officers do this, each one half"},
	{CodeShareSet, Refused, "all shares must be of one set, that of the statement, and for one certificate: bring those. If the source cancelled a set, take its cancel in first: `gapferry resend --kind cancel` there, {cancel --from …} here"},
	{CodeShareIndex, Refused, textSays},
	{CodeShareRepeat, Refused, textSays},
	{CodeShareDamaged, Refused, "ask the source to resend this share"},
	{CodeOtherMasterKey, Refused, "do not set any key; find out at the source which master key is to be cloned"},
	{CodeClass, Refused, "the plan must say allow_aes_cloning = true before phase 1, on every node"},
	{CodePattern, Refused, "do not set it; clear the new register and ask the source"},
	{CodeReplaced, Refused, "tell the auditor. To clone it there again: void the share set at the source (`gapferry cancel`), set this coprocessor up anew in a new store (`gapferry init`), and go on with phase 3a"},
	{CodeNotVerified, Refused, textSays},
	{CodeWeakKey, Refused, "clear the new register and make another master key"},
	{CodeSameKey, Refused, "look at {coprocessor registers}: where it is the current key, nothing needs to be set; where it is the old one, clear the new register, and another key has to be set before this one"},
	{CodeNotConfirmed, Refused, "if what was compared differs: stop, and tell the auditor. If it does not, run it again"},
	{CodeHashSource, Refused, "read the hash from the card that came another way"},
	{CodeJournal, Refused, "do not use this store; keep it for the auditor, with journal.cbor as it is"},
	{CodeFamily, Refused, "a ceremony is between coprocessors of one family: agree on one in the plan, and on a device of that family in each room"},
	{CodeStore, Refused, "do not use this store; keep it for the auditor"},
	{CodeNote, Refused, "give --text one line of at most 1000 bytes"},
	{CodeReason, Refused, textSays},
	{CodeSharesTogether, Refused, "give each share a medium of its own: another stick, another directory; only a plan with shares_together = true has it otherwise"},
	{CodeNewPassphrase, Refused, "choose another one: at least 8 characters, and not the old one"},
	{CodeTranscript, Refused, textSays},
	{CodeNoPlan, Refused, textSays},

	{CodeOrder, NotYet, textSays},
	{CodeNotHere, NotYet, "look at the plan which room this is; another store is named with --store"},
	{CodeMissing, NotYet, "bring the stick or the codes that have it, or ask the sender for `gapferry resend`"},
	{CodeHashFirst, NotYet, "the hash officer enters the words of the card first"},
	{CodeNoHash, NotYet, "run it again with the card: type the 24 words when asked. Scripts give them on standard input, with --sa-hash -"},
	{CodeShareState, NotYet, textSays},
	{CodeRegister, NotYet, "look at {coprocessor registers}"},
	{CodeExists, NotYet, textSays},
	{CodeSite, NotYet, "name another place with --store, or make room and rights there; nothing was made"},
	{CodeUnjudged, NotYet, "look at them together with the stick that has the databases, one more --from, or with --store at the source or the SA"},
	{CodeBusy, NotYet, "wait until it has finished"},
	{CodeNotLost, NotYet, textSays},
	{CodeStoreRights, NotYet, textSays},
	{CodeStoreSpace, NotYet, textSays},
	{CodeClock, NotYet, "set this machine's clock right, in UTC (for example: date -u -s '2026-12-31 23:59'), and run it again. If it is right: run it at the terminal, without --passphrase-fd, where an officer says so"},

	{CodeNothing, Nothing, textSays},

	{CodePassphrase, Denied, "run it again; what was done before stays done"},
	{CodeLocked, Denied, textSays},
	{CodeInactive, Denied, "set this machine's clock right, in UTC; if it is right, the plan does not let this officer work today"},
	{CodeAccess, Denied, "let the officer of the plan do it: see `gapferry plan print`"},

	{CodeCoprocessor, Device, textSays},
}

// byCode finds rows.
var byCode = func() map[Code]row {
	m := make(map[Code]row, len(rows))
	for _, r := range rows {
		m[r.code] = r
	}
	return m
}()

// Group of the code. One that is not known is refused.
func (c Code) Group() Group {
	if r, ok := byCode[c]; ok {
		return r.group
	}
	return Refused
}

// Advice says what to do about the refusal; empty where its text says it all.
// Commands of this room stand in braces, see Hint.
func (r *Error) Advice() string {
	switch {
	case r.Unregister:
		return wrongHash
	case r.Hint != "":
		return r.Hint
	}
	return byCode[r.Code].hint
}
