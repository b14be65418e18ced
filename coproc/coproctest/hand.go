package coproctest

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// signer is a key in the suite's own hands, to make by hand what no
// coprocessor of ours would make.
type signer struct {
	key    crypto.Signer
	public coproc.PublicKey
}

func (f Family) newSigner(t *testing.T) signer {
	t.Helper()
	var key crypto.Signer
	if f.Signer != nil {
		key = f.Signer(t)
	} else {
		_, private, err := ed25519.GenerateKey(nil)
		ok(t, err)
		key = private
	}
	return signer{key, try(cosesig.NewPublicKey(key.Public())).must(t)}
}

// sign makes a COSE_Sign1 message with the algorithm as protected header.
func (s signer) sign(t *testing.T, d cosesig.Domain, v any) []byte {
	t.Helper()
	payload := try(detcbor.Marshal(v)).must(t)
	protected := try(coproc.ProtectedFor(s.public)).must(t)
	return try(try(cosesig.Sign(d, protected, payload, s.key)).must(t).Bytes()).must(t)
}

func (s signer) certify(t *testing.T, c coproc.Claims) []byte {
	t.Helper()
	return s.sign(t, cosesig.DomainCertificate, c)
}

// claims are good claims for a node and its keys.
func claims(id coproc.NodeID, role coproc.NodeRole, keys coproc.Keys) coproc.Claims {
	return coproc.Claims{
		Ceremony: ceremony, Node: id, Role: role, Generation: 1, Keys: keys, Rehearsal: true,
		NotBefore: now.Add(-time.Hour).Unix(), NotAfter: now.Add(time.Hour).Unix(),
	}
}

// handNode is a node that the suite plays itself.
type handNode struct {
	signer
	id       coproc.NodeID
	keys     coproc.Keys
	shareBox age.Identity
}

func (f Family) newHandNode(t *testing.T, name string, role coproc.NodeRole) handNode {
	t.Helper()
	n := handNode{signer: f.newSigner(t)}
	n.id.Name = name
	copy(n.id.Serial[:], "BYHAND--")
	copy(n.id.EID[:], "BY HAND         ")
	_, box := f.newBox(t, false)
	_, intake := f.newBox(t, false)
	n.keys = coproc.Keys{Sign: n.public, Box: box, Audit: f.newSigner(t).public, Intake: intake, Family: f.Name, Officers: coproc.Digest{1}}
	if role == coproc.CSR {
		n.shareBox, n.keys.ShareBox = f.newBox(t, true)
		n.keys.Receipt, n.keys.Shares = f.newSigner(t).public, ShareKeys(3)
		if f.Wrap != nil {
			n.keys.Wrap = f.Wrap(t)
		}
	}
	return n
}

// ShareKeys are keys for n shares, which nobody has the other halves of.
func ShareKeys(n int) coproc.ShareKeys {
	var keys []*ecdh.PublicKey
	for range n {
		k, err := ecdh.X25519().GenerateKey(rand.Reader)
		if err != nil {
			panic(err)
		}
		keys = append(keys, k.PublicKey())
	}
	return coproc.NewShareKeys(keys...)
}

func (f Family) newBox(t *testing.T, shares bool) (age.Identity, string) {
	t.Helper()
	switch {
	case f.Box != nil:
		return f.Box(t, shares)
	case shares:
		id := try(age.GenerateHybridIdentity()).must(t)
		return id, id.Recipient().String()
	}
	id := try(age.GenerateX25519Identity()).must(t)
	return id, id.Recipient().String()
}

// boxKind is how a recipient begins, "age1tagpq": what is before the key (BIP 173).
func boxKind(recipient string) string {
	return recipient[:max(0, strings.LastIndexByte(recipient, '1'))]
}

// sealTo seals to a Box, or to a ShareBox.
func (f Family) sealTo(t *testing.T, recipient string, plain []byte) []byte {
	t.Helper()
	to, err := coproc.ParseBox(f.Name, recipient)
	if err != nil {
		to = try(coproc.ParseShareBox(f.Name, recipient)).must(t)
	}
	var sealed bytes.Buffer
	w := try(age.Encrypt(&sealed, to)).must(t)
	try(w.Write(plain)).must(t)
	ok(t, w.Close())
	return sealed.Bytes()
}

func openWith(sealed []byte, id age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
