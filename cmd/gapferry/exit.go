package main

import (
	"errors"
	"syscall"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
	"github.com/gapferry/gapferry/media/qr/capture"
	"github.com/gapferry/gapferry/media/usb"
)

// The exit codes.
const (
	exitDone        = 0
	exitOther       = 1
	exitUsage       = 2
	exitRefused     = 3 // trust, policy, format
	exitNotYet      = 4 // not yet or not here
	exitMedium      = 5
	exitCoprocessor = 6
	exitDenied      = 7
	exitNothing     = 8 // nothing was there to be looked at
)

func exitCode(err error) int {
	var usage *terminal.UsageError
	var refused *refusal.Error
	var wrong *plan.Error
	switch {
	case err == nil:
		return exitDone
	case isA[*media.ConflictError](err):
		return exitMedium
	case errors.As(err, &usage), isA[*media.SpecError](err), isA[*media.UnsupportedError](err):
		return exitUsage
	case errors.As(err, &refused):
		switch refused.Code.Group() {
		case refusal.NotYet:
			return exitNotYet
		case refusal.Nothing:
			return exitNothing
		case refusal.Denied:
			return exitDenied
		case refusal.Device:
			return exitCoprocessor
		}
		return exitRefused
	case errors.As(err, &wrong):
		return exitRefused
	case isA[*media.StepError](err), isA[*media.ConflictError](err), isA[*media.SpaceError](err),
		isA[*media.LimitError](err), isA[*media.NameError](err), isA[*usb.NoStickError](err), isA[*usb.ChooseError](err),
		isA[*usb.BusyError](err), isA[*media.MarkerError](err), isA[*wrongStickError](err),
		isA[*capture.PictureError](err), isA[*pictureDirError](err), isA[*sightError](err), isA[*notReadError](err), isA[*keepError](err), isA[*missingDirError](err), isA[*cardThereError](err):
		return exitMedium
	}
	return exitOther
}

func isA[T error](err error) bool {
	var e T
	return errors.As(err, &e)
}

// hint says what to do about an error; empty where the error says it all.
func hint(err error) string {
	var refused *refusal.Error
	if errors.As(err, &refused) {
		if refused.Unregister {
			return wrongHash
		}
		if refused.Hint != "" {
			return refused.Hint
		}
		return hints[refused.Code]
	}
	if errors.Is(err, syscall.ENOSPC) && !isA[*media.StepError](err) {
		return "make room on that disk, and run the same command again: what the journal has stays, and nothing is lost"
	}
	if usage, ok := errors.AsType[*terminal.UsageError](err); ok {
		return usage.Hint
	}
	if isA[*cardThereError](err) {
		return "no card is ever overwritten: move that file away and give the same command again, or name another file"
	}
	if isA[*media.ConflictError](err) {
		return "somebody changed that file on the stick; use a fresh one, and keep this one for the auditor"
	}
	if isA[*wrongStickError](err) {
		return "take this stick out and plug in the one that is wanted"
	}
	if isA[*notReadError](err) {
		return "the same command again shows it again; or hand it over with another carrier"
	}
	if isA[*media.UnsupportedError](err) {
		return "mount the stick and name its directory: dir:PATH"
	}
	return ""
}

// wrongHash says what to do about an SA key that does not fit the hash that is
// registered, or the other officer's card.
const wrongHash = "read the card once more, and compare both cards in the SA's room; if the registered hash is the wrong one, two officers take it back: {coprocessor unregister-hash}; if it is right, the stick was tampered with"

// stays says what to do where another SA key is registered than the one at hand.
const stays = "what two officers registered stays; if it is the wrong SA key, or its SA is lost, two officers begin anew here, which keeps the master keys: {coprocessor anew --reason …}; then the phase again, with the other SA's cards; tell the auditor"

