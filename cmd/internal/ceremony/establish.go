package ceremony

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// What phases 1, 2a and 3a have in common: audit, registering the SA key in
// two acts, and generating the node's key.

func (r *run) audit() error {
	d := duty{task: TaskAudit, group: r.node.Role, profile: r.node.Officers.Audit}
	return r.do(d, func() (Record, error) {
		report, err := r.n.auditWith(r.session)
		if err != nil {
			return Record{}, err
		}
		if len(report.Differences) > 0 {
			return Record{}, refuse(CodeAccessDiffers, "the access controls of %s are not as planned: %s",
				r.n.device.Name, strings.Join(report.Differences, "; "))
		}
		return Record{Text: fmt.Sprintf("%d roles and %d profiles are as planned", len(report.Roles), len(report.Profiles))}, nil
	})
}

// registerHash asks the hash officer for the hash and registers it. check may
// refuse what was entered before it is registered, which is done only once.
func (r *run) registerHash(check func(coproc.Thumbprint) error) error {
	d := duty{task: TaskRegisterHash, group: r.node.Role, profile: r.node.Officers.RegisterHash}
	return r.do(d, func() (Record, error) {
		registrar, err := capability[coproc.Registrar](r.session, "register the SA key")
		if err != nil {
			return Record{}, err
		}
		if r.info.SAHash != nil && r.registeredElsewhere(TaskRegisterHash) {
			return Record{Text: "the SA-key hash is registered in this coprocessor already, by " + r.info.SAHashBy}, nil
		}
		if r.info.SAHash != nil {
			return Record{Recovered: true, Text: "the SA-key hash was registered by " + r.info.SAHashBy + " before an interruption"}, nil
		}
		q := HashQuestion{Node: r.node.Name, Profile: d.profile}
		var problem *Refusal
		for attempt := 1; ; attempt++ {
			hash, err := r.desk.SAKeyHash(q)
			if errors.Is(err, ErrNoAnswer) && problem != nil {
				return Record{}, problem
			}
			if errors.Is(err, ErrNoAnswer) {
				return Record{}, refuse(CodeNoHash, "the SA-key hash was not entered")
			}
			if err != nil {
				return Record{}, err
			}
			if err := check(hash); err != nil {
				// What was typed may be wrong: it can be typed once more. What
				// is on the stick does not change.
				if !errors.As(err, &problem) || attempt == maxAttempts || problem.Code.Group() != Refused {
					return Record{}, err
				}
				q.Problem = problem.Text
				continue
			}
			if err := registrar.RegisterHash(hash); err != nil {
				return Record{}, err
			}
			return Record{Text: "hash " + strings.Join(coproc.HexGroups(hash), " ")}, nil
		}
	})
}

// registeredElsewhere reports whether the other node in this coprocessor did
// the same task before.
func (r *run) registeredElsewhere(task TaskID) bool {
	for _, p := range r.n.plan.At(r.n.device.Name) {
		if p.Name != r.node.Name {
			if _, ok := r.n.state.done(taskKey{node: p.Name, task: task}); ok {
				return true
			}
		}
	}
	return false
}

// hashOnStick refuses a hash that no sa-key on the carrier belongs to: either
// the card or the stick is wrong, and a hash is registered only once.
func (r *run) hashOnStick(hash coproc.Thumbprint) error {
	if !r.present(bundle.KindSAKey, saDatabase) {
		for _, it := range r.items {
			if it.err != nil && it.in.Folder == saDatabase {
				return it.err // the file that should be the sa-key, perhaps
			}
		}
		if r.opts.Task == TaskRegisterHash {
			return nil // the officer may come before the stick
		}
		return refuse(CodeMissing, "there is no sa-key in %s", saDatabase)
	}
	var reason error
	var damaged error // by a key that is not even another one
	for _, it := range r.items {
		if it.err != nil || it.header.Kind != bundle.KindSAKey {
			continue
		}
		_, err := it.sealed.Verify(bundle.Anchors{Ceremony: r.n.plan.CeremonyID(), SAHash: &hash, Now: r.n.now()})
		if err == nil {
			return nil
		}
		if reason = err; !errors.Is(err, bundle.ErrUnknownKey) {
			damaged = prefixed(it, asRefusal(err, "sa-key"))
		}
	}
	if damaged != nil {
		return damaged
	}
	return refuse(CodeUnknownKey, "the hash that was entered is not the hash of the SA key in %s: %w; the card or the stick is wrong", saDatabase, reason)
}

