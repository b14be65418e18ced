package bundle

import (
	"fmt"
	"time"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// Anchors is what a node trusts: the registered SA-key hash, the SA key, and
// what the SA key certified. A field that is not known yet is left zero, and
// the bundles that need it are refused with ErrUnknownKey.
type Anchors struct {
	// Ceremony refuses, with ErrCeremony, what was made for another one. Zero
	// accepts any, for a verifier that has no plan.
	Ceremony coproc.CeremonyID
	// SAHash is the registered hash. sa-key needs it.
	SAHash *coproc.Thumbprint
	// SAKey is the registered key. Every kind but sa-key, css-key, csr-key and
	// journal needs it.
	SAKey coproc.PublicKey
	// Sources are verified certificates of CSS nodes. share needs them.
	Sources []coproc.Certificate
	// Targets are verified certificates of CSR nodes, for a receipt that does
	// not bring its own.
	Targets []coproc.Certificate
	// Certificate reads a certificate that a bundle brings; nil stands for
	// coproc.ParseCertificate. Who verifies many bundles can remember the answers.
	Certificate func(raw []byte, sa coproc.PublicKey) (coproc.Certificate, error)
	// Now is the time at which certificates must be valid, but for those of a
	// cancel and a receipt. It must be set.
	Now time.Time
}

var _ Trust = Anchors{}

// KeyFor finds the key that a bundle must be signed with. css-key, csr-key and
// journal bring their own: that they verify proves possession of the key, not
// who has it.
func (a Anchors) KeyFor(s *Sealed) (coproc.PublicKey, error) {
	h := s.header.Header
	if a.Ceremony != (coproc.CeremonyID{}) && h.Ceremony != a.Ceremony {
		return coproc.PublicKey{}, fmt.Errorf("%w: it is of ceremony %s, here is ceremony %s", ErrCeremony, h.Ceremony, a.Ceremony)
	}
	switch h.Kind {
	case KindSAKey:
		return a.introducedKey(s)
	case KindCSSKey, KindCSRKey, KindJournal:
		return cosesig.ParsePublicKey(h.Key)
	case KindCSSCert, KindCSRCert, KindRevoke:
		return a.saKey(s)
	case KindStatement, KindCancel:
		return a.certifiedKey(s, coproc.CSS, nil)
	case KindShare:
		return a.certifiedKey(s, coproc.CSS, a.Sources)
	case KindReceipt:
		return a.certifiedKey(s, coproc.CSR, a.Targets)
	}
	return coproc.PublicKey{}, fmt.Errorf("%w: unknown kind %q", ErrKind, h.Kind)
}

// introducedKey takes the SA key out of the sa-key bundle that brings it. This
// is the one place where something is opened before it was verified: the
// registered hash, which opens it, also authenticates the key inside.
func (a Anchors) introducedKey(s *Sealed) (coproc.PublicKey, error) {
	var none coproc.PublicKey
	switch {
	case a.SAHash == nil:
		return none, fmt.Errorf("%w: the SA-key hash is not registered here", ErrUnknownKey)
	case KeyID(*a.SAHash) != s.header.KeyID:
		return none, fmt.Errorf("%w: it brings another SA key than the one whose hash is registered", ErrUnknownKey)
	}
	if !a.SAKey.IsZero() && a.SAKey.Thumbprint() == *a.SAHash {
		// The key is known: what it did not sign is not worth the words' scrypt.
		if err := s.message.Verify(cosesig.DomainBundle, a.SAKey); err != nil {
			return none, fmt.Errorf("%w: %w", ErrSignature, err)
		}
	}
	id, err := HashIdentity(*a.SAHash)
	if err != nil {
		return none, err
	}
	plaintext, err := decrypt(s.message.Payload, id)
	if err != nil {
		return none, err
	}
	encoded, err := openInside(plaintext, s.message.Protected, MaxPlanInside)
	if err != nil {
		return none, err
	}
	body, err := decodeAs[SAKeyBody](encoded)
	if err != nil {
		return none, err
	}
	if body.Keys.Sign.Thumbprint() != *a.SAHash {
		return none, fmt.Errorf("%w: the SA key inside does not have the registered hash", ErrUnknownKey)
	}
	return body.Keys.Sign, nil
}

// saKey is the registered SA key, if the bundle names it.
func (a Anchors) saKey(s *Sealed) (coproc.PublicKey, error) {
	switch {
	case a.SAKey.IsZero():
		return a.SAKey, fmt.Errorf("%w: the SA key is not registered here", ErrUnknownKey)
	case KeyID(a.SAKey.Thumbprint()) != s.header.KeyID:
		return a.SAKey, fmt.Errorf("%w: it is signed with another SA key than the registered one", ErrUnknownKey)
	}
	return a.SAKey, nil
}

// certifiedKey is the key in the certificate that the bundle brings, or in one
// of those known here.
func (a Anchors) certifiedKey(s *Sealed, role coproc.NodeRole, known []coproc.Certificate) (coproc.PublicKey, error) {
	h := s.header.Header
	c, err := a.certificateFor(s, known)
	if err != nil {
		return coproc.PublicKey{}, err
	}
	claims := c.Claims()
	switch {
	case claims.Role != role:
		err = fmt.Errorf("it is of a %s node, %q is signed by a %s node", claims.Role, h.Kind, role)
	case claims.Node != h.From:
		err = fmt.Errorf("it is of node %q, the bundle is from %q, or their coprocessors differ", claims.Node.Name, h.From.Name)
	case claims.Ceremony != h.Ceremony:
		err = fmt.Errorf("it is of ceremony %s, the bundle of ceremony %s", claims.Ceremony, h.Ceremony)
	case claims.Rehearsal != h.Rehearsal:
		err = fmt.Errorf("one is for a rehearsal, the other is not")
	case h.Kind == KindCancel, h.Kind == KindReceipt:
		// They tell what was done, and give nothing on the strength of the
		// certificate: news of it may come late.
	default:
		err = c.CheckTime(a.Now)
	}
	if err != nil {
		return coproc.PublicKey{}, fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	return signing(h.Kind, claims.Keys), nil
}

// signing is the key of a certified node that signs a kind of bundle.
func signing(k Kind, keys coproc.Keys) coproc.PublicKey {
	if k == KindReceipt {
		return keys.Receipt
	}
	return keys.Sign
}

func (a Anchors) certificateFor(s *Sealed, known []coproc.Certificate) (coproc.Certificate, error) {
	if own := s.header.Header.Certificate; len(own) > 0 {
		if a.SAKey.IsZero() {
			return coproc.Certificate{}, fmt.Errorf("%w: the SA key is not registered here", ErrUnknownKey)
		}
		read := a.Certificate
		if read == nil {
			read = coproc.ParseCertificate
		}
		c, err := read(own, a.SAKey)
		if err != nil {
			return c, fmt.Errorf("%w: %w", ErrCertificate, err)
		}
		return c, nil
	}
	for _, c := range known {
		if KeyID(signing(s.header.Header.Kind, c.Claims().Keys).Thumbprint()) == s.header.KeyID {
			return c, nil
		}
	}
	return coproc.Certificate{}, fmt.Errorf("%w: no certificate known here is of the key that signed this %s",
		ErrUnknownKey, s.header.Header.Kind)
}
