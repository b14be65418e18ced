package ceremony

import (
	"fmt"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// Cancel voids the share set for a target at the source: its shares and its
// statement are not handed out again, and phase 3c begins a new set when the
// target is named. What is on sticks already stays good for the target's keys until the target knows:
// the cancel bundle tells it, and the SA. The same call again finishes what an
// interruption ended, and hands the bundle out once more.
func (n *Node) Cancel(target, reason string, o Options, desk Desk) (result *Result, err error) {
	source, err := n.here(coproc.CSS)
	if err != nil {
		return nil, err
	}
	t := n.plan.Node(target)
	if t == nil || t.Role != coproc.CSR {
		return nil, refuse(CodeNotHere, "%q is not a target of the plan", target)
	}
	if err := bundle.CheckReason(reason); err != nil {
		return nil, refuse(CodeReason, "%w: say with --reason why, in one line", err)
	}
	act := "cancel the shares for " + target
	if source.Officers.Cancel == "" {
		return nil, refuse(CodeAccess, "the plan names nobody at %s to %s", source.Name, act)
	}
	err = n.withOfficer(source, source.Officers.Cancel, act, desk, func(r *run) error {
		r.opts, result = o, r.result
		if set, out := r.liveSet(target); set != (coproc.ShareSetID{}) {
			if err := r.voidSet(act, t, CancelData{ShareSet: set, Out: out, Reason: reason, By: r.session.Profile()}); err != nil {
				return err
			}
		}
		last, ok := r.n.lastCancel(source.Name, target)
		if !ok {
			return refuse(CodeShareState, "there is no share set for %s: no share for it was obtained, nothing has to be cancelled", target)
		}
		if err := r.emitCancel(t, last); err != nil {
			return err
		}
		return r.deliver(bundle.KindCancel, target, 0)
	})
	return result, err
}

// liveSet is the share set for a target that is not cancelled, and the shares
// of it that were obtained. It is in the coprocessor; after an interruption
// perhaps in the journal alone.
func (r *run) liveSet(target string) (set coproc.ShareSetID, out []uint8) {
	for i := 1; i <= r.n.plan.N; i++ {
		if w := r.n.state.sent(r.node.Name, bundle.KindShare, target, i); w != nil {
			set, out = w.Set, append(out, uint8(i))
		}
	}
	for _, t := range r.info.Shares {
		if t.Peer == target {
			set = t.ShareSet
		}
	}
	return set, out
}

func (r *run) voidSet(act string, target *PlanNode, d CancelData) error {
	canceller, err := capability[coproc.Canceller](r.session, "cancel a share set")
	if err != nil {
		return err
	}
	set := d.ShareSet.String()[:8]
	err = r.desk.Confirm(Confirmation{
		Act:   act,
		Facts: [][2]string{{"share set", set}, {"shares obtained", fmt.Sprint(len(d.Out))}, {"because", d.Reason}},
		With:  "what the target's room says: what they have installed stays installed until they take in the cancel",
	})
	if err != nil {
		return notConfirmed(err, act)
	}
	if err := canceller.Cancel(target.Name); err != nil {
		return asRefusal(err, "%s", act)
	}
	data, err := detcbor.Marshal(d)
	if err != nil {
		return err
	}
	err = r.record(Record{
		Event: EventCanceled, Node: r.node.Name, Peer: target.Name, Data: data,
		Text: fmt.Sprintf("share set %s for %s is void, %d shares of it had been obtained: %s", set, target.Name, len(d.Out), d.Reason),
	})
	if err != nil {
		return err
	}
	return r.refresh()
}

// lastCancel is the last record by which the source voided a set for a target.
func (n *Node) lastCancel(source, target string) (last Record, ok bool) {
	for _, rec := range n.journal.Records() {
		if rec.Event == EventCanceled && rec.Node == source && rec.Peer == target && len(rec.Data) > 0 {
			last, ok = rec, true
		}
	}
	return last, ok
}

// emitCancel makes the bundle that tells of a cancelled set, unless it was made.
func (r *run) emitCancel(target *PlanNode, rec Record) error {
	d, err := DataOf[CancelData](rec)
	if err != nil {
		return err
	}
	if w := r.n.state.sent(r.node.Name, bundle.KindCancel, target.Name, 0); w != nil && w.Set == d.ShareSet {
		return nil
	}
	own, _, err := r.knownCertificate(bundle.KindCSSCert, r.node.Name)
	if err != nil {
		return err
	}
	c, answered, err := r.knownCertificate(bundle.KindCSRCert, target.Name)
	if err != nil {
		return err
	}
	sa, _, err := r.saKeys()
	if err != nil {
		return err
	}
	to, err := recipients(c.Claims().Keys.Box, sa.Box)
	if err != nil {
		return err
	}
	return r.emit(emission{
		header: bundle.Header{
			Kind: bundle.KindCancel, To: []string{target.Name, r.n.plan.SA().Name}, About: target.Name,
			Answers: answered, Certificate: own.Bytes(),
		},
		peer: target.Name, seal: to, set: d.ShareSet, anew: true,
		body: bundle.CancelBody{ShareSet: d.ShareSet, Certificate: c.Digest(), Out: d.Out, Reason: d.Reason, By: d.By},
	})
}

// Void says, of a share or a statement, that its share set was cancelled, as
// far as this node knows.
func (n *Node) Void(s *bundle.Sealed) error {
	h := s.UnverifiedHeader()
	if h.Share != nil {
		return n.notCancelled(h.Share.Set)
	}
	if set, ok := n.state.statements[s.Digest()]; ok {
		return n.notCancelled(set)
	}
	return nil
}

// notCancelled refuses what is of a share set that was cancelled.
func (n *Node) notCancelled(set coproc.ShareSetID) error {
	if d, void := n.state.voided[set]; void {
		return refuse(CodeCancelled, "share set %s was cancelled by %s: %s", set.String()[:8], d.By, d.Reason)
	}
	return nil
}
