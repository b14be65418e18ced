package ceremony

import (
	"fmt"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// Revoke takes back, at the SA, every certificate that a node was given so far.
// Nodes that have taken in the bundle refuse what needs such a certificate. The
// same call again hands the bundle out once more.
func (n *Node) Revoke(name, reason string, o Options, desk Desk) (result *Result, err error) {
	sa, err := n.Here(coproc.SA)
	if err != nil {
		return nil, err
	}
	subject := n.Plan().Node(name)
	if subject == nil || subject.Role == coproc.SA {
		return nil, refusal.New(refusal.CodeNotHere, "%q is neither the source nor a target of the plan", name)
	}
	if err := bundle.CheckReason(reason); err != nil {
		return nil, refusal.New(refusal.CodeReason, "%w: say with --reason why, in one line", err)
	}
	last, ok := n.lastCertificate(sa, subject)
	if !ok {
		return nil, refusal.New(refusal.CodeOrder, "%s was given no certificate yet: there is nothing to revoke", name)
	}
	act := "revoke the certificate of " + name
	err = n.withOfficer(sa, sa.Officers.Certify, act, desk, func(r *run) error {
		r.opts, result = o, r.result
		if n.History().Revoked[name].Generation < last.Generation {
			if err := r.revoke(act, last, reason); err != nil {
				return err
			}
		}
		if err := r.emitRevoke(subject); err != nil {
			return err
		}
		return r.deliver(bundle.KindRevoke, name, 0)
	})
	return result, err
}

// lastCertificate is what the SA stated of a node last.
func (n standing) lastCertificate(sa, subject *plan.Node) (last coproc.Claims, ok bool) {
	if all := n.certificatesOf(sa, subject); len(all) > 0 {
		return all[len(all)-1], true
	}
	return last, false
}

// certificatesOf is all that the SA ever stated of a node, oldest first.
func (n standing) certificatesOf(sa, subject *plan.Node) (all []coproc.Claims) {
	for _, rec := range n.Journal().Records() {
		if rec.Event == journal.EventTask && rec.Node == sa.Name && rec.Peer == subject.Name && (rec.Task == procedure.TaskCertifyCSS || rec.Task == procedure.TaskCertifyCSR) {
			// Its own certificate, out of the signed journal.
			if c, err := coproc.UnverifiedClaims(rec.Data); err == nil {
				all = append(all, c)
			}
		}
	}
	return all
}

func (r *run) revoke(act string, c coproc.Claims, reason string) error {
	d := journal.RevokeData{Node: c.Node, Generation: c.Generation, Reason: reason, By: r.session.Profile()}
	facts := [][2]string{
		{"node", c.Node.String()}, {"certificate", fmt.Sprint(c.Generation)},
		{"its key card", keyCard(c.Keys)}, {"because", reason},
	}
	if c.Role == coproc.CSS {
		// Everything that the targets were given is for this source's keys.
		facts = append(facts, [2]string{"afterwards", "two officers of the source begin anew (gapferry coprocessor anew) and keep its master key; all that it gave out is void"})
	}
	err := r.desk.Confirm(Confirmation{Act: act, Facts: facts})
	if err != nil {
		return notConfirmed(err, act)
	}
	data, err := detcbor.Marshal(d)
	if err != nil {
		return err
	}
	return r.record(journal.Record{
		Event: journal.EventRevoked, Node: r.node.Name, Peer: c.Node.Name, Data: data,
		Text: fmt.Sprintf("certificate %d of %s is revoked: %s", c.Generation, c.Node.Name, reason),
	})
}

// emitRevoke makes the bundle of what was revoked last, unless it was made.
func (r *run) emitRevoke(subject *plan.Node) error {
	made := false
	for _, rec := range r.n.Journal().Records() {
		if rec.Peer == subject.Name && rec.Event == journal.EventRevoked {
			made = false
		}
		if rec.Peer == subject.Name && rec.Event == journal.EventWritten && rec.Kind == bundle.KindRevoke {
			made = true
		}
	}
	if made {
		return nil
	}
	to, err := r.everybody()
	if err != nil {
		return err
	}
	d := r.n.History().Revoked[subject.Name]
	return r.emit(emission{
		header: bundle.Header{Kind: bundle.KindRevoke, About: subject.Name}, peer: subject.Name, seal: to, anew: true,
		body: bundle.RevokeBody{Node: d.Node, Generation: d.Generation, Reason: d.Reason, By: d.By},
	})
}

// Revoked is a revocation that a node knows of.
type Revoked struct {
	Node       string `json:"node"`
	Generation uint32 `json:"certificate"`
	Reason     string `json:"reason"`
	By         string `json:"by"`
}

// TakeRevokes takes in what the carriers bring of the SA's revocations. Every
// phase does that as well.
func (n *Node) TakeRevokes(o Options, desk Desk) ([]Revoked, error) {
	node := n.Plan().At(n.Device().Name)[0]
	if node.Role == coproc.SA {
		return nil, refusal.New(refusal.CodeNotHere, "this is the SA: say with --node whose certificate is to be revoked")
	}
	err := n.withOfficer(node, node.Officers.Audit, "take in revocations", desk, func(r *run) error {
		r.opts = o
		r.classify()
		if r.info.SAKey.IsZero() {
			return refusal.New(refusal.CodeOrder, "%s has not registered the SA key yet: nobody can be believed", node.Name)
		}
		if err := r.takeRevokes(); err != nil || r.present(bundle.KindRevoke, procedure.SADatabase) {
			return err
		}
		for _, it := range r.items {
			if it.err != nil {
				return it.err // the file that should be the revoke, perhaps
			}
		}
		return refusal.New(refusal.CodeMissing, "there is no revoke in %s", procedure.SADatabase)
	})
	return n.Revoked(), err
}

// RevokeWants lists what TakeRevokes looks for.
func (n wanted) RevokeWants() []Want {
	return []Want{{Folder: procedure.SADatabase, Kind: bundle.KindRevoke, Count: 1}}
}

// Revoked lists the revocations that this node knows of, in the plan's order.
func (n standing) Revoked() []Revoked {
	all := []Revoked{}
	for i := range n.Plan().Nodes {
		name := n.Plan().Nodes[i].Name
		if d, ok := n.History().Revoked[name]; ok {
			all = append(all, Revoked{name, d.Generation, d.Reason, d.By})
		}
	}
	return all
}

// takeRevokes takes in the revocations on the carriers that are new here. It
// comes before everything else that an officer does. When one cannot be read
// nothing else is done: see notices.go.
func (r *certificates) takeRevokes() error {
	if r.node.Role == coproc.SA || r.info.SAKey.IsZero() || r.info.SAHash == nil {
		return nil
	}
	good, bad, err := r.readNotices(bundle.KindRevoke, "", r.takeRevoke)
	if err != nil {
		return err
	}
	return r.refuseNotices(bundle.KindRevoke, r.n.Plan().SA(), good, bad)
}

// readRevoke verifies and opens a revoke: whoever has the SA-key hash can.
func (r *certificates) readRevoke(it item, trust bundle.Anchors) (*bundle.Bundle, bundle.RevokeBody, error) {
	var body bundle.RevokeBody
	v, err := r.verify(it, trust, nil)
	if err != nil {
		return nil, body, err
	}
	id, err := bundle.HashIdentity(*trust.SAHash)
	if err != nil {
		return nil, body, err
	}
	b, err := v.Open(id)
	if err != nil {
		return nil, body, refusal.Wrap(err, "%q", it.where())
	}
	if body, err = bundle.BodyAs[bundle.RevokeBody](b); err != nil {
		return nil, body, refusal.Wrap(err, "%q", it.where())
	}
	if subject := r.n.Plan().Node(body.Node.Name); subject == nil || r.n.Plan().ID(subject) != body.Node {
		return nil, body, refusal.New(refusal.CodeWrongSender, "%q: it revokes %s, which the plan does not have", it.where(), body.Node)
	}
	return b, body, nil
}

func (r *certificates) takeRevoke(it item) error {
	b, body, err := r.readRevoke(it, r.anchors())
	if err != nil {
		return err
	}
	subject := r.n.Plan().Node(body.Node.Name)
	data, err := detcbor.Marshal(journal.RevokeData{Node: body.Node, Generation: body.Generation, Reason: body.Reason, By: body.By})
	if err != nil {
		return err
	}
	r.progress(Warning, "", 0, "the SA has revoked certificate %d of %s: %s", body.Generation, subject.Name, body.Reason)
	return r.received(b, subject.Name, data)
}

// notRevoked refuses a certificate that the SA took back, and one with a key of
// such a certificate.
func (n standing) notRevoked(claims coproc.Claims) error {
	if d, ok := n.History().Revoked[claims.Node.Name]; ok && claims.Generation <= d.Generation {
		why := refusal.New(refusal.CodeRevoked, "certificate %d of %s was revoked by %s: %s", claims.Generation, claims.Node.Name, d.By, d.Reason)
		return n.orBeginAnew(why, n.Plan().Node(claims.Node.Name))
	}
	return n.notRevokedKeys(fmt.Sprintf("certificate %d of %s", claims.Generation, claims.Node.Name), claims.Node.Name, claims.Keys)
}

// mayHandOut refuses to hand out a certificate that has ended or was revoked since, what was
// made for a target whose certificate was, and a receipt of a master key that is
// not there any more.
func (n outbox) mayHandOut(w *history.Written) error {
	switch w.Kind {
	case bundle.KindReceipt:
		if err := n.refuseReplaced(n.Plan().Node(w.From)); err != nil {
			return err
		}
		if set, ok := n.History().Statements[w.Answers]; ok && n.notCancelled(set) != nil {
			return refusal.New(refusal.CodeCancelled, "the receipt is not handed out: %w; %s had set the master key before", n.notCancelled(set), w.From).Hinted("%s", confirmHint(w.From))
		}
	case bundle.KindShare, bundle.KindStatement:
		return n.targetNotRevoked(w.Peer)
	case bundle.KindCSSCert, bundle.KindCSRCert:
		return n.certificateGood(w)
	}
	return nil
}

// targetNotRevoked refuses to hand out what was made for a target whose
// certificate the SA took back since. It needs no officer.
func (n standing) targetNotRevoked(target string) error {
	rec, ok := n.History().LastReceived(n.Plan().Source().Name, bundle.KindCSRCert, target)
	if !ok {
		return nil
	}
	claims, err := coproc.UnverifiedClaims(rec.Data) // out of this node's signed journal
	if err != nil {
		return err
	}
	return n.notRevoked(claims)
}