// registerKey registers the SA key that the stick brings.
func (r *run) registerKey() error {
	d := duty{task: TaskRegisterKey, group: r.node.Role, profile: r.node.Officers.RegisterKey}
	return r.do(d, func() (Record, error) {
		registrar, err := capability[coproc.Registrar](r.session, "register the SA key")
		if err != nil {
			return Record{}, err
		}
		if r.info.SAHash == nil {
			return Record{}, refuse(CodeHashFirst, "the SA-key hash is not registered yet: it comes first, by %s", r.node.Officers.RegisterHash)
		}
		found, err := r.take(bundle.KindSAKey, saDatabase, r.anchors(), nil)
		if err != nil {
			return Record{}, err
		}
		if len(found) > 1 {
			return Record{}, refuse(CodeTwoRequests, "there are %d different sa-key bundles of the same SA key in %s: ask in the SA's room which one is right", len(found), saDatabase)
		}
		id, err := bundle.HashIdentity(*r.info.SAHash)
		if err != nil {
			return Record{}, err
		}
		b, err := found[0].Open(id)
		if err != nil {
			return Record{}, err
		}
		body, err := b.SAKey()
		if err != nil {
			return Record{}, err
		}
		if err := samePlan(r.n.plan, body.Plan); err != nil {
			return Record{}, err
		}
		if err := r.checkCard(*r.info.SAHash, d.profile); err != nil {
			return Record{}, err
		}
		if err := registrar.RegisterKey(body.Keys.Sign); err != nil {
			return Record{}, err
		}
		keys, err := detcbor.Marshal(body.Keys)
		if err != nil {
			return Record{}, err
		}
		if err := r.received(b, r.n.plan.SA().Name, keys); err != nil {
			return Record{}, err
		}
		return Record{Text: "SA key " + fingerprint(body.Keys.Sign)}, nil
	})
}

// samePlan refuses a plan that is not this node's, and shows the first line
// that differs.
func samePlan(own *Plan, theirs []byte) error {
	mine := own.Canonical()
	if string(mine) == string(theirs) {
		return nil
	}
	a, b := strings.Split(string(mine), "\n"), strings.Split(string(theirs), "\n")
	at := func(lines []string, i int) string {
		if i < len(lines) {
			return lines[i]
		}
		return "(nothing)"
	}
	for i := 0; ; i++ {
		if at(a, i) != at(b, i) {
			return refuse(CodePlanDiffers, "this node's plan is not the SA's: here line %d is %q, at the SA it is %q", i+1, at(a, i), at(b, i))
		}
	}
}

// fingerprint is the beginning of the SA key's hash in hex, as the card has it.
func fingerprint(k coproc.PublicKey) string {
	t := k.Thumbprint()
	return strings.Join(coproc.HexGroups(t)[:4], " ")
}

// generateKey makes the node's retained key.
func (r *run) generateKey() error {
	d := duty{task: TaskGenerateKey, group: r.node.Role, profile: r.node.Officers.GenerateKey}
	return r.do(d, func() (Record, error) {
		owner, err := capability[coproc.KeyOwner](r.session, "keep keys")
		if err != nil {
			return Record{}, err
		}
		rec := Record{}
		if have := r.info.Key(r.node.Name); have != nil {
			rec.Recovered = true
			if have.Role != r.node.Role {
				return Record{}, refuse(CodeStore, "the coprocessor has a %s key under the name of %s, made by %s: it has to be set up anew", have.Role, r.node.Name, have.By)
			}
			rec.Text = fmt.Sprintf("%s keys %s, generated by %s before an interruption", r.node.Role, keyCard(have.Keys), have.By)
			return rec, nil
		}
		keys, err := owner.GenerateKey(r.node.Name, r.node.Role)
		if err != nil {
			return Record{}, err
		}
		rec.Text = fmt.Sprintf("%s keys %s", r.node.Role, keyCard(keys))
		if r.node.Role == coproc.SA {
			rec.Text = "SA key " + fingerprint(keys.Sign)
		}
		return rec, r.refresh()
	})
}

// request asks the SA to certify the node's key.
func (r *run) request(kind bundle.Kind, peer string) error {
	if r.n.state.sent(r.node.Name, kind, peer, 0) != nil {
		return nil
	}
	// The officer who generated the key is still logged on, unless an
	// interruption came between.
	if err := r.logOn(duty{task: TaskGenerateKey, group: r.node.Role, profile: r.node.Officers.GenerateKey}); err != nil {
		return err
	}
	key := r.info.Key(r.node.Name)
	if key == nil {
		return refuse(CodeOrder, "%s has no key yet", r.node.Name)
	}
	saKeys, introduced, err := r.saKeys()
	if err != nil {
		return err
	}
	to, err := recipients(saKeys.Box)
	if err != nil {
		return err
	}
	request := coproc.Request{Node: r.n.plan.ID(r.node), Role: r.node.Role, Keys: key.Keys}
	if _, err := rand.Read(request.Nonce[:]); err != nil {
		return err
	}
	return r.emit(emission{
		header: bundle.Header{Kind: kind, To: []string{r.n.plan.SA().Name}, Answers: introduced, Key: key.Keys.Sign.Bytes()},
		peer:   peer, body: request, seal: to,
	})
}

// saKeys are the SA's keys as this node registered them, and the sa-key bundle
// that brought them.
func (r *run) saKeys() (coproc.Keys, coproc.Digest, error) {
	var keys coproc.Keys
	rec, ok := r.n.state.got(r.node.Name, bundle.KindSAKey, r.n.plan.SA().Name)
	if !ok {
		return keys, coproc.Digest{}, refuse(CodeOrder, "%s has not registered the SA key yet", r.node.Name)
	}
	if err := detcbor.Unmarshal(rec.Data, &keys); err != nil {
		return keys, coproc.Digest{}, err
	}
	if keys.Sign != r.info.SAKey {
		return keys, coproc.Digest{}, refuse(CodeStore, "the journal and the coprocessor name different SA keys")
	}
	return keys, *rec.Bundle, nil
}

