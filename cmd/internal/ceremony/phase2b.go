package ceremony

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// certifying is phases 2b and 3b: the SA certifies keys.
type certifying struct {
	*run
	setBacks
	asks       *bundle.Bundle // the request that was chosen last
	sourceKeys coproc.Keys    // phase 3b: as they were certified
	certified  bool           // phase 3b: a target has a certificate after this run
}

func certify(r *run) *certifying { return &certifying{run: r, setBacks: setBacks{run: r}} }

// peers are the nodes whose keys are certified.
func (r *certifying) peers(role coproc.NodeRole) []*plan.Node {
	if role == coproc.CSS {
		return []*plan.Node{r.n.Plan().Source()}
	}
	return r.wantedTargets()
}

// of is the certification of a node.
func (r *certifying) of(subject *plan.Node) certification {
	c := certification{
		subject: subject, task: procedure.TaskCertifyCSS, folder: procedure.SADatabase,
		asks: bundle.KindCSSKey, grants: bundle.KindCSSCert, to: []string{subject.Name},
		renew: slices.Contains(r.opts.Renew, subject.Name),
	}
	if subject.Role == coproc.CSR {
		c.task, c.folder, c.asks, c.grants = procedure.TaskCertifyCSR, database(subject), bundle.KindCSRKey, bundle.KindCSRCert
		c.to, c.others = []string{r.n.Plan().Source().Name, subject.Name}, []string{r.sourceKeys.Box}
	}
	return c
}

// certification is one key to certify.
type certification struct {
	subject      *plan.Node
	task         procedure.TaskID
	folder       string
	asks, grants bundle.Kind
	to           []string
	others       []string // age recipients besides the subject's own
	renew        bool
}

// certify certifies the key of one node, unless that was done.
func (r *certifying) certify(a at) error {
	r.asks = nil
	c, d := r.of(a.peer), a.duty
	last, certified := r.n.History().Done(r.key(d))
	anew, fresh := false, !certified
	if certified {
		var err error
		if anew, fresh, err = r.again(c, last); err != nil {
			return err
		}
	}
	if anew {
		// For this run the node counts as not certified; the journal decides
		// once the new certificate is made.
		r.n.History().Reopen(r.key(d))
	}
	err := r.do(d, func() (journal.Record, error) {
		if fresh {
			request, body, err := r.requested(c)
			if err != nil {
				return journal.Record{}, err
			}
			return r.grant(c, request, body, "")
		}
		claims, err := r.renewable(c, last)
		if err != nil {
			return journal.Record{}, err
		}
		body := bundle.RequestBody{Node: claims.Node, Role: claims.Role, Keys: claims.Keys}
		return r.grant(c, claims.Answers, body, fmt.Sprintf("the same as of certificate %d, good from %s to %s", claims.Generation, day(claims.NotBefore), day(claims.NotAfter)))
	})
	if err != nil && anew {
		r.n.History().Restore(r.key(d), last)
	}
	return err
}

// handOut makes the bundle of the certificate that a node was given, and hands it
// out.
func (r *certifying) handOut(a at) error {
	c := r.of(a.peer)
	d := duty{task: c.task, group: c.subject.Role, peer: c.subject.Name, profile: r.node.Officers.Certify}
	last, _ := r.n.History().Done(r.key(d))
	if err := r.issue(c, d, last); err != nil {
		return err
	}
	if err := r.otherRequests(c, *last.Bundle); err != nil {
		return err
	}
	return r.handOutCertificate(c.grants, c.subject)
}

func notConfirmed(err error, act string) error {
	if errors.Is(err, ErrNoAnswer) {
		return refusal.New(refusal.CodeNotConfirmed, "%s: nobody said yes, nothing was done", act)
	}
	return err
}

// requested is what the one request of a node asks for.
func (r *certifying) requested(c certification) (coproc.Digest, bundle.RequestBody, error) {
	request, err := r.chooseRequest(c)
	if err != nil {
		return coproc.Digest{}, bundle.RequestBody{}, err
	}
	body, err := bundle.BodyAs[bundle.RequestBody](request)
	return request.Digest(), body, err
}

// planned refuses keys that no ceremony of this plan could go on with, before
// anybody is asked to compare them.
func (r *certifying) planned(c certification, keys coproc.Keys) error {
	p := r.n.Plan()
	switch shares := keys.Shares.Count(); {
	case keys.Family != p.Family():
		return refusal.New(refusal.CodeFamily, "the keys of %s are of a coprocessor of family %s, the plan is for family %s", c.subject.Name, keys.Family, p.Family())
	case c.subject.Role == coproc.CSR && shares != p.N:
		return refusal.New(refusal.CodePlanDiffers, "%s asks with keys for %d shares, the plan has %d", c.subject.Name, shares, p.N)
	}
	return nil
}

