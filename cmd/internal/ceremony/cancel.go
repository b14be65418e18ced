package ceremony

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// cancelling is about share sets that are void: at the source, which cancels them,
// and where its cancels are taken in.
type cancelling struct {
	*run
}

// Cancel voids the share set for a target at the source: its shares and its
// statement are not handed out again, and phase 3c begins a new set when the
// target is named. What is on sticks already stays good for the target's keys until the target knows:
// the cancel bundle tells it, and the SA. The same call again finishes what an
// interruption ended, and hands the bundle out once more; it needs no reason
// then, and keeps none: the first one stands.
func (n *Node) Cancel(target, reason string, o Options, desk Desk) (result *Result, err error) {
	source, err := n.Here(coproc.CSS)
	if err != nil {
		return nil, err
	}
	t := n.Plan().Node(target)
	if t == nil || t.Role != coproc.CSR {
		return nil, refusal.New(refusal.CodeNotHere, "%q is not a target of the plan", target)
	}
	if reason != "" || n.NeedsReason(target) {
		if err := bundle.CheckReason(reason); err != nil {
			return nil, refusal.New(refusal.CodeReason, "%w: say with --reason why, in one line", err)
		}
	}
	act := "cancel the shares for " + target
	if source.Officers.Cancel == "" {
		return nil, refusal.New(refusal.CodeAccess, "the plan names nobody at %s to %s", source.Name, act)
	}
	err = n.withOfficer(source, source.Officers.Cancel, act, desk, func(run *run) error {
		r := &cancelling{run}
		r.opts, result = o, r.result
		set, out := r.liveSet(target)
		if set != (coproc.ShareSetID{}) {
			if err := r.voidSet(act, t, journal.CancelData{ShareSet: set, Out: out, Reason: reason, By: r.session.Profile()}); err != nil {
				return err
			}
		}
		last, ok := r.n.lastCancel(source.Name, target)
		if !ok {
			return refusal.New(refusal.CodeShareState, "there is no share set for %s: no share for it was obtained, nothing has to be cancelled", target)
		}
		if err := r.finishCancel(t); err != nil {
			return err
		}
		if set == (coproc.ShareSetID{}) {
			if err := r.cancelledBefore(target, reason, last); err != nil {
				return err
			}
		}
		return r.deliverCancels(target, true)
	})
	return result, err
}

// NeedsReason reports whether Cancel would void a share set, as far as the
// journal tells, and so has to be given a reason. Else it finishes, or hands out
// again, what was cancelled before.
func (n sets) NeedsReason(target string) bool {
	source := n.Plan().Source().Name
	_, cancelled := n.lastCancel(source, target)
	return !cancelled || n.History().SetFor(source, target) != (coproc.ShareSetID{})
}

// cancelledBefore says that nothing was there to be voided now: what is handed
// out is an earlier cancel, for the reason that was given then.
func (r *cancelling) cancelledBefore(target, reason string, last journal.Record) error {
	d, err := journal.DataOf[journal.CancelData](last)
	if err != nil {
		return err
	}
	r.result.Cancelled = &Cancelled{Target: target, ShareSet: d.ShareSet.String(), Reason: d.Reason, By: d.By}
	r.progress(Note, "", 0, "share set %s for %s was cancelled before, by %s: %s", short(d.ShareSet), target, d.By, d.Reason)
	if reason != "" && reason != d.Reason {
		r.led(Warning, fmt.Sprintf("to add to it: {journal note --profile %s --text …}", r.session.Profile()), "the reason that was given now is kept nowhere, the first one stands")
	}
	return nil
}

// liveSet is the share set for a target that is not cancelled, and the shares
// of it that were obtained. After an interruption it is perhaps in the journal
// alone, or, before its first share, in the coprocessor alone.
func (r *cancelling) liveSet(target string) (set coproc.ShareSetID, out []uint8) {
	for i := 1; i <= r.n.Plan().N; i++ {
		if w := r.n.History().LastWritten(r.node.Name, bundle.KindShare, target, i); w != nil {
			set, out = w.Set, append(out, uint8(i))
		}
	}
	if kept := r.sending(target); len(out) == 0 && kept != nil && r.n.notCancelled(kept.ShareSet) == nil {
		set = kept.ShareSet
	}
	return set, out
}

