package ceremony

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/journal/history"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// A certificate is good from a day to a day. One that has ended is never handed
// out again as if it were good: the phase that made it makes another one, which
// its officer confirms with the key card in hand. Nothing has to be brought for
// that where the node has the same keys as before. A request is no key to it: it
// was made once, and whoever has the stick can bring it again.

// renewalOf is the command that makes another certificate of a node, in the
// room of the SA.
func renewalOf(subject *plan.Node) string {
	if subject.Role == coproc.CSS {
		return "phase 2b --renew " + subject.Name
	}
	return "phase 3b --renew " + subject.Name
}

// orRenew says, of a certificate that is refused for its time, which clock was
// wrong, as far as that is known here, and what makes another one. claims are
// those of the certificate, where it could be read.
func (r *certificates) orRenew(err error, subject *plan.Node, claims coproc.Claims) error {
	if !errors.Is(err, coproc.ErrExpired) {
		return err
	}
	var why *refusal.Error
	errors.As(refusal.Wrap(err, "certificate of %s", subject.Name), &why)
	told := *why
	return told.Hinted("%s", r.n.whoseClock(subject, claims))
}

// ended refuses, at the SA, a certificate that is not good now.
func (n standing) ended(claims coproc.Claims) error {
	return refusal.New(refusal.CodeExpired, "certificate %d of %s is good from %s to %s, the clock here says %s: it is not handed out",
		claims.Generation, claims.Node.Name, day(claims.NotBefore), day(claims.NotAfter), day(n.Now().Unix())).
		Hinted("if this machine's clock is right, renew it: {%s}; if it is not, set it right", renewalOf(n.Plan().Node(claims.Node.Name)))
}

func isCode(err error, code refusal.Code) bool {
	var why *refusal.Error
	return errors.As(err, &why) && why.Code == code
}

// checkRenew refuses to renew what this phase does not certify.
func (r *run) checkRenew() error {
	for _, name := range r.opts.Renew {
		node := r.n.Plan().Node(name)
		switch {
		case node == nil || node.Role == coproc.SA:
			return refusal.New(refusal.CodeNotHere, "%q is neither the source nor a target of the plan: it has no certificate", name)
		case r.phase.Phase == "2b" && node.Role != coproc.CSS, r.phase.Phase == "3b" && node.Role != coproc.CSR:
			return refusal.New(refusal.CodeNotHere, "phase %s does not certify %s", r.phase.Phase, name).Hinted("that is {%s}", renewalOf(node))
		}
	}
	return nil
}

// again decides whether a node that was certified is certified again in this
// run, and refuses to go on with a certificate that is no good any more. fresh
// says that it is for a request that was never answered, else it is for the
// keys of the last certificate.
func (r *certifying) again(c certification, last journal.Record) (anew, fresh bool, err error) {
	sa, err := r.n.RegisteredSAKey()
	if err != nil {
		return false, false, err
	}
	cert, err := coproc.ParseCertificate(last.Data, sa) // its own, out of the signed journal
	if err != nil {
		return false, false, err
	}
	claims, ended := cert.Claims(), cert.CheckTime(r.n.Now())
	made := r.n.History().LastWritten(r.node.Name, c.grants, c.subject.Name, 0)
	out := made != nil && made.Seq > last.Seq && len(made.Copies) > 0 // that certificate is on a carrier
	revoked := r.n.notRevoked(claims)
	switch {
	case c.renew && r.asksAnew(c, last):
		return true, true, nil
	case revoked != nil && c.renew:
		return false, false, r.n.notRevokedKeys("certificate "+fmt.Sprint(claims.Generation)+" of "+c.subject.Name, c.subject.Name, claims.Keys)
	case revoked != nil:
		return false, false, revoked
	case c.renew && (ended != nil || out && r.halfOver(claims)):
		return true, false, nil
	case c.renew:
		r.progress(Note, "", 0, "certificate %d of %s is good until %s: it is handed out as it is", claims.Generation, c.subject.Name, day(claims.NotAfter))
	case r.n.needless(c.subject):
	case ended != nil:
		return false, false, r.n.ended(claims)
	case r.sealedToFormer(c.subject) && r.asksAnew(c, last):
		return false, false, r.asksToo(c, claims)
	case r.sealedToFormer(c.subject):
		r.progress(Warning, "", 0, "%s has other keys than when certificate %d of %s was made for it: another one is made", r.n.Plan().Source().Name, claims.Generation, c.subject.Name)
		return true, false, nil
	}
	return false, false, nil
}

