package ceremony

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// takeTarget finds the certificate of a target: taken in before, or on the carrier
// now. A target that needs nothing here, or is not named, is left out.
func (r *sharing) takeTarget(a at) error {
	node := a.peer
	if r.finished(node) {
		if err := r.newerCertificate(node); err != nil {
			return err
		}
		if err := r.handOver(node); err != nil {
			return err
		}
		r.finishedBefore = true
		return errLeftOut
	}
	if why := r.n.cancelledFor(node); why != "" && !slices.Contains(r.opts.Targets, node.Name) {
		r.waiting("%s: its share set was cancelled (%s); to begin another one, say --target %s", node.Name, why, node.Name)
		if r.n.cancelIsOpen(node) {
			r.led(Warning, fmt.Sprintf("{cancel --target %s --to …} ends it", node.Name), "the cancel for %s is not finished, and nobody outside knows of it", node.Name)
		}
		r.passedBy = true
		return errLeftOut
	}
	if !r.receivedBefore(node) && !r.anythingIn(database(node)) {
		r.waiting("%s: its csr-cert is not here", node.Name)
		return errLeftOut
	}
	t, err := r.grantedTarget(node)
	if err != nil {
		return err
	}
	r.granted = append(r.granted, t)
	return nil
}

func (r *sharing) grantedTarget(node *plan.Node) (granted, error) {
	if r.session == nil {
		// Somebody has to be logged on to open what is sealed to this node:
		// the first share officer who will be needed anyway.
		if err := r.logOnTo("open the certificates", r.shareDuty(node, r.firstShare(node))); err != nil {
			return granted{}, err
		}
	}
	if err := r.sameSet(node); err != nil {
		return granted{}, cmp.Or(r.sameMasterKey(), err) // another key made the coprocessor forget its sets
	}
	if err := r.ownCertificate(); err != nil {
		return granted{}, err
	}
	if r.present(bundle.KindCSRCert, database(node)) || !r.receivedBefore(node) {
		if _, err := r.takeCertificate(bundle.KindCSRCert, database(node), node); err != nil {
			return granted{}, r.orSealedAnew(node, err)
		}
	}
	c, digest, err := r.certificate(bundle.KindCSRCert, node.Name)
	return granted{node, c, digest}, err
}

// orSealedAnew says, of a target's certificate that was sealed to other keys of
// this source than it has, whether another one is needed, and what makes it.
func (r *sharing) orSealedAnew(target *plan.Node, err error) error {
	void := isCode(err, refusal.CodeReplay) && !r.receivedBefore(target) // of before it began anew
	if !void && !errors.Is(err, bundle.ErrNotSealedToMe) {
		return err
	}
	var why *refusal.Error
	errors.As(refusal.Wrap(err, "certificate of %s", target.Name), &why)
	told := *why
	return told.Hinted("it was made for other keys of %s than it has now. Where %s has the master key already, and the SA its receipt, nothing more is needed for it here. Where it has not: in the SA's room `gapferry phase 3b` makes another one; bring that", r.node.Name, target.Name)
}

// sameSet refuses to go on with a share set for a target of which the journal and
// the coprocessor do not say the same: what would be given out now would be of
// another set than what is out. Setting another master key here makes the
// coprocessor forget a set. Only cancelling it leads on.
func (r *sharing) sameSet(target *plan.Node) error {
	if err := r.refresh(); err != nil {
		return err
	}
	was, kept := r.n.History().SetFor(r.node.Name, target.Name), r.sending(target.Name)
	var is coproc.ShareSetID
	if kept != nil {
		is = kept.ShareSet
	}
	differ := was != (coproc.ShareSetID{}) && was != is || kept != nil && r.n.notCancelled(is) != nil
	for i := 1; i <= r.n.Plan().N && kept != nil && !differ; i++ {
		// A share that was given up has no bundle that would name its set.
		_, done := r.n.History().Done(r.key(r.shareDuty(target, i)))
		made := r.n.History().LastWritten(r.node.Name, bundle.KindShare, target.Name, i) != nil
		differ = done && !made && (i > len(kept.States) || kept.States[i-1] != coproc.ShareNone)
	}
	if !differ {
		return nil
	}
	return refusal.New(refusal.CodeShareState, "the share set for %s that was begun here is not in the coprocessor any more: what it gave out now would not go together with what is out", target.Name).
		Hinted("void that set: {cancel --target %s --reason …}; then phase 3c --target %s begins another one", target.Name, target.Name)
}

func (r *certificates) receivedBefore(node *plan.Node) bool {
	_, ok := r.n.History().LastReceived(r.node.Name, bundle.KindCSRCert, node.Name)
	return ok
}

