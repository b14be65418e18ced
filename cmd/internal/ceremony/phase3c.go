package ceremony

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
)

// granted is a target for which shares are obtained in this run.
type granted struct {
	node        *PlanNode
	certificate coproc.Certificate
	bundle      coproc.Digest // of the csr-cert bundle, which shares and statement answer
}

// phase3c obtains the shares: officer by officer, each for every target, so
// that each logs on once. The statement of a target follows its last share.
func (r *run) phase3c() error {
	pattern, ok := r.n.state.done(taskKey{node: r.node.Name, task: TaskObtainMasterKey})
	if !ok || r.n.state.sent(r.node.Name, bundle.KindCSSKey, "", 0) == nil {
		return refuse(CodeOrder, "phase 2a comes first at %s", r.node.Name)
	}
	var first error
	targets, err := r.grantedTargets(&first)
	if err != nil {
		return err
	}
	r.granted, r.confirmed = targets, map[int]bool{}
	for i := 1; i <= r.n.plan.N; i++ {
		for _, t := range targets {
			if err := r.share(t, i, pattern); err != nil {
				return err
			}
		}
	}
	for _, t := range targets {
		if err := r.finishTarget(t); err != nil {
			return err
		}
	}
	if len(targets) == 0 && first == nil && !r.finishedBefore && r.passedBy {
		return refuse(CodeOrder, "%s", r.result.Waiting[0])
	}
	if len(targets) == 0 && first == nil && !r.finishedBefore {
		return refuse(CodeMissing, "there is no csr-cert of any target")
	}
	return first
}

// grantedTargets finds the targets with a certificate: taken in before, or on
// the carrier now.
func (r *run) grantedTargets(first *error) ([]granted, error) {
	var targets []granted
	for _, node := range r.n.plan.Targets() {
		if !r.wantedTarget(node.Name) {
			continue
		}
		if r.finished(node) {
			if err := r.newerCertificate(node); err != nil {
				if failed := r.setBack(node, err, first); failed != nil {
					return nil, failed
				}
				continue
			}
			if err := r.handOver(node); err != nil {
				if failed := r.setBack(node, err, first); failed != nil {
					return nil, failed
				}
				continue
			}
			r.finishedBefore = true
			continue
		}
		if why := r.n.cancelledFor(node); why != "" && !slices.Contains(r.opts.Targets, node.Name) {
			r.waiting("%s: its share set was cancelled (%s); to begin another one, say --target %s", node.Name, why, node.Name)
			r.passedBy = true
			continue
		}
		if !r.receivedBefore(node) && !r.anythingIn(database(node)) {
			r.waiting("%s: its csr-cert is not here", node.Name)
			continue
		}
		t, err := r.grantedTarget(node)
		if err != nil {
			if failed := r.setBack(node, err, first); failed != nil {
				return nil, failed
			}
			continue
		}
		targets = append(targets, t)
	}
	return targets, nil
}

func (r *run) grantedTarget(node *PlanNode) (granted, error) {
	if r.session == nil {
		// Somebody has to be logged on to open what is sealed to this node:
		// the first share officer who will be needed anyway.
		if err := r.logOnTo("open the certificates", r.shareDuty(node, r.firstShare(node))); err != nil {
			return granted{}, err
		}
	}
	if err := r.ownCertificate(); err != nil {
		return granted{}, err
	}
	if r.present(bundle.KindCSRCert, database(node)) || !r.receivedBefore(node) {
		if _, err := r.takeCertificate(bundle.KindCSRCert, database(node), node); err != nil {
			return granted{}, err
		}
	}
	c, digest, err := r.certificate(bundle.KindCSRCert, node.Name)
	return granted{node, c, digest}, err
}

func (r *run) receivedBefore(node *PlanNode) bool {
	_, ok := r.n.state.got(r.node.Name, bundle.KindCSRCert, node.Name)
	return ok
}