// grant has the officer compare the keys, and signs the certificate. same says
// which certificate was for the same keys; empty for none.
func (r *certifying) grant(c certification, request coproc.Digest, body bundle.RequestBody, same string) (journal.Record, error) {
	if err := r.planned(c, body.Keys); err != nil {
		return journal.Record{}, err
	}
	facts := [][2]string{{"node", body.Node.String()}, {"its key card", keyCard(body.Keys)}}
	if g := r.generation(c); g > 0 {
		facts = append(facts, [2]string{"anew", fmt.Sprintf("it has certificate %d, and gets %d for these keys", g, g+1)})
	}
	if was := r.n.revokedAudit(body.Keys); was != "" {
		facts = append(facts, [2]string{"THIS COPROCESSOR", was})
	}
	if same != "" {
		facts = append(facts, [2]string{"these keys", same})
	}
	err := r.desk.Confirm(Confirmation{
		Act: fmt.Sprintf("certify the %s key of %s", c.subject.Role, c.subject.Name), Facts: facts,
		With: fmt.Sprintf("the key card that was written in the room of %s", c.subject.Name),
	})
	if err != nil {
		return journal.Record{}, notConfirmed(err, "certify "+c.subject.Name)
	}
	if err := r.clockOfRequest(); err != nil {
		return journal.Record{}, err
	}
	certifier, err := capability[coproc.Certifier](r.session, "certify")
	if err != nil {
		return journal.Record{}, err
	}
	now := r.n.Now()
	claims := coproc.Claims{
		Ceremony: r.n.Plan().CeremonyID(), Node: body.Node, Role: body.Role,
		Generation: r.generation(c) + 1, Keys: body.Keys, Answers: request,
		NotBefore: now.Unix(), NotAfter: now.Add(time.Duration(r.n.Plan().CertificateDays) * 24 * time.Hour).Unix(),
		Rehearsal: r.n.Plan().Rehearsal,
	}
	certificate, err := certifier.Certify(r.node.Name, claims)
	if err != nil {
		return journal.Record{}, err
	}
	return journal.Record{
		Text:   fmt.Sprintf("certificate %d for %s, keys %s", claims.Generation, body.Node, keyCard(body.Keys)),
		Bundle: &request, Data: certificate.Bytes(),
	}, nil
}

// issue makes the bundle of the certificate that the journal has, unless that
// was done: after an interruption no other certificate may take its place.
func (r *certifying) issue(c certification, d duty, given journal.Record) error {
	if w := r.n.History().LastWritten(r.node.Name, c.grants, c.subject.Name, 0); w != nil && w.Seq > given.Seq {
		return nil
	}
	if err := r.logOnTo("make the bundle of the certificate", d); err != nil {
		return err
	}
	// Its own certificate, out of the signed journal: only the key to seal to
	// is taken from it.
	claims, err := coproc.UnverifiedClaims(given.Data)
	if err != nil {
		return err
	}
	to, err := recipients(claims.Keys.Family, append([]string{claims.Keys.Box}, c.others...)...)
	if err != nil {
		return err
	}
	header := bundle.Header{Kind: c.grants, To: c.to, Answers: *given.Bundle}
	if c.grants == bundle.KindCSRCert {
		header.About = c.subject.Name
	}
	return r.emit(emission{
		header: header, peer: c.subject.Name, seal: to, anew: true,
		body: bundle.CertificateBody{Certificate: given.Data},
	})
}

// generation counts the certificates given to a node.
func (r *certifying) generation(c certification) uint32 {
	var n uint32
	for _, rec := range r.n.Journal().Records() {
		if rec.Event == journal.EventTask && rec.Task == c.task && rec.Peer == c.subject.Name && rec.Node == r.node.Name {
			n++
		}
	}
	return n
}

// chooseRequest verifies and opens the one request for a node that was not
// answered before.
func (r *certifying) chooseRequest(c certification) (*bundle.Bundle, error) {
	found, err := r.take(c.asks, c.folder, r.anchors(), r.requestFilter(c))
	if err != nil {
		return nil, err
	}
	b, err := r.openOne(found, c)
	if err != nil {
		return nil, err
	}
	request, err := bundle.BodyAs[bundle.RequestBody](b)
	if err != nil {
		return nil, err
	}
	// Never reached: misplaced held the header against the plan, and Open the
	// request against the header. What is certified does not rest on two other files.
	if request.Node != r.n.Plan().ID(c.subject) || request.Role != c.subject.Role {
		return nil, refusal.New(refusal.CodeWrongSender, "the request is for %s as %s, the plan has %s as %s", request.Node, request.Role, r.n.Plan().ID(c.subject), c.subject.Role)
	}
	r.asks = b
	return b, nil
}

