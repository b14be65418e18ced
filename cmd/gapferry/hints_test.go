package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// namesCommand finds commands of ours in a text that somebody reads.
var namesCommand = regexp.MustCompile(`gapferry (?:audit|cancel|coprocessor|init|inspect|journal (?:clock|export|note)|media|phase|plan|qr|receipts|rehearse|resend|revoke|status|task|transcript (?:merge|verify|report)|verify|version)\b|\b[123][a-d] --[a-z]+|\{[a-z]+(?: [^{}]*)?\}`)

// domainText is what keeps one use of a key from another, and names no command.
var domainText = regexp.MustCompile(` v[0-9]+$`)

// speakers are the packages whose texts reach somebody who stands in a room.
// The papers have tests of their own, which do what is printed.
var speakers = append([]string{".", "../../bundle", "../../media", "../../coproc"}, innerPackages()...)

// innerPackages are those of cmd/internal that speak at a screen.
func innerPackages() []string {
	return slices.DeleteFunc(must(filepath.Glob("../internal/*")), func(dir string) bool {
		return filepath.Base(dir) == "paper" || filepath.Base(dir) == "ceremonytest"
	})
}

// triedHints has each text of the program that names a command, and what tried that
// command where the text is printed: a play of this package, or another test.
var triedHints = []struct {
	says string // a part of the text, as it stands in the source
	play func(*rooms)
	from string // the stage that the play begins at
	by   string // the test that does it instead
}{
	{says: "ask for the bundle with `gapferry resend`", from: "2b", play: playMoved},
	{says: "or ask the sender for `gapferry resend`", from: "1", play: playMissing},
	{says: "look at {coprocessor registers}", from: "1", play: playNothingToSet},
	{says: "{phase 3d} verifies it, has it compared, and sets it", from: "3c", play: playSetTooEarly},
	{says: "two officers begin anew, which keeps it: {coprocessor anew --reason …}; then phase 2a notes it", by: "TestMasterKeyChanged"},
	{says: "the auditor sees what differs: {audit access-controls}", by: "TestAuditDiffers"},
	{says: "see `gapferry plan print`", from: "1", play: playNobody},
	{says: "{audit journal} says when", from: "1", play: playLocked},
	{says: "ceremony is not 32 lower-case hex digits; let `gapferry plan new` make it", from: "init", play: playNoCeremony},
	{says: "ceremony is all zeros; let `gapferry plan new` make it", from: "init", play: playNoCeremony},
	{says: "name the persons of %s in it, then `gapferry plan check`", from: "init", play: playNoCeremony},
	{says: "none of this is verified: see `gapferry verify`", from: "1", play: playInspect},
	{says: "Make a card with {qr card --out %s}", from: "1", play: playCardTooLate},
	{says: "to take the receipts in (gapferry receipts); then every room hands its journal out (gapferry journal export)", from: "3c", play: playNextAfter3d},
	{says: "take it in at the source or at the SA (gapferry receipts), and hand out that journal again", from: "3d", play: playNoReceipt},
	{says: "the journal of coprocessor %s is not here: bring it (gapferry journal export)", from: "3d", play: playNoReceipt},
	{says: "where gapferry cancel --from takes it in", from: "3c", play: playCancel},
	{says: "take it in first: {cancel --from …}", from: "3c", play: playCancel},
	{says: "in the SA's room `gapferry phase 3b`, with `--renew %s` if it was set up anew; then {phase 3d} here", by: "TestCancelBeforeTheNextCertificate"},
	{says: "where gapferry revoke --from or the next phase takes it in", from: "3b", play: playRevoke},
	{says: "a node that was set up anew asks for another certificate (phase 3b --renew)", from: "3b", play: playRevokedKey},
	{says: "set that coprocessor up anew (`gapferry init` in a new store), which makes other keys, and ask from there (phase 3a, then 3b --renew)", from: "3b", play: playRevokedKey},
	{says: "void the share set at the source (`gapferry cancel`), set this coprocessor up anew in a new store (`gapferry init`), and go on with phase 3a", from: "3d", play: playReplaced},
	{says: "begin again: {init --node NODE}", by: "TestKillInit"},
	{says: "fetch another copy from the room of %s (gapferry resend --kind %s)", by: "TestDamagedRevoke"},
	{says: "finish that first: {coprocessor unregister-hash}", by: "TestUnregisterNotRecorded"},
	{says: "finish that: {coprocessor unregister-hash --withdraw}", by: "TestUnregisterNotRecorded"},
	{says: "two officers take it back: {coprocessor unregister-hash}", by: "TestMadeUpHashDoesNotEndTheSource"},
	{says: "{coprocessor unregister-hash}", by: "TestMadeUpHashDoesNotEndTheSource"},
	{says: "phase 2b --renew ", by: "TestSourceAnew"},
	{says: "phase 3b --renew ", from: "3b", play: playRevokedKey},
	{says: "`gapferry phase 3c --target` with the name of the target", by: "TestLateCancelLeadsOn"},
	{says: "Another share set confirms it: gapferry phase 3c --target %s", by: "TestLateCancelLeadsOn"},
	{says: "another share set confirms it: at the source gapferry phase 3c --target %s", by: "TestLateCancelLeadsOn"},
	{says: "at the source `gapferry phase 3c --target %s` gives out another share set", by: "TestLateCancelLeadsOn"},
	{says: "take the cancel to %s and say `gapferry cancel --from` there", by: "TestLateCancelLeadsOn"},
	{says: "({resend --kind cancel --target %s --to …} hands it out again)", by: "TestCancelIsHandedOnInTheRooms"},
	{says: "is told with {resend --kind cancel --target %s --to …}, then gapferry cancel --from there", by: "TestCancelIsHandedOnInTheRooms"},
	{says: "`gapferry resend --kind %s` at %s", by: "TestLateCancelOfLostSource"},
	{says: "To tell %s: `gapferry resend --kind cancel --target %s` at %s, then `gapferry cancel --from` there", by: "TestCancelIsHandedOnInTheRooms"},
	{says: "to add to it: {journal note --profile %s --text …}", by: "TestCancelOtherReason"},
	{says: "{cancel --target %s} makes it and hands it out", by: "TestCancelUnfinishedIsTold"},
	{says: "nobody outside knows of it: {cancel --target %s --to …} ends it", by: "TestCancelUnfinishedIsTold"},
	{says: "{cancel --target %s --to …} ends it", by: "TestCancelUnfinishedIsTold"},
	{says: "void that set: {cancel --target %s --reason …}; then phase 3c --target %s begins another one", by: "TestSetsAreNotMixed"},
	{says: "finish it, and hand it out: {phase 3c --share %d}", by: "TestGiveUpAfterAKill"},
	{says: "that cancel is handed out again by {resend --kind cancel}", by: "TestCancelUnfinishedIsTold"},
	{says: "another key has to push it out of the old register: {coprocessor clear}, {coprocessor generate}, {coprocessor set}, then {phase 3d}", by: "TestKeyInTheOldRegister"},
	{says: "(gapferry journal note --profile %s --lost %s --certificate %d --text TEXT)", by: "TestLostJournalIsAccountedFor"},
	{says: "gapferry revoke --node %[2]s --reason TEXT), and hand that journal out again", by: "TestLostRevoked"},
	{says: "in the room of %s: `gapferry journal export`", by: "TestNoteLost"},
	{says: "if that coprocessor is lost, first take its certificate back: {revoke --node %[1]s --reason TEXT}", by: "TestNoteLost"},
	{says: "it can still be looked at: {status}, {audit journal --look}", by: "TestLookAtAReadOnlyStore"},
	{says: "in this room: {phase %s}", by: "TestOrderIsToldEarly"},
	{says: "What comes next in this one is {phase %s}", by: "TestOrderIsToldEarly"},
	{says: "In this one every phase is done: {status}", from: "3d", play: playAllDone},
	{says: "{phase %s} does everything in its order", from: "3c", play: playSetTooEarly},
	{says: "first {coprocessor generate}, then {coprocessor set}", from: "1", play: playNoMasterKey},
	{says: "first {coprocessor load --part first} and {coprocessor load --part last}, then {coprocessor set}", from: "1", play: playNoMasterKey},
	{says: "%s; then {phase 2a} goes on", from: "1", play: playNoMasterKey},
	{says: "fetch its cancel there (`gapferry resend --kind cancel --target %s`), take it in here ({cancel --from …})", from: "3c", play: playTwoSets},
	{says: "then source and targets register it: `gapferry coprocessor anew` in their rooms", by: "TestLostSA"},
	{says: "after phase 1, source and targets take the new SA in place of the old: gapferry coprocessor anew", by: "TestLostSA"},
	{says: "{coprocessor anew}", by: "TestLostSA"},
	{says: "two officers begin anew here, which keeps the master keys: {coprocessor anew --reason …}", by: "TestLostSA"},
	{says: "in the source's room two officers begin anew: `gapferry coprocessor anew --reason …`", by: "TestRevokedSourceGoesOn"},
	{says: "two officers of the source begin anew (gapferry coprocessor anew) and keep its master key", by: "TestRevokedSourceGoesOn"},
	{says: "begin anew, which keeps the SA: {coprocessor anew --reason …}; then {phase 3a}, and {%s}", by: "TestRevokedBesideSA"},
	{says: "begin anew, which keeps the SA: `gapferry coprocessor anew --reason …`; then phase 3a there, and `gapferry %s`", by: "TestRevokedBesideSA"},
	{says: "it is enough that the SA takes this receipt in: `gapferry receipts` there", by: "TestSourceAnewAfterATargetWasDone"},
	{says: "in the SA's room `gapferry phase 3b` makes another one", by: "TestSourceAnewBeforeATargetWasDone"},
	{says: "finish that first: {coprocessor anew}", by: "TestAnewKilled"},
	{says: "finish that first: {coprocessor anew --reason …}", by: "TestAnewAskedWithoutARecord"},
	{says: "finish that first: {coprocessor unregister-hash --reason …}", by: "TestUnregisterNotRecorded"},
	{says: "finish that: {coprocessor anew --withdraw}", by: "TestAnotherSAIsNotBelieved"},
	{says: "go on with {phase %s}", by: "TestNothingToBeginAnew"},
	{says: "is taken back by {coprocessor unregister-hash --reason …}", by: "TestNothingToBeginAnew"},
	{says: "void the set for its old keys: {cancel --target %s --reason …}; then phase 3c --target %s", by: "TestRenewedAfterShares"},
	{says: "{coprocessor clear}; then this phase again", by: "TestFilledRegisterIsLedOn"},
	{says: "and shares are not installed beside it. {coprocessor clear} empties it", by: "TestNewRegisterIsTold"},
	{says: "{coprocessor clear} empties it", by: "TestNewRegisterIsTold"},
	{says: "take its cancel in first: `gapferry resend --kind cancel` there, {cancel --from …} here", from: "3c", play: playTwoSets},
	{says: "(gapferry journal note --profile %s --left-out %s --text TEXT)", by: "TestTargetLeftOut"},
	{says: "take its certificate %d back: {revoke --node %s --reason TEXT}", by: "TestNoteLost"},
	{says: "{journal note --profile PROFILE --target %s --share %d --copy N --text TEXT}", by: "TestSharesApart"},
	{says: "no remark says what became of each but one: gapferry journal note --target %s --share %d --copy N", by: "TestSharesApart"},
	{says: "the source's room alone can tell, if it made them: `gapferry media check --store DIRECTORY --stick dir:PATH`", by: "TestSharesApart"},
	{says: "at the source `gapferry resend --kind share --target %s --share %[1]d --to dir:PATH`", by: "TestSharesApart"},
	{says: "{audit journal --look}", by: "TestClockAccountedForLater"},
	{says: ", or make one with `gapferry plan new`", from: "init", play: playNoCeremony},
	{says: "{init --node NODE}", by: "TestNoStoreHint"},
	{says: "two officers begin anew in the room of %s: `gapferry coprocessor anew --reason …`, then phase %s there", by: "TestDirectedWalks"},
	{says: "gapferry journal clock --profile %s --first %d --last %d", by: "TestClockAccountedForLater"},
	{says: "Read with: gapferry qr scan, or a phase with --from camera:", by: "TestSheets"},
}