// ownCertificate takes in the source's own certificate, once.
func (r *run) ownCertificate() error {
	if _, _, err := r.certificate(bundle.KindCSSCert, r.node.Name); err == nil {
		return nil
	}
	_, err := r.takeCertificate(bundle.KindCSSCert, saDatabase, r.node)
	return err
}

func (r *run) shareDuty(target *PlanNode, i int) duty {
	return duty{
		task: TaskObtainShares, group: coproc.CSR, peer: target.Name, share: i,
		profile: r.node.Officers.ObtainShares[i-1],
	}
}

// firstShare is the first share that is still to be obtained for a target.
func (r *run) firstShare(target *PlanNode) int {
	for i := 1; i <= r.n.plan.N; i++ {
		if _, done := r.n.state.done(r.key(r.shareDuty(target, i))); !done && (r.wantedShare(i) || slices.Contains(r.opts.GiveUp, i)) {
			return i
		}
	}
	return 1
}

// settled reports whether every share for a target was obtained or given up.
func (r *run) settled(target *PlanNode) bool {
	for i := 1; i <= r.n.plan.N; i++ {
		if _, done := r.n.state.done(r.key(r.shareDuty(target, i))); !done {
			return false
		}
	}
	return true
}

// finished reports whether nothing is left to be done for a target.
func (r *run) finished(target *PlanNode) bool {
	if !r.settled(target) {
		return false
	}
	certificate, ok := r.n.state.got(r.node.Name, bundle.KindCSRCert, target.Name)
	w := r.n.state.sent(r.node.Name, bundle.KindStatement, target.Name, 0)
	return ok && w != nil && w.Answers == *certificate.Bundle
}

// newerCertificate speaks up when the stick has another certificate of a
// target than the one that its shares were given out for.
func (r *run) newerCertificate(target *PlanNode) error {
	last, _ := r.n.state.got(r.node.Name, bundle.KindCSRCert, target.Name)
	sa, err := r.n.RegisteredSAKey()
	if err != nil {
		return err
	}
	for _, it := range r.items {
		if it.err != nil || it.header.Kind != bundle.KindCSRCert || it.in.Folder != database(target) ||
			it.sealed.Digest() == *last.Bundle || r.n.state.seen[it.sealed.Digest()] {
			continue
		}
		trust := bundle.Anchors{Ceremony: r.n.plan.CeremonyID(), SAKey: sa, Now: r.n.now()}
		if _, err := it.sealed.Verify(trust); err == nil {
			return refuse(CodeShareSet, "%q: there is another certificate of %s than the one that its shares were given out for", it.where(), target.Name)
		}
	}
	return nil
}

// handOver gives out again what a finished target is owed.
func (r *run) handOver(target *PlanNode) error {
	if err := r.n.targetNotRevoked(target.Name); err != nil {
		return err
	}
	for i := 1; i <= r.n.plan.N; i++ {
		r.progress(Already, TaskObtainShares, i, "%s: done", r.text(r.shareDuty(target, i)))
		if err := r.deliver(bundle.KindShare, target.Name, i); err != nil {
			return err
		}
	}
	return r.deliver(bundle.KindStatement, target.Name, 0)
}

// share obtains one share for one target, or gives it up, if that was asked.
func (r *run) share(t granted, i int, pattern Record) error {
	d := r.shareDuty(t.node, i)
	giveUp := slices.Contains(r.opts.GiveUp, i)
	if _, done := r.n.state.done(r.key(d)); !done && !giveUp && !r.wantedShare(i) {
		r.waiting("%s: share %d is not obtained yet (%s)", t.node.Name, i, r.who(d.profile))
		return nil
	}
	err := r.do(d, func() (Record, error) {
		source, err := capability[coproc.Source](r.session, "give out shares")
		if err != nil {
			return Record{}, err
		}
		if giveUp {
			return r.giveUp(source, t, i)
		}
		if err := r.confirmTargets(i); err != nil {
			return Record{}, err
		}
		return r.obtain(source, t, i, pattern)
	})
	if errors.Is(err, coproc.ErrShareSet) {
		var why *Refusal
		if errors.As(err, &why) {
			why.Text += fmt.Sprintf(": shares for the earlier certificate of %s were begun", t.node.Name)
		}
	}
	if err != nil {
		return err
	}
	return r.deliver(bundle.KindShare, t.node.Name, i)
}