// openOne opens requests, sets aside those that do not open, which anybody can
// make, and those with keys that were revoked, and refuses to choose between
// several others.
func (r *certifying) openOne(found []*bundle.Verified, c certification) (*bundle.Bundle, error) {
	var good []*bundle.Bundle
	var names []string
	var bad []*refusal.Error
	for _, v := range found {
		b, err := r.open(v)
		var request bundle.RequestBody
		if err == nil {
			if request, err = bundle.BodyAs[bundle.RequestBody](b); err != nil {
				return nil, err
			}
			err = r.n.notRevokedKeys(fmt.Sprintf("the request %s", v.Header().FileName(v.Digest())), c.subject.Name, request.Keys)
		}
		if err == nil {
			good = append(good, b)
			names = append(names, fmt.Sprintf("%s with the keys %s", v.Header().FileName(v.Digest()), keyCard(request.Keys)))
			continue
		}
		var why *refusal.Error
		if err = refusal.Wrap(err, "%s", v.Header().FileName(v.Digest())); !errors.As(err, &why) {
			return nil, err
		}
		bad = append(bad, why)
	}
	switch len(good) {
	case 0:
		return nil, bad[0]
	case 1:
		for _, why := range bad {
			r.setAside(why)
		}
		return good[0], nil
	}
	return nil, refusal.New(refusal.CodeTwoRequests, "there are %d different requests of %s in %s: %s; ask in the room of %s which keys are theirs, and remove the other file",
		len(good), c.subject.Name, c.folder, strings.Join(names, ", and "), c.subject.Name)
}

// requestFilter refuses requests that answer another SA key, and old ones.
func (r *certifying) requestFilter(c certification) func(bundle.Header) error {
	own := r.n.History().LastWritten(r.node.Name, bundle.KindSAKey, "", 0)
	return func(h bundle.Header) error {
		if h.From.Name != c.subject.Name {
			return refusal.New(refusal.CodeWrongSender, "it is from %s, not from %s", h.From.Name, c.subject.Name)
		}
		return r.underAnotherSA(c.subject, answers(own, h.Answers, "request"))
	}
}

// underAnotherSA says what to do about a request that answers another SA key: that
// of an SA that was lost, perhaps.
func (r *certifying) underAnotherSA(subject *plan.Node, err error) error {
	var why *refusal.Error
	if !errors.As(err, &why) || why.Code != refusal.CodeOtherRequest {
		return err
	}
	phase := "3a"
	if subject.Role == coproc.CSS {
		phase = "2a"
	}
	return why.Hinted("%s asks under another SA key than the one made here. If the SA was set up anew, two officers begin anew in the room of %s: `gapferry coprocessor anew --reason …`, then phase %s there, with the cards of this SA",
		subject.Name, subject.Name, phase)
}

// asksAnew reports whether a certified node's database holds a request that
// was never answered.
func (r *certifying) asksAnew(c certification, last journal.Record) bool {
	return slices.ContainsFunc(r.requests(c), func(it item) bool {
		return it.sealed.Digest() != *last.Bundle && !r.n.History().Seen[it.sealed.Digest()]
	})
}

// requests are the files that say to be a node's requests.
func (r *certifying) requests(c certification) []item {
	var found []item
	for _, it := range r.items {
		if it.err == nil && it.header.Kind == c.asks && it.in.Folder == c.folder {
			found = append(found, it)
		}
	}
	return found
}

// otherRequests speaks up when a certified node asks with another key: it was
// set up anew, or somebody else asks in its name. Where the answered request
// is there too, the other one is set aside; alone it is refused.
func (r *certifying) otherRequests(c certification, answered coproc.Digest) error {
	var other *refusal.Error
	there := false
	for _, it := range r.requests(c) {
		digest := it.sealed.Digest()
		switch {
		case digest == answered:
			there = true
		case r.n.History().Seen[digest]:
			other = refusal.New(refusal.CodeReplay, "%q: this request of %s was answered before, and a newer one since: it is a replay", it.where(), c.subject.Name)
			other.Bundle = digest
		default:
			other = refusal.New(refusal.CodeCertified, "%q: %s was certified for another request already", it.where(), c.subject.Name).
				Hinted("if it was set up anew, renew it, with its new key card in hand: {%s}; if not, somebody asks in its name: tell the auditor", renewalOf(c.subject))
			other.Bundle = digest
		}
	}
	if other == nil {
		return nil
	}
	if there {
		r.setAside(other)
		return nil
	}
	return other
}