// ownCertificate takes in the source's own certificate, and each newer one, and
// refuses to go on with one that has ended.
func (r *sharing) ownCertificate() error {
	known, _, err := r.certificate(bundle.KindCSSCert, r.node.Name)
	if err == nil && !r.newOwnCertificate() {
		return r.orRenew(known.CheckTime(r.n.Now()), r.node, known.Claims())
	}
	_, failed := r.takeCertificate(bundle.KindCSSCert, procedure.SADatabase, r.node)
	var why *refusal.Error
	if err == nil && errors.As(refusal.Wrap(failed, "certificate of %s", r.node.Name), &why) {
		r.setAside(why) // the one that is known may be good
		return r.orRenew(known.CheckTime(r.n.Now()), r.node, known.Claims())
	}
	return failed
}

func (r *sharing) shareDuty(target *plan.Node, i int) duty {
	return duty{
		task: procedure.TaskObtainShares, group: coproc.CSR, peer: target.Name, share: i,
		profile: r.node.Officers.ObtainShares[i-1],
	}
}

// firstShare is the first share that is still to be obtained for a target.
func (r *sharing) firstShare(target *plan.Node) int {
	for i := 1; i <= r.n.Plan().N; i++ {
		if _, done := r.n.History().Done(r.key(r.shareDuty(target, i))); !done && (r.wantedShare(i) || slices.Contains(r.opts.GiveUp, i)) {
			return i
		}
	}
	return 1
}

// settled reports whether every share for a target was obtained or given up.
func (r *sharing) settled(target *plan.Node) bool {
	for i := 1; i <= r.n.Plan().N; i++ {
		if _, done := r.n.History().Done(r.key(r.shareDuty(target, i))); !done {
			return false
		}
	}
	return true
}

// finished reports whether nothing is left to be done for a target.
func (r *sharing) finished(target *plan.Node) bool {
	if !r.settled(target) {
		return false
	}
	certificate, ok := r.n.History().LastReceived(r.node.Name, bundle.KindCSRCert, target.Name)
	w := r.n.History().LastWritten(r.node.Name, bundle.KindStatement, target.Name, 0)
	return ok && w != nil && w.Answers == *certificate.Bundle && !r.restated(target, w) &&
		(r.haveReceipt(target) || !r.newOwnCertificate()) && !r.newRevoke(target)
}

// newerCertificate speaks up when the stick has another certificate of a
// target than the one that its shares were given out for.
func (r *sharing) newerCertificate(target *plan.Node) error {
	last, _ := r.n.History().LastReceived(r.node.Name, bundle.KindCSRCert, target.Name)
	sa, err := r.n.RegisteredSAKey()
	if err != nil {
		return err
	}
	for _, it := range r.items {
		if it.err != nil || it.header.Kind != bundle.KindCSRCert || it.in.Folder != database(target) ||
			it.sealed.Digest() == *last.Bundle || r.n.History().Seen[it.sealed.Digest()] {
			continue
		}
		trust := bundle.Anchors{Ceremony: r.n.Plan().CeremonyID(), SAKey: sa, Now: r.n.Now()}
		v, err := it.sealed.Verify(trust)
		if err != nil {
			continue
		}
		newer, err := r.isNewer(v, target, *last.Bundle)
		if err != nil {
			return err
		}
		if newer {
			return refusal.New(refusal.CodeShareSet, "%q: there is a newer certificate of %s than the one that its shares were given out for", it.where(), target.Name).
				Hinted("if %s was set up anew, void the set for its old keys: {cancel --target %s --reason …}; then phase 3c --target %s begins another one", target.Name, target.Name, target.Name)
		}
	}
	return nil
}

// isNewer reports whether a certificate of a target that was never taken in here
// comes after the last one that was. The SA counts what it signs: where both are
// at hand nobody has to log on. Else a share officer does, and it is opened.
func (r *sharing) isNewer(v *bundle.Verified, target *plan.Node, last coproc.Digest) (bool, error) {
	for _, it := range r.items {
		if it.sealed != nil && it.sealed.Digest() == last {
			return v.Header().Sequence > it.header.Sequence, nil
		}
	}
	if r.session == nil {
		if err := r.logOnTo("open another certificate of "+target.Name, r.shareDuty(target, 1)); err != nil {
			return false, err
		}
	}
	b, err := r.open(v)
	if err != nil {
		return false, err
	}
	body, err := bundle.BodyAs[bundle.CertificateBody](b)
	if err != nil {
		return false, err
	}
	c, err := coproc.ParseCertificate(body.Certificate, r.info.SAKey)
	if err != nil {
		return false, err
	}
	return c.Claims().Generation > r.n.generationOf(r.node, target), nil
}

// handOver gives out again what a finished target is owed.
func (r *sharing) handOver(target *plan.Node) error {
	if err := r.n.targetNotRevoked(target.Name); err != nil {
		return err
	}
	for i := 1; i <= r.n.Plan().N; i++ {
		r.progress(Already, procedure.TaskObtainShares, i, "%s: done", r.text(r.shareDuty(target, i)))
		if err := r.deliver(bundle.KindShare, target.Name, i); err != nil {
			return err
		}
	}
	return r.deliver(bundle.KindStatement, target.Name, 0)
}
