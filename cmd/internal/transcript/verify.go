package transcript

import "github.com/gapferry/gapferry/coproc"

// rule is a check over the whole timeline. Its findings have the name beside it.
type rule interface{ check() }

// rulesOf are the rules after the journals were read, in the order of
// TRANSCRIPT.md §5. Each goes once over the timeline.
func rulesOf(p *replay) []rule {
	return []rule{
		lostRule{p},        // journal-missing, lost
		certificateRule{p}, // certificate
		signerRule{p},      // journal-signer
		officerKeysRule{p}, // officer-keys
		evidenceRule{p},    // evidence
		clockRule{p},       // clock
		recordRule{p},      // record
		officerRule{p},     // officer
		dualControlRule{p}, // dual-control
		orderRule{p},       // order
		sentRule{p},        // sent-received
		statementRule{p},   // statement
		compareRule{p},     // compare
		shareRule{p},       // shares
		patternRule{p},     // pattern
		cancelRule{p},      // cancel
		revokeRule{p},      // revoke
		receiptRule{p},     // receipt
		livesRule{p},       // lives
		anewRule{p},        // anew
		exceptionRule{p},   // refused, remark, act, recovered, repaired, interrupted
		unsignedRule{p},    // unsigned
		answeredRule{p},    // answered
		targetRule{p},      // target
		registersRule{p},   // target
	}
}

// Verify does every check that can be done with the SA-key hash alone. It never
// stops at the first finding. Without an sa-key bundle that has the hash there
// is nothing to verify with: the result then has no plan and one fault.
func Verify(f *File, hash coproc.Thumbprint) *Result {
	p := newReplay(f, hash)
	if p.findRoot() {
		p.unpack()
		p.run()
	}
	return report{p}.result()
}

// newReplay has the parts of a verification, each on top of the one before: none
// knows of those above it.
func newReplay(f *File, hash coproc.Thumbprint) *replay {
	bundles := newCollection(newKeyring(newRoot(hash)), f)
	return replayOf(newTimeline(newBundleCheck(newEarlierSA(newJournals(bundles)))))
}

// run reads the journals and applies the rules to them.
func (p *replay) run() {
	p.readJournals()
	p.formerTimes()
	p.verifyBundles()
	p.buildTimeline()
	p.replayTimeline()
	for _, r := range rulesOf(p) {
		r.check()
	}
}
