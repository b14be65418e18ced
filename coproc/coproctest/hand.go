package coproctest

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"io"
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
	shareBox *age.HybridIdentity
}

func (f Family) newHandNode(t *testing.T, name string, role coproc.NodeRole) handNode {
	t.Helper()
	n := handNode{signer: f.newSigner(t)}
	n.id.Name = name
	copy(n.id.Serial[:], "BYHAND--")
	copy(n.id.EID[:], "BY HAND         ")
	box := try(age.GenerateX25519Identity()).must(t)
	n.keys = coproc.Keys{Sign: n.public, Box: box.Recipient().String(), Audit: f.newSigner(t).public, Family: f.Name}
	if role == coproc.CSR {
		n.shareBox = try(age.GenerateHybridIdentity()).must(t)
		n.keys.ShareBox = n.shareBox.Recipient().String()
		if f.Wrap != nil {
			n.keys.Wrap = f.Wrap(t)
		}
	}
	return n
}

func sealTo(t *testing.T, recipient string, plain []byte) []byte {
	t.Helper()
	recipients := try(age.ParseRecipients(bytes.NewReader([]byte(recipient)))).must(t)
	var sealed bytes.Buffer
	w := try(age.Encrypt(&sealed, recipients...)).must(t)
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
