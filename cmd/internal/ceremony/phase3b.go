package ceremony

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// sourceCertified finds the source's keys, to which the certificates of targets are
// sealed, and warns where the certificate of the source has ended.
func (r *certifying) sourceCertified() error {
	source := r.n.Plan().Source()
	given, _ := r.n.History().Done(history.TaskKey{Node: r.node.Name, Task: procedure.TaskCertifyCSS, Peer: source.Name})
	// Its own certificate, out of the chained journal: only the key to seal to
	// is taken from it.
	claims, err := coproc.UnverifiedClaims(given.Data)
	if err != nil {
		return err
	}
	if r.n.Now().Unix() > claims.NotAfter {
		r.led(Warning, fmt.Sprintf("renew it: {%s}", renewalOf(source)), "certificate %d of %s ended on %s: with it no shares are given out", claims.Generation, source.Name, day(claims.NotAfter))
	}
	r.sourceKeys = claims.Keys
	return nil
}

// certifyTarget certifies the key of a target whose request is there.
func (r *certifying) certifyTarget(a at) error {
	if _, certified := r.n.History().Done(r.key(a.duty)); !certified && !r.anythingIn(database(a.peer)) {
		r.waiting("%s: its csr-key is not here", a.peer.Name)
		return errLeftOut
	}
	return r.certify(a)
}

// handOutTarget hands a target's certificate out.
func (r *certifying) handOutTarget(a at) error {
	if err := r.handOut(a); err != nil {
		return err
	}
	r.certified = true
	return nil
}

// failed goes on with the other targets: one's bad request must not keep them
// waiting.
func (r *certifying) failed(peer *plan.Node, err error) error {
	if peer.Role == coproc.CSS {
		return err
	}
	if len(r.opts.Renew) > 0 && !slices.Contains(r.opts.Renew, peer.Name) && isCode(err, refusal.CodeExpired) {
		r.waiting("%s: %v", peer.Name, err) // the officer came for others
		return nil
	}
	return r.setBack(peer, err)
}

// anyCertified refuses a run in which no target was certified.
func (r *certifying) anyCertified() error {
	if r.first == nil && !r.certified {
		return refusal.New(refusal.CodeMissing, "there is no csr-key of any target that is not certified yet")
	}
	return r.first
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

// wantedTargets are those that the options leave in.
func (r *run) wantedTargets() []*plan.Node {
	return slices.DeleteFunc(r.n.Plan().Targets(), func(t *plan.Node) bool { return !r.wantedTarget(t.Name) })
}

// setBacks keeps what is wrong with single targets of several.
type setBacks struct {
	run   *run
	first error
}

// setBack notes what is wrong with one target of several and keeps the first
// such refusal. Errors that are no refusals end the phase.
func (s *setBacks) setBack(target *plan.Node, err error) error {
	var why *refusal.Error
	var failed *notDelivered
	if errors.As(err, &failed) {
		why = &refusal.Error{Code: refusal.CodeStore, Text: failed.Error(), Err: failed}
	} else if !errors.As(err, &why) || why.Code.Group() == refusal.Denied || why.Code.Group() == refusal.Device {
		return err
	}
	s.run.waiting("%s: %s", target.Name, why.Text)
	if s.first == nil {
		s.first = err
		return nil
	}
	s.run.setAside(why)
	return nil
}
