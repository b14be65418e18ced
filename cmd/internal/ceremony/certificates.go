package ceremony

import (
	"errors"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// certificates are those that a node took in, and what the SA took back of them.
type certificates struct {
	*intake
}

// certificate is a certificate that this node took in before, verified again,
// and was not revoked since.
func (r *certificates) certificate(kind bundle.Kind, peer string) (coproc.Certificate, coproc.Digest, error) {
	c, digest, err := r.knownCertificate(kind, peer)
	if err != nil {
		return c, digest, err
	}
	return c, digest, r.n.notRevoked(c.Claims())
}

// knownCertificate is one, revoked or not.
func (r *certificates) knownCertificate(kind bundle.Kind, peer string) (coproc.Certificate, coproc.Digest, error) {
	rec, ok := r.n.History().LastReceived(r.node.Name, kind, peer)
	if !ok {
		return coproc.Certificate{}, coproc.Digest{}, refusal.New(refusal.CodeMissing, "the %s of %s was not taken in yet", kind, peer)
	}
	c, err := coproc.ParseCertificate(rec.Data, r.info.SAKey)
	return c, *rec.Bundle, err
}

// checkCertificate refuses a certificate that is not for the node it should be
// for, or not good now.
func (r *certificates) checkCertificate(c coproc.Certificate, subject *plan.Node) error {
	if err := r.checkSubject(c, subject); err != nil {
		return err
	}
	return r.orRenew(c.CheckTime(r.n.Now()), subject, c.Claims())
}

// checkSubject refuses a certificate that is not for the node it should be for.
func (r *certificates) checkSubject(c coproc.Certificate, subject *plan.Node) error {
	claims := c.Claims()
	switch {
	case claims.Role != subject.Role:
		return refusal.New(refusal.CodeCertificate, "the certificate is for a %s node, %s is a %s node", claims.Role, subject.Name, subject.Role)
	case claims.Node != r.n.Plan().ID(subject):
		return refusal.New(refusal.CodeWrongTarget, "the certificate is for %s, wanted is %s", claims.Node, r.n.Plan().ID(subject))
	case claims.Ceremony != r.n.Plan().CeremonyID():
		return refusal.New(refusal.CodeWrongCeremony, "the certificate is of ceremony %s", claims.Ceremony)
	case claims.Rehearsal != r.n.Plan().Rehearsal:
		return refusal.New(refusal.CodeRehearsal, "the certificate is of a rehearsal and this is none, or the other way round")
	}
	return r.n.notRevoked(claims)
}

// takeCertificate takes in the best certificate for a node that a database
// holds: the latest generation, never older than the one known.
func (r *certificates) takeCertificate(kind bundle.Kind, folder string, subject *plan.Node) (coproc.Certificate, error) {
	var known uint32
	if last, _, err := r.knownCertificate(kind, subject.Name); err == nil {
		known = last.Claims().Generation
	}
	found, err := r.take(kind, folder, r.anchors(), func(h bundle.Header) error {
		if kind == bundle.KindCSRCert && h.About != subject.Name {
			return refusal.New(refusal.CodeWrongTarget, "it is about %s, not about %s", h.About, subject.Name)
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
			bad = append(bad, refusal.Wrap(err, "%s", kind))
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
		var why *refusal.Error
		if !errors.As(err, &why) {
			return coproc.Certificate{}, err
		}
		r.setAside(why)
	}
	return best, r.received(bestBundle, subject.Name, best.Bytes())
}

func (r *certificates) openCertificate(v *bundle.Verified, subject *plan.Node, known uint32) (*bundle.Bundle, coproc.Certificate, error) {
	var none coproc.Certificate
	b, err := r.open(v)
	if err != nil {
		return nil, none, err
	}
	body, err := bundle.BodyAs[bundle.CertificateBody](b)
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
		return nil, none, refusal.New(refusal.CodeOtherRequest, "the certificate and the bundle around it answer different requests")
	}
	if claims.Generation < known {
		return nil, none, refusal.New(refusal.CodeOldGeneration, "it is certificate %d of %s, certificate %d is known here: it is an old one", claims.Generation, subject.Name, known)
	}
	if subject.Name == r.node.Name {
		kind := bundle.KindCSSKey
		if subject.Role == coproc.CSR {
			kind = bundle.KindCSRKey
		}
		if err := answers(r.n.History().LastWritten(r.node.Name, kind, "", 0), claims.Answers, "certificate"); err != nil {
			return nil, none, err
		}
		if key := r.info.Key(r.node.Name); key == nil || key.Keys != claims.Keys {
			return nil, none, refusal.New(refusal.CodeOtherRequest, "the certificate is for other keys than %s has", subject.Name)
		}
	}
	return b, c, nil
}