func (r *run) obtain(source coproc.Source, t granted, i int, pattern Record) (Record, error) {
	class := r.n.plan.MasterKeyClass()
	current := r.info.Register(class).Current
	if string(pattern.Data) != string(current.Pattern[:]) {
		return Record{}, refuse(CodeOtherMasterKey, "the %s master key of %s is not the one of phase 2a: now it is %s, then it was %x", class, r.node.Name, current, pattern.Data)
	}
	rec := Record{Text: fmt.Sprintf("share %d of %d for %s", i, r.n.plan.N, t.node.Name)}
	if w := r.n.state.sent(r.node.Name, bundle.KindShare, t.node.Name, i); w != nil && w.Answers == t.bundle {
		rec.Recovered = true // made and kept before an interruption
		return rec, source.Distributed(t.node.Name, i)
	}
	request := r.obtainRequest(t, i)
	set, err := source.Begin(request)
	if err != nil {
		return Record{}, err
	}
	rec.Text += ", set " + set.String()[:8]
	err = r.emit(emission{
		header: bundle.Header{
			Kind: bundle.KindShare, To: []string{t.node.Name}, Answers: t.bundle,
			Share: &bundle.ShareRef{Set: set, Index: uint8(i)},
		},
		peer: t.node.Name,
		sealWith: func(context coproc.Digest) ([]byte, error) {
			request.Context = context
			return source.Obtain(request)
		},
	})
	if err != nil {
		return Record{}, err
	}
	return rec, source.Distributed(t.node.Name, i)
}

// giveUp says that a share will not be obtained.
func (r *run) giveUp(source coproc.Source, t granted, i int) (Record, error) {
	rec := Record{Text: fmt.Sprintf("share %d for %s will not be obtained", i, t.node.Name)}
	for _, table := range r.info.Shares {
		if table.Peer == t.node.Name && i <= len(table.States) && table.States[i-1] == coproc.ShareNone {
			rec.Recovered = true
			return rec, nil
		}
	}
	if _, err := source.Begin(r.obtainRequest(t, i)); err != nil {
		return Record{}, err
	}
	return rec, source.GiveUp(t.node.Name, i)
}

func (r *run) obtainRequest(t granted, i int) coproc.ObtainRequest {
	return coproc.ObtainRequest{
		Source: r.node.Name, Target: t.certificate.Bytes(), Class: r.n.plan.MasterKeyClass(), Index: i, Now: r.n.now(),
	}
}

// finishTarget makes the statement when every share was obtained or given up.
func (r *run) finishTarget(t granted) error {
	if !r.settled(t.node) {
		return nil
	}
	if err := r.state(t); err != nil {
		return err
	}
	return r.deliver(bundle.KindStatement, t.node.Name, 0)
}

func (r *run) state(t granted) error {
	if w := r.n.state.sent(r.node.Name, bundle.KindStatement, t.node.Name, 0); w != nil && w.Answers == t.bundle {
		return nil
	}
	source, err := capability[coproc.Source](r.session, "give out shares")
	if err != nil {
		return err
	}
	if err := r.refresh(); err != nil {
		return err
	}
	statement, err := source.State(r.node.Name, t.node.Name)
	if err != nil {
		return asRefusal(err, "statement for %s", t.node.Name)
	}
	own, _, err := r.certificate(bundle.KindCSSCert, r.node.Name)
	if err != nil {
		return err
	}
	to, err := recipients(t.certificate.Claims().Keys.Box)
	if err != nil {
		return err
	}
	return r.emit(emission{
		header: bundle.Header{Kind: bundle.KindStatement, To: []string{t.node.Name}, Answers: t.bundle, Certificate: own.Bytes()},
		peer:   t.node.Name, seal: to,
		body: bundle.StatementBody{Statement: statement},
	})
}