// certificate is a certificate that this node took in before, verified again.
func (r *run) certificate(kind bundle.Kind, peer string) (coproc.Certificate, coproc.Digest, error) {
	rec, ok := r.n.state.got(r.node.Name, kind, peer)
	if !ok {
		return coproc.Certificate{}, coproc.Digest{}, refuse(CodeMissing, "the %s of %s was not taken in yet", kind, peer)
	}
	c, err := coproc.ParseCertificate(rec.Data, r.info.SAKey)
	return c, *rec.Bundle, err
}

// checkCertificate refuses a certificate that is not for the node it should be for.
func (r *run) checkCertificate(c coproc.Certificate, subject *PlanNode) error {
	claims := c.Claims()
	switch {
	case claims.Role != subject.Role:
		return refuse(CodeCertificate, "the certificate is for a %s node, %s is a %s node", claims.Role, subject.Name, subject.Role)
	case claims.Node != r.n.plan.ID(subject):
		return refuse(CodeWrongTarget, "the certificate is for %s, wanted is %s", claims.Node, r.n.plan.ID(subject))
	case claims.Ceremony != r.n.plan.CeremonyID():
		return refuse(CodeWrongCeremony, "the certificate is of ceremony %s", claims.Ceremony)
	case claims.Rehearsal != r.n.plan.Rehearsal:
		return refuse(CodeRehearsal, "the certificate is of a rehearsal and this is none, or the other way round")
	}
	return c.CheckTime(r.n.now())
}

// takeCertificate takes in the best certificate for a node that a database
// holds: the latest generation, never older than the one known.
func (r *run) takeCertificate(kind bundle.Kind, folder string, subject *PlanNode) (coproc.Certificate, error) {
	var known uint32
	if last, _, err := r.certificate(kind, subject.Name); err == nil {
		known = last.Claims().Generation
	}
	found, err := r.take(kind, folder, r.anchors(), func(h bundle.Header) error {
		if kind == bundle.KindCSRCert && h.About != subject.Name {
			return refuse(CodeWrongTarget, "it is about %s, not about %s", h.About, subject.Name)
		}
		return nil
	})
	if err != nil {
		return coproc.Certificate{}, err
	}
	var best coproc.Certificate
	var bestBundle *bundle.Bundle
	var bad []error
	for _, v := range found {
		b, c, err := r.openCertificate(v, subject, known)
		if err != nil {
			bad = append(bad, asRefusal(err, "%s", kind))
			continue
		}
		if best.IsZero() || c.Claims().Generation > best.Claims().Generation {
			best, bestBundle = c, b
		}
	}
	if best.IsZero() {
		return best, bad[0]
	}
	for _, err := range bad {
		var why *Refusal
		if !errors.As(err, &why) {
			return coproc.Certificate{}, err
		}
		r.setAside(why)
	}
	return best, r.received(bestBundle, subject.Name, best.Bytes())
}

func (r *run) openCertificate(v *bundle.Verified, subject *PlanNode, known uint32) (*bundle.Bundle, coproc.Certificate, error) {
	var none coproc.Certificate
	b, err := r.open(v)
	if err != nil {
		return nil, none, err
	}
	body, err := b.Certificate()
	if err != nil {
		return nil, none, err
	}
	c, err := coproc.ParseCertificate(body.Certificate, r.info.SAKey)
	if err != nil {
		return nil, none, err
	}
	if err := r.checkCertificate(c, subject); err != nil {
		return nil, none, err
	}
	claims := c.Claims()
	if claims.Answers != b.Header().Answers {
		return nil, none, refuse(CodeOtherRequest, "the certificate and the bundle around it answer different requests")
	}
	if claims.Generation < known {
		return nil, none, refuse(CodeOldGeneration, "it is certificate %d of %s, certificate %d is known here: it is an old one", claims.Generation, subject.Name, known)
	}
	if subject.Name == r.node.Name {
		kind := bundle.KindCSSKey
		if subject.Role == coproc.CSR {
			kind = bundle.KindCSRKey
		}
		peer := ""
		if err := answers(r.n.state.sent(r.node.Name, kind, peer, 0), claims.Answers, "certificate"); err != nil {
			return nil, none, err
		}
		if key := r.info.Key(r.node.Name); key == nil || key.Keys != claims.Keys {
			return nil, none, refuse(CodeOtherRequest, "the certificate is for other keys than %s has", subject.Name)
		}
	}
	return b, c, nil
}

// sortedShares lists 1 … n as the options leave them.
func (r *run) sortedShares() []int {
	var shares []int
	for i := 1; i <= r.n.plan.N; i++ {
		if r.wantedShare(i) && !slices.Contains(r.opts.GiveUp, i) {
			shares = append(shares, i)
		}
	}
	return shares
}