// asksToo refuses to make another certificate for the former keys of a target
// that asks with others: if it was set up anew, nobody has a card of the former.
func (r *certifying) asksToo(c certification, last coproc.Claims) error {
	requests := r.requests(c)
	i := slices.IndexFunc(requests, func(it item) bool {
		return it.sealed.Digest() != last.Answers && !r.n.History().Seen[it.sealed.Digest()]
	})
	why := refusal.New(refusal.CodeCertified, "%q: %s asks with other keys than those of certificate %d, and needs another one: %s has other keys since",
		requests[i].where(), c.subject.Name, last.Generation, r.n.Plan().Source().Name)
	why.Bundle = requests[i].sealed.Digest()
	return why.Hinted("if %s was set up anew: {%s}; if it was not, take this file off the stick, keep it for the auditor, and run this again", c.subject.Name, renewalOf(c.subject))
}

// halfOver reports whether less than half of a certificate's days is left. One
// with more is not made again: the same command again hands it out again.
func (r *certifying) halfOver(c coproc.Claims) bool {
	half := time.Duration(r.n.Plan().CertificateDays) * 24 * time.Hour / 2
	return r.n.Now().Add(half).After(time.Unix(c.NotAfter, 0))
}

// day of a time in Unix seconds.
func day(t int64) string { return time.Unix(t, 0).UTC().Format("2006-01-02") }

// renewable are the claims of the last certificate of a node, whose keys are
// certified once more.
func (r *certifying) renewable(c certification, last journal.Record) (coproc.Claims, error) {
	cert, err := coproc.ParseCertificate(last.Data, r.info.SAKey)
	if err != nil {
		return coproc.Claims{}, err
	}
	claims := cert.Claims()
	return claims, r.n.notRevoked(claims)
}

// needless reports whether nothing needs the certificate of a node any more: the
// target, or every target of the source, has the master key, as its receipt says
// that was taken in here, from a share set that was not cancelled.
func (n standing) needless(subject *plan.Node) bool {
	for _, t := range n.Plan().Targets() {
		if t != subject && subject.Role != coproc.CSS {
			continue
		}
		rec, ok := n.History().LastReceived(n.Plan().SA().Name, bundle.KindReceipt, t.Name)
		if !ok {
			return false
		}
		d, err := journal.DataOf[journal.ReceiptData](rec)
		if _, cancelled := n.History().Cancelled[d.ShareSet]; err != nil || cancelled {
			return false // another share set has to confirm what it has
		}
	}
	return true
}

// handOutCertificate hands out the last certificate of a node, unless it has
// ended and nothing needs it any more.
func (r *certifying) handOutCertificate(kind bundle.Kind, subject *plan.Node) error {
	w := r.n.History().LastWritten(r.node.Name, kind, subject.Name, 0)
	if w != nil && r.n.needless(subject) && r.n.certificateGood(w) != nil {
		r.progress(Note, "", 0, "the certificate of %s has ended, and nothing needs it any more: it is not handed out", subject.Name)
		return nil
	}
	return r.deliver(kind, subject.Name, 0)
}

// certificateGood refuses to hand out a certificate that has ended, or was taken
// back.
func (n standing) certificateGood(w *history.Written) error {
	claims, ok := n.certified(w)
	if !ok {
		return nil
	}
	if err := n.notRevoked(claims); err != nil {
		return err
	}
	if n.Now().Unix() > claims.NotAfter {
		return n.ended(claims)
	}
	return nil
}

// certified are the claims in a bundle with a certificate that was made here: the
// last that were signed before it.
func (n standing) certified(w *history.Written) (claims coproc.Claims, ok bool) {
	for _, rec := range n.Journal().Records() {
		if rec.Seq < w.Seq && rec.Event == journal.EventTask && rec.Node == w.From && rec.Peer == w.Peer && (rec.Task == procedure.TaskCertifyCSS || rec.Task == procedure.TaskCertifyCSR) {
			c, err := coproc.UnverifiedClaims(rec.Data) // its own, out of the signed journal
			if err == nil {
				claims, ok = c, true
			}
		}
	}
	return claims, ok
}

