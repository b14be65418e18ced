package ceremony

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// granted is a target for which shares are obtained in this run.
type granted struct {
	node        *plan.Node
	certificate coproc.Certificate
	bundle      coproc.Digest // of the csr-cert bundle, which shares and statement answer
}

// sharing is phase 3c: the source gives out shares, officer by officer, each for
// every target, so that each logs on once. The statement of a target follows its
// last share.
type sharing struct {
	*run
	setBacks
	pattern        journal.Record // of the master key, as phase 2a noted it
	granted        []granted      // the targets at hand
	confirmed      map[int]bool   // shares whose officer compared the targets' keys
	finishedBefore bool           // a target had everything already
	passedBy       bool           // the share set of a target was cancelled, and nobody named it
}

func share(r *run) *sharing {
	s := &sharing{run: r, setBacks: setBacks{run: r}, confirmed: map[int]bool{}}
	s.pattern, _ = r.n.History().Done(history.TaskKey{Node: r.node.Name, Task: procedure.TaskObtainMasterKey})
	return s
}

// peers are the targets that shares are meant for.
func (r *sharing) peers(coproc.NodeRole) []*plan.Node { return r.wantedTargets() }

// failed goes on with the other targets as long as nothing was given out for this one.
func (r *sharing) failed(target *plan.Node, err error) error {
	if r.grantedTo(target) != nil {
		return err
	}
	return r.setBack(target, err)
}

// grantedTo is what was found for a target, or nil.
func (r *sharing) grantedTo(target *plan.Node) *granted {
	for i := range r.granted {
		if r.granted[i].node == target {
			return &r.granted[i]
		}
	}
	return nil
}

// anyTarget says whose key card goes along, and refuses a run that was for nobody.
func (r *sharing) anyTarget() error {
	switch {
	case len(r.granted) > 0:
		r.showKeys("the key card of " + r.node.Name + " goes along to the rooms of the targets")
	case r.first != nil || r.finishedBefore:
	case r.passedBy:
		return refusal.New(refusal.CodeOrder, "%s", r.result.Waiting[0])
	default:
		return refusal.New(refusal.CodeMissing, "there is no csr-cert of any target")
	}
	return r.first
}

// obtainShare obtains one share for one target, or gives it up, if that was asked.
func (r *sharing) obtainShare(a at) error {
	t, i, d := *r.grantedTo(a.peer), a.share, a.duty
	giveUp := slices.Contains(r.opts.GiveUp, i)
	if _, done := r.n.History().Done(r.key(d)); !done && !giveUp && !r.wantedShare(i) {
		r.waiting("%s: share %d is not obtained yet (%s)", t.node.Name, i, r.who(d.profile))
		return nil
	}
	err := r.do(d, func() (journal.Record, error) {
		source, err := capability[coproc.Source](r.session, "give out shares")
		if err != nil {
			return journal.Record{}, err
		}
		if giveUp {
			if err := r.confirmGivenUp(i); err != nil {
				return journal.Record{}, err
			}
			return r.giveUp(source, t, i)
		}
		if err := r.confirmTargets(i); err != nil {
			return journal.Record{}, err
		}
		return r.obtain(source, t, i)
	})
	if errors.Is(err, coproc.ErrShareSet) {
		var why *refusal.Error
		if errors.As(err, &why) {
			why.Text += fmt.Sprintf(": shares for the earlier certificate of %s were begun", t.node.Name)
			why.Hint = fmt.Sprintf("void that set: {cancel --target %s --reason …}; then phase 3c --target %s begins another one", t.node.Name, t.node.Name)
		}
	}
	return err
}

// handOutShare hands out a share that was obtained.
func (r *sharing) handOutShare(a at) error {
	if _, done := r.n.History().Done(r.key(r.shareDuty(a.peer, a.share))); !done {
		return nil
	}
	return r.deliver(bundle.KindShare, a.peer.Name, a.share)
}

// sameMasterKey refuses to give out shares of another master key than the one
// that phase 2a noted.
func (r *sharing) sameMasterKey() error {
	noted := r.pattern
	class := r.n.Plan().MasterKeyClass()
	current := r.info.Register(class).Current
	if string(noted.Data) == string(current.Pattern[:]) {
		return nil
	}
	return refusal.New(refusal.CodeOtherMasterKey, "the %s master key of %s is not the one of phase 2a: now it is %s, then it was %x", class, r.node.Name, current, noted.Data).
		Hinted("find out which of the two is to be cloned. If it is the one of phase 2a, make that the current one again; if it is the one that is there now, two officers begin anew, which keeps it: {coprocessor anew --reason …}; then phase 2a notes it")
}

