package main

import (
	"errors"
	"syscall"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
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
	var refusal *ceremony.Refusal
	var plan *ceremony.PlanError
	switch {
	case err == nil:
		return exitDone
	case isA[*media.ConflictError](err):
		return exitMedium
	case errors.As(err, &usage), isA[*media.SpecError](err), isA[*media.UnsupportedError](err):
		return exitUsage
	case errors.As(err, &refusal):
		switch refusal.Code.Group() {
		case ceremony.NotYet:
			return exitNotYet
		case ceremony.Nothing:
			return exitNothing
		case ceremony.Denied:
			return exitDenied
		case ceremony.Device:
			return exitCoprocessor
		}
		return exitRefused
	case errors.As(err, &plan):
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
	var refusal *ceremony.Refusal
	if errors.As(err, &refusal) {
		if refusal.Unregister {
			return wrongHash
		}
		if refusal.Hint != "" {
			return refusal.Hint
		}
		return hints[refusal.Code]
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
// room stand in braces, see ceremony.Refusal; those of another one in backticks.
var hints = map[ceremony.Code]string{
	ceremony.CodeFormat:         "the file was damaged on its way or is something else; ask the node it came from to resend it",
	ceremony.CodeLevel:          "install the same level of gapferry in every room",
	ceremony.CodeSignature:      "the file was changed on its way; ask the node it came from to resend it, and keep this stick for the auditor",
	ceremony.CodeUnknownKey:     "compare the card with the one in the SA's room; if the card is right, the stick was tampered with",
	ceremony.CodeNotSealedToMe:  "it can only be opened at the node it is for",
	ceremony.CodeInside:         "the sender's gapferry made something inconsistent; keep the file and tell the auditor",
	ceremony.CodeRehearsal:      "use the sticks of this ceremony; wipe those of the rehearsal",
	ceremony.CodeWrongCeremony:  "it is of another ceremony; look for the right stick or codes",
	ceremony.CodeWrongSender:    "the stick holds something that no node of this plan made; tell the auditor",
	ceremony.CodeWrongTarget:    "take the stick to the node it is for, and bring the one for this node",
	ceremony.CodeWrongPlace:     "somebody moved files on the stick; ask for the bundle with `gapferry resend`",
	ceremony.CodeOtherRequest:   "it answers an older request or another node's; ask for the answer to the one of this node",
	ceremony.CodeReplay:         "an old file came back; look where this stick has been, and tell the auditor",
	ceremony.CodeCertified:      "ask in its room; if it was not set up anew, somebody asks in its name: tell the auditor",
	ceremony.CodeTwoRequests:    "compare the key shown in the node's own room with each of them",
	ceremony.CodeOldGeneration:  "bring the newest certificate from the SA",
	ceremony.CodeExpired:        "look at a watch: if this machine's clock is wrong, set it right; if it is right, the SA makes another certificate, with --renew in phase 2b or 3b",
	ceremony.CodePlanDiffers:    "agree on one plan; a store made from another plan has to be made anew",
	ceremony.CodeAccessDiffers:  "let the administrator find out who changed them; do not go on",
	ceremony.CodeHashDiffers:    "read the words once more; if they are right, the card is not of this SA key",
	ceremony.CodeSameProfile:    "two officers do this, each one half",
	ceremony.CodeRegistered:     stays,
	ceremony.CodeKeyRegistered:  stays,
	ceremony.CodeShareSet:       "all shares must be of one set, that of the statement, and for one certificate: bring those. If the source cancelled a set, take its cancel in first: `gapferry resend --kind cancel` there, {cancel --from …} here",
	ceremony.CodeShareDamaged:   "ask the source to resend this share",
	ceremony.CodeOtherMasterKey: "do not set any key; find out at the source which master key is to be cloned",
	ceremony.CodeSharesTogether: "give each share a medium of its own: another stick, another directory; only a plan with shares_together = true has it otherwise",
	ceremony.CodeNote:           "give --text one line of at most 1000 bytes",
	ceremony.CodePattern:        "do not set it; clear the new register and ask the source",
	ceremony.CodeReplaced:       "tell the auditor. To clone it there again: void the share set at the source (`gapferry cancel`), set this coprocessor up anew in a new store (`gapferry init`), and go on with phase 3a",
	ceremony.CodeWeakKey:        "clear the new register and make another master key",
	ceremony.CodeSameKey:        "look at {coprocessor registers}: where it is the current key, nothing needs to be set; where it is the old one, clear the new register, and another key has to be set before this one",
	ceremony.CodeClass:          "the plan must say allow_aes_cloning = true before phase 1, on every node",
	ceremony.CodeNotConfirmed:   "if what was compared differs: stop, and tell the auditor. If it does not, run it again",
	ceremony.CodeHashSource:     "read the hash from the card that came another way",
	ceremony.CodeJournal:        "do not use this store; keep it for the auditor, with journal.cbor as it is",
	ceremony.CodeStore:          "do not use this store; keep it for the auditor",
	ceremony.CodeSite:           "name another place with --store, or make room and rights there; nothing was made",
	ceremony.CodeNotHere:        "look at the plan which room this is; another store is named with --store",
	ceremony.CodeMissing:        "bring the stick or the codes that have it, or ask the sender for `gapferry resend`",
	ceremony.CodeUnjudged:       "look at them together with the stick that has the databases, one more --from, or with --store at the source or the SA",
	ceremony.CodeHashFirst:      "the hash officer enters the words of the card first",
	ceremony.CodeNoHash:         "run it again with the card: type the 24 words when asked. Scripts give them on standard input, with --sa-hash -",
	ceremony.CodeClock:          "set this machine's clock right, in UTC (for example: date -u -s '2026-12-31 23:59'), and run it again. If it is right: run it at the terminal, without --passphrase-fd, where an officer says so",
	ceremony.CodeBusy:           "wait until it has finished",
	ceremony.CodeNewPassphrase:  "choose another one: at least 8 characters, and not the old one",
	ceremony.CodePassphrase:     "run it again; what was done before stays done",
	ceremony.CodeInactive:       "set this machine's clock right, in UTC; if it is right, the plan does not let this officer work today",
	ceremony.CodeAccess:         "let the officer of the plan do it: see `gapferry plan print`",
	ceremony.CodeCancelled:      "what is void is not used. A newer share set is begun at the source: `gapferry phase 3c --target` with the name of the target",
	ceremony.CodeRevoked:        "ask in the SA's room; a node that was set up anew asks for another certificate (phase 3b --renew)",
	ceremony.CodeRevokedKey:     "keys that were revoked never come back: set that coprocessor up anew (`gapferry init` in a new store), which makes other keys, and ask from there (phase 3a, then 3b --renew). If it was set up anew, somebody else asks in its name: tell the auditor",
	ceremony.CodeRegister:       "look at {coprocessor registers}",
}