// haveReceipt reports whether a target's receipt was taken in here.
func (r *certificates) haveReceipt(target *plan.Node) bool {
	_, ok := r.n.History().LastReceived(r.node.Name, bundle.KindReceipt, target.Name)
	return ok
}

// sealedToFormer reports whether the source got other keys since the last
// certificate of a target was sealed to it: it cannot be opened there.
func (r *certifying) sealedToFormer(target *plan.Node) bool {
	if target.Role != coproc.CSR {
		return false
	}
	made := r.n.History().LastWritten(r.node.Name, bundle.KindCSRCert, target.Name, 0)
	if made == nil {
		return false
	}
	var then, now string // the source's Box key
	for _, rec := range r.n.Journal().Records() {
		if rec.Event != journal.EventTask || rec.Task != procedure.TaskCertifyCSS || rec.Node != r.node.Name {
			continue
		}
		claims, err := coproc.UnverifiedClaims(rec.Data) // its own, out of the signed journal
		if err != nil {
			continue
		}
		if now = claims.Keys.Box; rec.Seq < made.Seq {
			then = now
		}
	}
	return then != now
}

// newRevoke reports whether the carriers bring a revoke, of the source's
// certificate or a target's, that was not taken in here: somebody has to log on
// before anything more is handed out.
func (r *certificates) newRevoke(target *plan.Node) bool {
	return slices.ContainsFunc(r.items, func(it item) bool {
		return it.err == nil && it.header.Kind == bundle.KindRevoke && !r.n.History().Seen[it.sealed.Digest()] &&
			(it.header.About == target.Name || it.header.About == r.node.Name)
	})
}

// newOwnCertificate reports whether the carriers bring a certificate of this
// source that it has not seen, signed with the SA key.
func (r *certificates) newOwnCertificate() bool {
	sa, err := r.n.RegisteredSAKey()
	if err != nil {
		return false
	}
	trust := bundle.Anchors{Ceremony: r.n.Plan().CeremonyID(), SAKey: sa, Now: r.n.Now()}
	return slices.ContainsFunc(r.items, func(it item) bool {
		if it.err != nil || it.header.Kind != bundle.KindCSSCert || it.in.Folder != procedure.SADatabase || r.n.History().Seen[it.sealed.Digest()] {
			return false
		}
		_, err := it.sealed.Verify(trust)
		return err == nil
	})
}

// ownCertificateGood refuses to give out shares, before anybody logs on, where
// the source's own certificate has ended and no other one came: no target would
// take them. It is taken in with the first target that needs it; where none needs
// anything, it does not matter.
func (r *sharing) ownCertificateGood(at) error {
	if !slices.ContainsFunc(r.wantedTargets(), func(n *plan.Node) bool { return !r.finished(n) }) {
		return nil
	}
	rec, ok := r.n.History().LastReceived(r.node.Name, bundle.KindCSSCert, r.node.Name)
	if !ok || r.newOwnCertificate() {
		return nil
	}
	sa, err := r.n.RegisteredSAKey()
	if err != nil {
		return err
	}
	c, err := coproc.ParseCertificate(rec.Data, sa)
	if err != nil {
		return refusal.Wrap(err, "certificate of %s", r.node.Name)
	}
	if err := r.n.notRevoked(c.Claims()); err != nil {
		return err
	}
	return r.orRenew(refusal.Wrap(c.CheckTime(r.n.Now()), "certificate of %s", r.node.Name), r.node, c.Claims())
}

// restated reports whether the last statement for a target has an earlier
// certificate of this source than the one taken in last. It is made once more:
// the same words of the coprocessor under the certificate that is good.
func (r *certificates) restated(target *plan.Node, w *history.Written) bool {
	rec, ok := r.n.History().LastReceived(r.node.Name, bundle.KindCSSCert, r.node.Name)
	return ok && rec.Seq > w.Seq && !r.haveReceipt(target)
}