func (r *sharing) obtain(source coproc.Source, t granted, i int) (journal.Record, error) {
	if err := r.sameMasterKey(); err != nil {
		return journal.Record{}, err
	}
	rec := journal.Record{Text: fmt.Sprintf("share %d of %d for %s", i, r.n.Plan().N, t.node.Name)}
	if w := r.n.History().LastWritten(r.node.Name, bundle.KindShare, t.node.Name, i); w != nil && w.Answers == t.bundle {
		rec.Recovered = true // made and kept before an interruption
		return rec, source.MarkDistributed(t.node.Name, i)
	}
	request := r.obtainRequest(t, i)
	set, err := source.BeginShareSet(request)
	if err != nil {
		return journal.Record{}, err
	}
	if err := r.sameSet(t.node); err != nil {
		return journal.Record{}, err
	}
	rec.Text += ", set " + short(set)
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
		return journal.Record{}, err
	}
	return rec, source.MarkDistributed(t.node.Name, i)
}

// giveUp says that a share will not be obtained.
func (r *sharing) giveUp(source coproc.Source, t granted, i int) (journal.Record, error) {
	if w := r.n.History().LastWritten(r.node.Name, bundle.KindShare, t.node.Name, i); w != nil && w.Answers == t.bundle {
		return journal.Record{}, refusal.New(refusal.CodeShareState, "share %d for %s was made already, before an interruption, and is kept here: it is not given up", i, t.node.Name).
			Hinted("finish it, and hand it out: {phase 3c --share %d}. If it is not to be used, nobody installs it, and a remark says what became of it", i)
	}
	rec := journal.Record{Text: fmt.Sprintf("share %d for %s will not be obtained", i, t.node.Name)}
	for _, table := range r.info.Shares {
		if table.Peer == t.node.Name && i <= len(table.States) && table.States[i-1] == coproc.ShareNone {
			rec.Recovered = true
			return rec, nil
		}
	}
	if _, err := source.BeginShareSet(r.obtainRequest(t, i)); err != nil {
		return journal.Record{}, err
	}
	if err := r.sameSet(t.node); err != nil {
		return journal.Record{}, err
	}
	return rec, source.GiveUp(t.node.Name, i)
}

func (r *sharing) obtainRequest(t granted, i int) coproc.ObtainRequest {
	return coproc.ObtainRequest{
		Source: r.node.Name, Target: t.certificate.Bytes(), Class: r.n.Plan().MasterKeyClass(), Index: i, Now: r.n.Now(),
	}
}

// finishTarget makes the statement when every share was obtained or given up.
func (r *sharing) finishTarget(a at) error {
	t := *r.grantedTo(a.peer)
	if !r.settled(t.node) {
		return nil
	}
	if err := r.state(t); err != nil {
		return err
	}
	return r.deliver(bundle.KindStatement, t.node.Name, 0)
}

func (r *sharing) state(t granted) error {
	if w := r.n.History().LastWritten(r.node.Name, bundle.KindStatement, t.node.Name, 0); w != nil && w.Answers == t.bundle && !r.restated(t.node, w) {
		return nil
	}
	source, err := capability[coproc.Source](r.session, "give out shares")
	if err != nil {
		return err
	}
	if err := r.refresh(); err != nil {
		return err
	}
	statement, err := source.SignStatement(r.node.Name, t.node.Name)
	if err != nil {
		return refusal.Wrap(err, "statement for %s", t.node.Name)
	}
	own, _, err := r.certificate(bundle.KindCSSCert, r.node.Name)
	if err != nil {
		return err
	}
	keys := t.certificate.Claims().Keys
	to, err := recipients(keys.Family, keys.Box)
	if err != nil {
		return err
	}
	return r.emit(emission{
		header: bundle.Header{Kind: bundle.KindStatement, To: []string{t.node.Name}, Answers: t.bundle, Certificate: own.Bytes()},
		peer:   t.node.Name, seal: to, anew: true,
		body: bundle.StatementBody{Statement: statement},
	})
}