// sending is the coprocessor's table of the share set for a target, or nil.
func (r *officerSession) sending(target string) *coproc.ShareTable {
	for i := range r.info.Shares {
		if r.info.Shares[i].Peer == target {
			return &r.info.Shares[i]
		}
	}
	return nil
}

func short(set coproc.ShareSetID) string { return set.String()[:8] }

// voidSet has the officer say yes, and keeps in the journal that a set is void.
// The record comes before what it tells of: an interruption right after it
// leaves a set that nothing more is given out of, and finishCancel does the rest.
func (r *cancelling) voidSet(act string, target *plan.Node, d journal.CancelData) error {
	if err := bundle.CheckReason(d.Reason); err != nil { // the coprocessor alone knew of the set
		return refusal.New(refusal.CodeReason, "%w: say with --reason why, in one line", err)
	}
	if _, err := capability[coproc.Canceller](r.session, "cancel a share set"); err != nil {
		return err
	}
	facts := [][2]string{{"share set", short(d.ShareSet)}, {"shares obtained", fmt.Sprint(len(d.Out))}, {"because", d.Reason}}
	if rec, ok := r.n.History().LastReceived(r.node.Name, bundle.KindReceipt, target.Name); ok {
		if set, _ := history.SetOf(rec); set == d.ShareSet {
			facts = append(facts, [2]string{"its receipt", target.Name + " HAS SET this master key, and keeps it"})
		}
	}
	if _, ok := r.n.lastCancel(r.node.Name, target.Name); ok {
		r.led(Note, "that cancel is handed out again by {resend --kind cancel}", "another set for %s was cancelled before", target.Name)
	}
	err := r.desk.Confirm(Confirmation{
		Act: act, Facts: facts,
		With: "what the target's room says: what they have installed stays installed until they take in the cancel",
	})
	if err != nil {
		return notConfirmed(err, act)
	}
	data, err := detcbor.Marshal(d)
	if err != nil {
		return err
	}
	return r.record(journal.Record{
		Event: journal.EventCanceled, Node: r.node.Name, Peer: target.Name, Data: data,
		Text: fmt.Sprintf("share set %s for %s is void, %d shares of it had been obtained: %s", short(d.ShareSet), target.Name, len(d.Out), d.Reason),
	})
}

// lastCancel is the last record by which the source voided a set for a target.
func (n sets) lastCancel(source, target string) (last journal.Record, ok bool) {
	for _, rec := range n.cancels(source, target) {
		last, ok = rec, true
	}
	return last, ok
}

// cancels are the records by which the source voided sets for a target.
func (n sets) cancels(source, target string) (all []journal.Record) {
	for _, rec := range n.Journal().Records() {
		if rec.Event == journal.EventCanceled && rec.Node == source && rec.Peer == target && len(rec.Data) > 0 && rec.Seq > n.History().Since[source] {
			all = append(all, rec)
		}
	}
	return all
}

// untold are the void sets for a target of which no cancel was made yet: a
// crash came between.
func (n sets) untold(source, target string) (all []journal.CancelData, err error) {
	for _, rec := range n.cancels(source, target) {
		d, err := journal.DataOf[journal.CancelData](rec)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(n.History().Outbox, func(w history.Written) bool {
			return w.From == source && w.Kind == bundle.KindCancel && w.Peer == target && w.Set == d.ShareSet
		}) {
			all = append(all, d)
		}
	}
	return all, nil
}

// cancelIsOpen reports whether a set for a target is void at the source of this
// store, and nobody outside can know: its cancel is not made, or on no carrier.
func (n sets) cancelIsOpen(target *plan.Node) bool {
	source, err := n.Here(coproc.CSS)
	if err != nil {
		return false
	}
	untold, err := n.untold(source.Name, target.Name)
	return err != nil || len(untold) > 0 || slices.ContainsFunc(n.History().Outbox, func(w history.Written) bool {
		return w.From == source.Name && w.Kind == bundle.KindCancel && w.Peer == target.Name && len(w.Copies) == 0
	})
}

