package engine

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"errors"
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
func (st *vault) newNode(name string, role coproc.NodeRole) (n node, err error) {
	n = node{Name: name, Role: role}
	if n.Sign, n.Keys.Sign, err = st.newSigner(n.signReaders()); err != nil {
		return node{}, err
	}
	if n.Box, n.Keys.Box, err = st.newBox(n.boxReaders(), false); err != nil {
		return node{}, err
	}
	if n.Intake, n.Keys.Intake, err = st.newBox(n.intakeReaders(), false); err != nil {
		return node{}, err
	}
	n.Keys.Family = st.chip.Family()
	if role == coproc.CSR {
		err = st.newTarget(&n)
	}
	return n, err
}

// newTarget makes the keys that only a CSR node has.
func (st *vault) newTarget(n *node) (err error) {
	n.ShareBox, n.Receipt = &key{}, &key{}
	if *n.ShareBox, n.Keys.ShareBox, err = st.newBox(readShareBox, true); err != nil {
		return err
	}
	if *n.Receipt, n.Keys.Receipt, err = st.newSigner(readReceipt); err != nil {
		return err
	}
	if w, ok := st.chip.(chip.Wrapper); ok {
		ref, wrap, err := w.NewTarget(st.ctx)
		if err := st.made(ref, err); err != nil {
			return err
		}
		n.Target, n.Keys.Wrap = &key{}, wrap
		if *n.Target, err = st.keepRef(readShareBox, ref); err != nil {
			return err
		}
	}
	var public []*ecdh.PublicKey
	for i := 1; i <= st.N; i++ {
		k, err := ecdh.X25519().GenerateKey(rand.Reader)
		if err != nil {
			return err
		}
		private := k.Bytes()
		sealed, err := st.keep(readShareKey, i, private)
		clear(private)
		if err != nil {
			return err
		}
		n.ShareKeys, public = append(n.ShareKeys, sealed), append(public, k.PublicKey())
	}
	n.Keys.Shares = coproc.NewShareKeys(public...)
	return nil
}

// newSigner makes a key that signs, for its readers.
func (st *vault) newSigner(r *readers) (key, coproc.PublicKey, error) {
	ref, public, err := st.chip.NewSigner(st.ctx)
	if err := st.made(ref, err); err != nil {
		return key{}, coproc.PublicKey{}, err
	}
	k, err := st.keepRef(r, ref)
	return k, public, err
}

// newBox makes a key that opens, for its readers.
func (st *vault) newBox(r *readers, shares bool) (key, string, error) {
	ref, recipient, err := st.chip.NewBox(st.ctx, shares)
	if err := st.made(ref, err); err != nil {
		return key{}, "", err
	}
	k, err := st.keepRef(r, ref)
	return k, recipient, err
}

// sign is signWith for the node's key.
func (st *vault) sign(n *node, d cosesig.Domain, v any) (message []byte, err error) {
	err = st.use(n.signReaders(), n.Sign, func(ref chip.Ref) error {
		message, err = signWith(st.ctx, st.chip, ref, n.Keys.Sign, d, v)
		return err
	})
	return message, err
}

// signWith makes a COSE_Sign1 message of v with a key of the chip and the protected
// header of everything but bundles.
func signWith(ctx context.Context, c chip.Chip, ref chip.Ref, public coproc.PublicKey, d cosesig.Domain, v any) ([]byte, error) {
	payload, err := detcbor.Marshal(v)
	if err != nil {
		return nil, err
	}
	protected, err := coproc.ProtectedFor(public)
	if err != nil {
		return nil, err
	}
	signer, err := c.Signer(ctx, ref)
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
		signature, err = st.signBundle(n.signReaders(), n.Sign, protected, payload)
		return err
	})
	return signature, err
}

// SignReceipt signs with the node's key for receipts.
func (s *session) SignReceipt(name string, protected, payload []byte) (signature []byte, err error) {
	err = s.view(permission(coproc.PermSetMasterKey), func(st *state) error {
		n, err := st.nodeOf(name, coproc.CSR)
		if err != nil {
			return err
		}
		signature, err = st.signBundle(readReceipt, *n.Receipt, protected, payload)
		return err
	})
	return signature, err
}

func (st *vault) signBundle(r *readers, k key, protected, payload []byte) (signature []byte, err error) {
	err = st.use(r, k, func(ref chip.Ref) error {
		signer, err := st.chip.Signer(st.ctx, ref)
		if err != nil {
			return err
		}
		signature, err = cosesig.SignDetached(cosesig.DomainBundle, protected, payload, signer)
		return err
	})
	return signature, err
}

// Identity returns a handle to the node's Box key and its Intake key, as far as
// the officer reads them.
func (s *session) Identity(name string) (age.Identity, error) {
	err := s.view(keyUser, func(st *state) error {
		n, err := st.node(name)
		if err != nil {
			return err
		}
		return st.eachBox(n, func(chip.Ref) error { return nil })
	})
	if err != nil {
		return nil, err
	}
	return boxIdentity{s, name}, nil
}

// eachBox calls f with the keys that open bundles to a node and that the officer
// reads. It is coproc.ErrAccess where there is none.
func (st *vault) eachBox(n *node, f func(chip.Ref) error) error {
	err := st.use(n.boxReaders(), n.Box, f)
	if err != nil && !errors.Is(err, coproc.ErrAccess) {
		return err
	}
	intake := st.use(n.intakeReaders(), n.Intake, f)
	if errors.Is(intake, coproc.ErrAccess) {
		return err
	}
	return intake
}

// boxIdentity opens what was sealed to a node's Box or Intake key, inside the
// session. It holds no key itself.
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
		return st.eachBox(n, func(ref chip.Ref) error {
			if fileKey != nil {
				return nil
			}
			id, err := st.chip.Box(st.ctx, ref)
			if err != nil {
				return err
			}
			fileKey, err = id.Unwrap(stanzas)
			if errors.Is(err, age.ErrIncorrectIdentity) {
				return nil
			}
			return err
		})
	})
	if err == nil && fileKey == nil {
		err = age.ErrIncorrectIdentity
	}
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
		b, err := st.sign(n, cosesig.DomainCertificate, c)
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
func (st *settings) checkCeremony(c coproc.Claims) error {
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
