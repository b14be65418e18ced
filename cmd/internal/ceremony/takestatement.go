package ceremony

import (
	"errors"
	"fmt"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// takeStatement takes in this target's certificate and the source's statement.
func (r *installing) takeStatement() (coproc.Certificate, bundle.StatementBody, error) {
	var none bundle.StatementBody
	if r.present(bundle.KindCSRCert, database(r.node)) || !r.receivedBefore(r.node) {
		if err := r.takeOwn(); err != nil {
			return coproc.Certificate{}, none, err
		}
	}
	own, request, err := r.certificate(bundle.KindCSRCert, r.node.Name)
	if err != nil {
		return coproc.Certificate{}, none, err
	}
	if !r.present(bundle.KindStatement, database(r.node)) && r.statedBefore() {
		source, _, signed, err := r.stated()
		if err != nil {
			return coproc.Certificate{}, none, err
		}
		body := bundle.StatementBody{Statement: signed}
		if _, err := r.accept(source, body, own); err != nil {
			return coproc.Certificate{}, none, err // nothing of that source is installed
		}
		return source, body, nil
	}
	found, err := r.take(bundle.KindStatement, database(r.node), r.anchors(), func(h bundle.Header) error {
		if h.Answers != request {
			return refusal.New(refusal.CodeOtherRequest, "the statement answers certificate %s, this node's is %s", h.Answers.Short(), request.Short())
		}
		return nil
	})
	if err != nil {
		return coproc.Certificate{}, none, r.orRenew(err, r.n.Plan().Source(), coproc.Claims{})
	}
	if found, err = r.liveStatements(found); err != nil {
		return coproc.Certificate{}, none, err
	}
	if found, err = r.latestStatements(found); err != nil {
		return coproc.Certificate{}, none, err
	}
	if len(found) > 1 {
		return coproc.Certificate{}, none, refusal.New(refusal.CodeShareSet, "there are %d different statements in %s: only one share set can be installed", len(found), database(r.node)).Hinted("%s", r.bringCancel())
	}
	return r.acceptStatement(found[0], own)
}

// takeOwn takes in this target's certificate. One that was taken in while it was
// good stays so for the shares that were given out for it: it is the target
// itself that would be kept from its own master key.
func (r *installing) takeOwn() error {
	_, err := r.takeCertificate(bundle.KindCSRCert, database(r.node), r.node)
	if err == nil || !errors.Is(err, coproc.ErrExpired) || !r.receivedBefore(r.node) {
		return err
	}
	var why *refusal.Error
	if err = refusal.Wrap(err, "certificate of %s", r.node.Name); !errors.As(err, &why) {
		return err
	}
	r.setAside(why)
	return nil
}

// bringCancel leads a target on that meets another share set than it knows of: the
// source has one set for it at a time, and cancelled the others.
func (r *installing) bringCancel() string {
	return fmt.Sprintf("the source cancelled all sets but one: fetch its cancel there (`gapferry resend --kind cancel --target %s`), take it in here ({cancel --from …}), and run this again", r.node.Name)
}

// latestStatements sets aside, of several statements, those under an earlier
// certificate of the source: it made them once more when it got another one, or
// it was set up anew.
func (r *installing) latestStatements(found []*bundle.Verified) (latest []*bundle.Verified, err error) {
	var last uint32
	generations := make([]uint32, len(found))
	for i, v := range found {
		source, err := coproc.ParseCertificate(v.Header().Certificate, r.info.SAKey)
		if err != nil {
			return nil, err
		}
		generations[i] = source.Claims().Generation
		last = max(last, generations[i])
	}
	for i, v := range found {
		if generations[i] == last {
			latest = append(latest, v)
			continue
		}
		why := refusal.New(refusal.CodeOldGeneration, "the statement %s is made with certificate %d of %s, there is one made with certificate %d",
			v.Header().FileName(v.Digest()), generations[i], r.n.Plan().Source().Name, last)
		why.Bundle = v.Digest()
		r.setAside(why)
	}
	return latest, nil
}

// liveStatements sets aside, of several statements, those of share sets that
// were cancelled: they stay on the stick.
func (r *installing) liveStatements(found []*bundle.Verified) (live []*bundle.Verified, err error) {
	if len(found) < 2 {
		return found, nil
	}
	for _, v := range found {
		err := r.statementLives(v)
		var why *refusal.Error
		switch {
		case err == nil:
			live = append(live, v)
		case errors.As(err, &why) && why.Code == refusal.CodeCancelled:
			why.Bundle = v.Digest()
			r.setAside(why)
		default:
			return nil, err
		}
	}
	if len(live) == 0 {
		return found[:1], nil // it will be refused for what it is
	}
	return live, nil
}

func (r *installing) statementLives(v *bundle.Verified) error {
	source, err := coproc.ParseCertificate(v.Header().Certificate, r.info.SAKey)
	if err != nil {
		return err
	}
	b, err := r.open(v)
	if err != nil {
		return err
	}
	body, err := bundle.BodyAs[bundle.StatementBody](b)
	if err != nil {
		return err
	}
	s, err := coproc.ParseStatement(body.Statement, source)
	if err != nil {
		return err
	}
	return r.n.notCancelled(s.ShareSet)
}

func (r *installing) acceptStatement(v *bundle.Verified, own coproc.Certificate) (coproc.Certificate, bundle.StatementBody, error) {
	var body bundle.StatementBody
	fail := func(err error) (coproc.Certificate, bundle.StatementBody, error) {
		return coproc.Certificate{}, body, err
	}
	source, err := coproc.ParseCertificate(v.Header().Certificate, r.info.SAKey)
	if err != nil {
		return fail(err)
	}
	if err := r.checkCertificate(source, r.n.Plan().Source()); err != nil {
		return fail(err)
	}
	b, err := r.open(v)
	if err != nil {
		return fail(err)
	}
	if body, err = bundle.BodyAs[bundle.StatementBody](b); err != nil {
		return fail(err)
	}
	s, err := r.accept(source, body, own)
	if err != nil {
		return fail(err)
	}
	data, err := detcbor.Marshal(journal.StatedData{Certificate: source.Bytes(), Statement: body.Statement})
	if err != nil {
		return fail(err)
	}
	if err := r.received(b, r.n.Plan().Source().Name, data); err != nil {
		return fail(err)
	}
	r.progress(Note, "", 0, "%s states: %s pattern %s, %d of %d shares, set %s", r.n.Plan().Source().Name, s.Class, s.Pattern, s.M, s.N, s.ShareSet.String()[:8])
	r.progress(Note, "", 0, "%s", source.Claims().Keys.Family.Assurance(source.Claims().Node.Name))
	return source, body, nil
}

// accept has an officer compare the source's keys, and the coprocessor accept
// its statement. The same one again asks and changes nothing.
func (r *installing) accept(source coproc.Certificate, body bundle.StatementBody, own coproc.Certificate) (coproc.Statement, error) {
	s, err := coproc.ParseStatement(body.Statement, source)
	if err != nil {
		return s, err
	}
	if err := r.n.notCancelled(s.ShareSet); err != nil {
		return s, err
	}
	switch {
	case s.Certificate != own.Digest():
		return s, refusal.New(refusal.CodeOtherRequest, "the statement is for another certificate of %s than the one here", r.node.Name)
	case s.Class != r.n.Plan().MasterKeyClass():
		return s, refusal.New(refusal.CodeClass, "the statement is of a %s master key, the plan clones %s", s.Class, r.n.Plan().Class)
	}
	target, err := capability[coproc.Target](r.session, "install shares")
	if err != nil {
		return s, err
	}
	if err := r.compareSource(source, s.ShareSet); err != nil {
		return s, err
	}
	err = refusal.Wrap(target.AcceptStatement(coproc.StatementAccept{
		Node: r.node.Name, Certificate: source.Bytes(), Statement: body.Statement, Now: r.n.Now(),
	}), "statement of %s", source.Claims().Node.Name)
	var why *refusal.Error
	switch {
	case errors.Is(err, coproc.ErrRegister):
		return s, r.notEmpty(r.info.Register(s.Class).New)
	case errors.As(err, &why) && (errors.Is(err, coproc.ErrVoid) || errors.Is(err, coproc.ErrShareSet)):
		why.Hint = r.bringCancel()
	}
	return s, err
}

// statedBefore reports whether a statement was taken in.
func (r *certificates) statedBefore() bool {
	_, ok := r.n.History().LastReceived(r.node.Name, bundle.KindStatement, r.n.Plan().Source().Name)
	return ok
}
