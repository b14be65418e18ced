package procedure

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
)

// KindInfo is a row of the table of kinds: who makes a bundle, and who takes it
// in. bundle/FORMAT.md says what is in it and in which database it lies.
type KindInfo struct {
	Kind    bundle.Kind
	Maker   coproc.NodeRole // the node that makes it; empty for any
	Answers bundle.Kind     // what it answers; empty for nothing
	// MadeBy and TakenBy are those with whose session it is made and taken in,
	// at their nodes. A kind that a task takes in has its officer there instead:
	// see Step.Takes.
	MadeBy  []Officer
	TakenBy []Officer
	// Anyone takes it in where it comes with a phase: whoever logs on first
	// after the stick came.
	Anyone bool
	// PerShare bundles are made and taken in by the officer of their share.
	PerShare bool
	// PerTarget bundles lie in the database of a target, others in the SA's.
	PerTarget bool
	// HandedOn bundles are kept by whoever takes them in, who can hand them out
	// again: nobody else can, where their maker is lost.
	HandedOn bool
}

// Kinds is the table of kinds, in the order of bundle.Kinds.
var Kinds = []KindInfo{
	{Kind: bundle.KindSAKey, Maker: coproc.SA, MadeBy: by(KeyOfficer), TakenBy: by(KeyRegistrar)},
	{Kind: bundle.KindCSSKey, Maker: coproc.CSS, Answers: bundle.KindSAKey, MadeBy: by(KeyOfficer)},
	{Kind: bundle.KindCSSCert, Maker: coproc.SA, Answers: bundle.KindCSSKey, MadeBy: by(Certifier), TakenBy: shareOfficers},
	{Kind: bundle.KindCSRKey, Maker: coproc.CSR, Answers: bundle.KindSAKey, MadeBy: by(KeyOfficer), PerTarget: true},
	{Kind: bundle.KindCSRCert, Maker: coproc.SA, Answers: bundle.KindCSRKey, MadeBy: by(Certifier), TakenBy: shareOfficers, PerTarget: true},
	{Kind: bundle.KindStatement, Maker: coproc.CSS, Answers: bundle.KindCSRCert, MadeBy: shareOfficers, TakenBy: shareOfficers, PerTarget: true},
	{Kind: bundle.KindShare, Maker: coproc.CSS, Answers: bundle.KindCSRCert, MadeBy: by(ShareObtainer), PerShare: true, PerTarget: true},
	{Kind: bundle.KindReceipt, Maker: coproc.CSR, Answers: bundle.KindStatement, MadeBy: by(Setter), TakenBy: by(Auditor), PerTarget: true, HandedOn: true},
	{Kind: bundle.KindCancel, Maker: coproc.CSS, Answers: bundle.KindCSRCert, MadeBy: by(Canceller), TakenBy: by(Auditor), PerTarget: true, HandedOn: true},
	{Kind: bundle.KindRevoke, Maker: coproc.SA, MadeBy: by(Certifier), TakenBy: by(Auditor, Setter), Anyone: true, HandedOn: true},
	{Kind: bundle.KindJournal, MadeBy: by(Auditor), PerTarget: true},
}

// shareOfficers are those of the source and of the targets; for a bundle that is
// not itself a share, any of them.
var shareOfficers = by(ShareObtainer, ShareInstaller)

func by(o ...Officer) []Officer { return o }

// KindOf is the row of a kind, or nil.
func KindOf(k bundle.Kind) *KindInfo {
	for i := range Kinds {
		if Kinds[i].Kind == k {
			return &Kinds[i]
		}
	}
	return nil
}