// finishCancel has the coprocessor forget a set that is void by the journal, and
// makes the cancel of each that has none. It is the officer of cancel who is
// logged on.
func (r *cancelling) finishCancel(target *plan.Node) error {
	canceller, err := capability[coproc.Canceller](r.session, "cancel a share set")
	if err != nil {
		return err
	}
	if r.sending(target.Name) != nil {
		if err := canceller.Cancel(target.Name); err != nil {
			return refusal.Wrap(err, "cancel the shares for %s", target.Name)
		}
		if err := r.refresh(); err != nil {
			return err
		}
	}
	untold, err := r.n.untold(r.node.Name, target.Name)
	if err != nil {
		return err
	}
	for _, d := range untold {
		if err := r.emitCancel(target, d); err != nil {
			return err
		}
	}
	return nil
}

// finishCancels ends the cancels for targets that are named in phase 3c, before
// another set is begun for them: the officer of cancel logs on for those that an
// interruption left. The cancels go along with the new set. A target that met
// both sets without them could tell neither from the other.
func (r *sharing) finishCancels() error {
	for _, name := range r.opts.Targets {
		untold, err := r.n.untold(r.node.Name, name)
		if err != nil {
			return err
		}
		if len(untold) > 0 {
			act := "finish the cancel for " + name
			if err := r.logOnTo(act, duty{task: procedure.TaskID(act), profile: r.node.Officers.Cancel}); err != nil {
				return err
			}
			if err := (&cancelling{r.run}).finishCancel(r.n.Plan().Node(name)); err != nil {
				return err
			}
		}
		if err := (&cancelling{r.run}).deliverCancels(name, false); err != nil {
			return err
		}
		if len(untold) == 0 {
			continue
		}
		// What follows is for share officers, not for who may cancel.
		if err := r.logOff(); err != nil {
			return refusal.Wrap(err, "log off")
		}
	}
	return nil
}

// deliverCancels hands out the cancels for a target that are on no carrier yet,
// and the last one again where that was asked for.
func (r *cancelling) deliverCancels(target string, last bool) error {
	var all []history.Written
	for _, w := range r.n.History().Outbox {
		if w.From == r.node.Name && w.Kind == bundle.KindCancel && w.Peer == target {
			all = append(all, w)
		}
	}
	for i := range all {
		if len(all[i].Copies) == 0 || last && i == len(all)-1 {
			if err := r.deliverWritten(&all[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// emitCancel makes the bundle that tells of a cancelled set.
func (r *cancelling) emitCancel(target *plan.Node, d journal.CancelData) error {
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
	to, err := recipients(sa.Family, c.Claims().Keys.Intake, sa.Intake)
	if err != nil {
		return err
	}
	return r.emit(emission{
		header: bundle.Header{
			Kind: bundle.KindCancel, To: []string{target.Name, r.n.Plan().SA().Name}, About: target.Name,
			Answers: answered, Certificate: own.Bytes(),
		},
		peer: target.Name, seal: to, set: d.ShareSet, anew: true,
		body: bundle.CancelBody{ShareSet: d.ShareSet, Certificate: c.Digest(), Out: d.Out, Reason: d.Reason, By: d.By},
	})
}

// Void says, of a share or a statement, that its share set was cancelled, as
// far as this node knows.
func (n sets) Void(s *bundle.Sealed) error {
	h := s.UnverifiedHeader()
	if h.Share != nil {
		return n.notCancelled(h.Share.Set)
	}
	if set, ok := n.History().Statements[s.Digest()]; ok {
		return n.notCancelled(set)
	}
	return nil
}

// notCancelled refuses what is of a share set that was cancelled.
func (n sets) notCancelled(set coproc.ShareSetID) error {
	if d, void := n.History().Cancelled[set]; void {
		return refusal.New(refusal.CodeCancelled, "share set %s was cancelled by %s: %s", set.String()[:8], d.By, d.Reason)
	}
	return nil
}
