package engine

import (
	"context"
	"fmt"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// GenerateKey makes the keys of a node: one to sign, one to open bundles and,
// for a CSR node, one to open shares.
func (s *session) GenerateKey(name string, role coproc.NodeRole) (keys coproc.Keys, err error) {
	err = s.change(permission(coproc.PermGenerateKey), func(st *state) error {
		switch {
		case !validNode(name):
			return fmt.Errorf("generate key: node name %q is not 1 to %d of a-z, 0-9, hyphen", name, maxNodeName)
		case role != coproc.SA && role != coproc.CSS && role != coproc.CSR:
			return fmt.Errorf("generate key: unknown node role %q", role)
		}
		if _, err := st.node(name); err == nil {
			return fmt.Errorf("%w: node %q", coproc.ErrKeyExists, name)
		}
		n, err := st.newNode(name, role)
		if err != nil {
			return err
		}
		n.Keys.Audit, n.By = st.AuditKey, s.profile
		if n.Keys.Officers, err = st.officersDigest(); err != nil {
			return err
		}
		st.Nodes = append(st.Nodes, n)
		keys = n.Keys
		return nil
	})
	if err != nil {
		return coproc.Keys{}, err
	}
	return keys, nil
}

// newNode makes the keys of a node. Where that fails, what was made is dropped
// with the act: see state.made.
func (st *state) newNode(name string, role coproc.NodeRole) (n node, err error) {
	n = node{Name: name, Role: role}
	n.Sign, n.Keys.Sign, err = st.chip.NewSigner(st.ctx)
	if err := st.made(n.Sign, err); err != nil {
		return node{}, err
	}
	n.Box, n.Keys.Box, err = st.chip.NewBox(st.ctx, false)
	if err := st.made(n.Box, err); err != nil {
		return node{}, err
	}
	if role == coproc.CSR {
		n.ShareBox, n.Keys.ShareBox, err = st.chip.NewBox(st.ctx, true)
		if err := st.made(n.ShareBox, err); err != nil {
			return node{}, err
		}
		if w, ok := st.chip.(chip.Wrapper); ok {
			n.Target, n.Keys.Wrap, err = w.NewTarget(st.ctx)
			if err := st.made(n.Target, err); err != nil {
				return node{}, err
			}
		}
	}
	n.Keys.Family = st.chip.Family()
	return n, nil
}

// sign makes a COSE_Sign1 message of v with the node's key and the protected
// header of everything but bundles.
func (n *node) sign(ctx context.Context, c chip.Chip, d cosesig.Domain, v any) ([]byte, error) {
	payload, err := detcbor.Marshal(v)
	if err != nil {
		return nil, err
	}
	protected, err := coproc.ProtectedFor(n.Keys.Sign)
	if err != nil {
		return nil, err
	}
	signer, err := c.Signer(ctx, n.Sign)
	if err != nil {
		return nil, err
	}
	m, err := cosesig.Sign(d, protected, payload, signer)
	if err != nil {
		return nil, err
	}
	return m.Bytes()
}

// SignBundle signs with the node's key.
func (s *session) SignBundle(name string, protected, payload []byte) (signature []byte, err error) {
	err = s.view(keyUser, func(st *state) error {
		n, err := st.node(name)
		if err != nil {
			return err
		}
		signer, err := st.chip.Signer(st.ctx, n.Sign)
		if err != nil {
			return err
		}
		signature, err = cosesig.SignDetached(cosesig.DomainBundle, protected, payload, signer)
		return err
	})
	return signature, err
}

// Identity returns a handle to the node's Box key.
func (s *session) Identity(name string) (age.Identity, error) {
	err := s.view(keyUser, func(st *state) error {
		_, err := st.node(name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return boxIdentity{s, name}, nil
}

// boxIdentity opens what was sealed to a node's Box key, inside the session.
// It holds no key itself.
type boxIdentity struct {
	session *session
	node    string
}

// Unwrap implements age.Identity. Once the session is closed it is ErrClosed.
func (b boxIdentity) Unwrap(stanzas []*age.Stanza) (fileKey []byte, err error) {
	err = b.session.view(anyProfile, func(st *state) error {
		n, err := st.node(b.node)
		if err != nil {
			return err
		}
		id, err := st.chip.Box(st.ctx, n.Box)
		if err != nil {
			return err
		}
		fileKey, err = id.Unwrap(stanzas)
		return err
	})
	return fileKey, err
}

// Certify signs claims with the SA key of a node. Claims for another ceremony
// than this coprocessor's, or for a rehearsal of a live one, are refused with
// coproc.ErrCertificate, as is whatever ParseCertificate would refuse. The
// state does not have the certificate, only that there was an act.
func (s *session) Certify(sa string, c coproc.Claims) (cert coproc.Certificate, err error) {
	err = s.change(permission(coproc.PermCertify), func(st *state) error {
		n, err := st.nodeOf(sa, coproc.SA)
		if err != nil {
			return err
		}
		if err := st.checkCeremony(c); err != nil {
			return err
		}
		if err := st.checkFamily(c); err != nil {
			return err
		}
		b, err := n.sign(st.ctx, st.chip, cosesig.DomainCertificate, c)
		if err != nil {
			return err
		}
		cert, err = coproc.ParseCertificate(b, n.Keys.Sign)
		return err
	})
	if err != nil {
		return coproc.Certificate{}, err
	}
	return cert, nil
}

// checkFamily refuses claims of keys of another kind of chip than this one, and
// of a target that this one wraps nothing for.
func (st *state) checkFamily(c coproc.Claims) error {
	if own := st.chip.Family(); c.Keys.Family != own {
		return fmt.Errorf("%w: %w: it is for %s, this one is %s", coproc.ErrCertificate, coproc.ErrFamily, c.Keys.Family, own)
	}
	if w, ok := st.chip.(chip.Wrapper); ok && c.Role == coproc.CSR {
		return w.CheckTarget(c)
	}
	return nil
}

// checkCeremony refuses claims that are not of this coprocessor's ceremony.
func (st *state) checkCeremony(c coproc.Claims) error {
	switch {
	case c.Ceremony != st.Ceremony:
		return fmt.Errorf("%w: it is for ceremony %s, this coprocessor is set up for %s", coproc.ErrCertificate, c.Ceremony, st.Ceremony)
	case c.Rehearsal && !st.Rehearsal:
		return fmt.Errorf("%w: it is for a rehearsal, this coprocessor is live", coproc.ErrCertificate)
	case !c.Rehearsal && st.Rehearsal:
		return fmt.Errorf("%w: it is live, this coprocessor is for a rehearsal", coproc.ErrCertificate)
	}
	return nil
}