// hints say what to do, for each code where that is not plain. Commands of this
// room stand in braces, see refusal.Error; those of another one in backticks.
var hints = map[refusal.Code]string{
	refusal.CodeFormat:         "the file was damaged on its way or is something else; ask the node it came from to resend it",
	refusal.CodeLevel:          "install the same level of gapferry in every room",
	refusal.CodeSignature:      "the file was changed on its way; ask the node it came from to resend it, and keep this stick for the auditor",
	refusal.CodeUnknownKey:     "compare the card with the one in the SA's room; if the card is right, the stick was tampered with",
	refusal.CodeNotSealedToMe:  "it can only be opened at the node it is for",
	refusal.CodeInside:         "the sender's gapferry made something inconsistent; keep the file and tell the auditor",
	refusal.CodeRehearsal:      "use the sticks of this ceremony; wipe those of the rehearsal",
	refusal.CodeWrongCeremony:  "it is of another ceremony; look for the right stick or codes",
	refusal.CodeWrongSender:    "the stick holds something that no node of this plan made; tell the auditor",
	refusal.CodeWrongTarget:    "take the stick to the node it is for, and bring the one for this node",
	refusal.CodeWrongPlace:     "somebody moved files on the stick; ask for the bundle with `gapferry resend`",
	refusal.CodeOtherRequest:   "it answers an older request or another node's; ask for the answer to the one of this node",
	refusal.CodeReplay:         "an old file came back; look where this stick has been, and tell the auditor",
	refusal.CodeCertified:      "ask in its room; if it was not set up anew, somebody asks in its name: tell the auditor",
	refusal.CodeTwoRequests:    "compare the key shown in the node's own room with each of them",
	refusal.CodeOldGeneration:  "bring the newest certificate from the SA",
	refusal.CodeExpired:        "look at a watch: if this machine's clock is wrong, set it right; if it is right, the SA makes another certificate, with --renew in phase 2b or 3b",
	refusal.CodePlanDiffers:    "agree on one plan; a store made from another plan has to be made anew",
	refusal.CodeAccessDiffers:  "let the administrator find out who changed them; do not go on",
	refusal.CodeHashDiffers:    "read the words once more; if they are right, the card is not of this SA key",
	refusal.CodeSameProfile:    "two officers do this, each one half",
	refusal.CodeRegistered:     stays,
	refusal.CodeKeyRegistered:  stays,
	refusal.CodeShareSet:       "all shares must be of one set, that of the statement, and for one certificate: bring those. If the source cancelled a set, take its cancel in first: `gapferry resend --kind cancel` there, {cancel --from …} here",
	refusal.CodeShareDamaged:   "ask the source to resend this share",
	refusal.CodeOtherMasterKey: "do not set any key; find out at the source which master key is to be cloned",
	refusal.CodeSharesTogether: "give each share a medium of its own: another stick, another directory; only a plan with shares_together = true has it otherwise",
	refusal.CodeNote:           "give --text one line of at most 1000 bytes",
	refusal.CodePattern:        "do not set it; clear the new register and ask the source",
	refusal.CodeReplaced:       "tell the auditor. To clone it there again: void the share set at the source (`gapferry cancel`), set this coprocessor up anew in a new store (`gapferry init`), and go on with phase 3a",
	refusal.CodeWeakKey:        "clear the new register and make another master key",
	refusal.CodeSameKey:        "look at {coprocessor registers}: where it is the current key, nothing needs to be set; where it is the old one, clear the new register, and another key has to be set before this one",
	refusal.CodeClass:          "the plan must say allow_aes_cloning = true before phase 1, on every node",
	refusal.CodeNotConfirmed:   "if what was compared differs: stop, and tell the auditor. If it does not, run it again",
	refusal.CodeHashSource:     "read the hash from the card that came another way",
	refusal.CodeJournal:        "do not use this store; keep it for the auditor, with journal.cbor as it is",
	refusal.CodeStore:          "do not use this store; keep it for the auditor",
	refusal.CodeSite:           "name another place with --store, or make room and rights there; nothing was made",
	refusal.CodeNotHere:        "look at the plan which room this is; another store is named with --store",
	refusal.CodeMissing:        "bring the stick or the codes that have it, or ask the sender for `gapferry resend`",
	refusal.CodeUnjudged:       "look at them together with the stick that has the databases, one more --from, or with --store at the source or the SA",
	refusal.CodeHashFirst:      "the hash officer enters the words of the card first",
	refusal.CodeNoHash:         "run it again with the card: type the 24 words when asked. Scripts give them on standard input, with --sa-hash -",
	refusal.CodeClock:          "set this machine's clock right, in UTC (for example: date -u -s '2026-12-31 23:59'), and run it again. If it is right: run it at the terminal, without --passphrase-fd, where an officer says so",
	refusal.CodeBusy:           "wait until it has finished",
	refusal.CodeNewPassphrase:  "choose another one: at least 8 characters, and not the old one",
	refusal.CodePassphrase:     "run it again; what was done before stays done",
	refusal.CodeInactive:       "set this machine's clock right, in UTC; if it is right, the plan does not let this officer work today",
	refusal.CodeAccess:         "let the officer of the plan do it: see `gapferry plan print`",
	refusal.CodeCancelled:      "what is void is not used. A newer share set is begun at the source: `gapferry phase 3c --target` with the name of the target",
	refusal.CodeRevoked:        "ask in the SA's room; a node that was set up anew asks for another certificate (phase 3b --renew)",
	refusal.CodeRevokedKey:     "keys that were revoked never come back: set that coprocessor up anew (`gapferry init` in a new store), which makes other keys, and ask from there (phase 3a, then 3b --renew). If it was set up anew, somebody else asks in its name: tell the auditor",
	refusal.CodeRegister:       "look at {coprocessor registers}",
}