// spoken gives each string of the program that names a command, but for what
// --help prints, and where it stands.
func spoken(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, dir := range speakers {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.KeyValueExpr:
					key, ok := n.Key.(*ast.Ident)
					return !ok || key.Name != "Usage" && key.Name != "Description"
				case *ast.BasicLit:
					text, err := strconv.Unquote(n.Value)
					if n.Kind == token.STRING && err == nil && namesCommand.MatchString(text) && !domainText.MatchString(text) {
						found[text] = files.Position(n.Pos()).String()
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// testNames are the tests of the packages that speak.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, dir := range speakers {
		for _, path := range must(filepath.Glob(filepath.Join(dir, "*_test.go"))) {
			file := must(parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution))
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok {
					names[f.Name.Name] = true
				}
			}
		}
	}
	return names
}

// A text that names a command is in the table, so that something tried it.
func TestHintsAreTried(t *testing.T) {
	t.Parallel()
	all, tests := spoken(t), testNames(t)
	tried := make([]int, len(triedHints))
	for text, where := range all {
		known := false
		for i, h := range triedHints {
			if strings.Contains(text, h.says) {
				known, tried[i] = true, tried[i]+1
			}
		}
		if !known {
			t.Errorf("%s: nothing tries the command in %q", where, text)
		}
	}
	for i, h := range triedHints {
		if tried[i] == 0 {
			t.Errorf("the program does not say %q any more", h.says)
		}
		if h.play == nil && !tests[h.by] {
			t.Errorf("there is no test %q, which tries %q", h.by, h.says)
		}
	}
}
