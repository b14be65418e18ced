// Package coproctest is the conformance suite of coprocessors: whatever kind
// of chip is below, a ceremony must find the same acts, the same refusals and
// the same states.
//
// A backend's test calls Run. The suite logs one officer on at a time, since
// many tokens know no more than one. A test of a capability that the
// backend's sessions lack is skipped, and says so.
package coproctest

import (
	"crypto"
	"testing"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
)

// Family is what the suite must know of a kind of chip.
type Family struct {
	// Create makes a coprocessor.
	Create Create
	// Name is what keys of it say.
	Name coproc.Family
	// Signer makes a key that signs, to play SA and nodes by hand; nil for Ed25519.
	Signer func(*testing.T) crypto.Signer
	// Box makes a key that opens, as the chip makes it, and its recipient; nil
	// for age's X25519, and its hybrid for shares.
	Box func(t *testing.T, shares bool) (age.Identity, string)
	// Pattern is that of KnownKey; nil for CCA's, which coproc.Pattern defines.
	Pattern func(coproc.Class) coproc.Pattern
	// Wrap is the wrap key of a target that is played by hand; nil where a chip
	// has none.
	Wrap func(*testing.T) coproc.WrapKey
	// Blind says that the chip does not know weak keys.
	Blind bool
}

// Create makes a coprocessor from a set-up and returns how to open it. The
// suite closes and opens it again, and expects to find what it left.
// Rehearsal is set in every set-up, so that a backend may save the work of
// guarding passphrases.
type Create func(t *testing.T, s coproc.Setup) (Open, error)

// Open opens a coprocessor that Create made. The suite closes it.
type Open func() (coproc.Coprocessor, error)

// Run runs every test of the suite.
func Run(t *testing.T, f Family) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Family)
	}{
		{"set-up refused", testSetupRefused},
		{"set-up reported", testSetupReported},
		{"log on", testLogOn},
		{"lock-out", testLockOut},
		{"active and expired", testActive},
		{"change a passphrase", testPassphrase},
		{"forms of a passphrase", testPassphraseForms},
		{"nobody logged on", testNobody},
		{"logged off", testLoggedOff},
		{"access denied", testAccessDenied},
		{"register the SA key", testRegister},
		{"unregister the hash", testUnregister},
		{"restart", testRestart},
		{"restart beside the SA key", testRestartBesideSA},
		{"retained keys", testKeys},
		{"certify", testCertify},
		{"load a key in parts", testParts},
		{"generate and clear", testGenerate},
		{"set", testSet},
		{"journal", testJournal},
		{"count of acts", testCount},
		{"clone", testClone},
		{"clone, opening anew for every act", testCloneReopening},
		{"clone AES where allowed", testCloneAES},
		{"several targets", testTargets},
		{"obtain refused", testObtainRefused},
		{"share states at the source", testShareStates},
		{"source forgets", testSourceForgets},
		{"statement refused", testStatementRefused},
		{"install refused", testInstallRefused},
		{"set after shares", testSetAfterShares},
		{"target forgets", testTargetForgets},
		{"void", testVoid},
		{"void after set", testVoidAfterSet},
		{"export", testExport},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, f)
		})
	}
}
