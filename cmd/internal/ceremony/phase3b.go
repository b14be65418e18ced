package ceremony

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// phase3b certifies the keys of every target whose request is there.
func (r *certifying) phase3b() error {
	source := r.n.Plan().Source()
	granted, _ := r.n.History().Done(history.TaskKey{Node: r.node.Name, Task: procedure.TaskCertifyCSS, Peer: source.Name})
	// Its own certificate, out of the chained journal: only the key to seal to
	// is taken from it.
	sourceClaims, err := coproc.UnverifiedClaims(granted.Data)
	if err != nil {
		return err
	}
	if r.n.Now().Unix() > sourceClaims.NotAfter {
		r.led(Warning, fmt.Sprintf("renew it: {%s}", renewalOf(source)), "certificate %d of %s ended on %s: with it no shares are given out", sourceClaims.Generation, source.Name, day(sourceClaims.NotAfter))
	}
	found := false
	var first error
	for _, target := range r.n.Plan().Targets() {
		if !r.wantedTarget(target.Name) {
			continue
		}
		done, err := r.certifyTarget(target, source, sourceClaims.Keys)
		if errors.Is(err, errStop) {
			return err
		}
		if len(r.opts.Renew) > 0 && !slices.Contains(r.opts.Renew, target.Name) && isCode(err, refusal.CodeExpired) {
			r.waiting("%s: %v", target.Name, err) // the officer came for others
			continue
		}
		if err != nil {
			// One target's bad request must not keep the others waiting.
			if failed := r.setBack(target, err, &first); failed != nil {
				return failed
			}
			continue
		}
		found = found || done
	}
	if first == nil && !found {
		return refusal.New(refusal.CodeMissing, "there is no csr-key of any target that is not certified yet")
	}
	return first
}

func (r *certifying) certifyTarget(target, source *plan.Node, sourceKeys coproc.Keys) (done bool, err error) {
	_, certified := r.n.History().Done(history.TaskKey{Node: r.node.Name, Task: procedure.TaskCertifyCSR, Peer: target.Name})
	if !certified && !r.anythingIn(database(target)) {
		r.waiting("%s: its csr-key is not here", target.Name)
		return false, nil
	}
	if err := r.certify(certification{
		subject: target, task: procedure.TaskCertifyCSR, folder: database(target),
		asks: bundle.KindCSRKey, grants: bundle.KindCSRCert, to: []string{source.Name, target.Name},
		others: []string{sourceKeys.Box}, renew: slices.Contains(r.opts.Renew, target.Name),
	}); err != nil {
		return false, err
	}
	if err := r.handOutCertificate(bundle.KindCSRCert, target); err != nil {
		var why *refusal.Error
		if errors.As(err, &why) {
			return false, err
		}
		return false, &notDelivered{err}
	}
	return true, nil
}

// notDelivered is a bundle that its carrier did not take. It stays in the
// outbox, and must not keep the bundles of other targets back.
type notDelivered struct{ err error }

func (e *notDelivered) Error() string { return e.err.Error() }

func (e *notDelivered) Unwrap() error { return e.err }

// anythingIn reports whether a database holds any file, good or bad.
func (r *intake) anythingIn(folder string) bool {
	return slices.ContainsFunc(r.items, func(it item) bool { return it.in.Folder == folder })
}

// setBack notes what is wrong with one target of several and keeps the first
// such refusal. Errors that are no refusals end the phase.
func (r *run) setBack(target *plan.Node, err error, first *error) error {
	var why *refusal.Error
	var failed *notDelivered
	if errors.As(err, &failed) {
		why = &refusal.Error{Code: refusal.CodeStore, Text: failed.Error(), Err: failed}
	} else if !errors.As(err, &why) || why.Code.Group() == refusal.Denied || why.Code.Group() == refusal.Device {
		return err
	}
	r.waiting("%s: %s", target.Name, why.Text)
	if *first == nil {
		*first = err
		return nil
	}
	r.setAside(why)
	return nil
}
