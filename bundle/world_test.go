package bundle

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/coproctest"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// world is a ceremony of three nodes with a bundle of each kind.
type world struct {
	sa, css, csr     *node
	ceremony         coproc.CeremonyID
	now              time.Time
	cssCert, csrCert coproc.Certificate
	statement        []byte
	bundles          map[Kind]*Sealed
	shareContext     coproc.Digest // what the share was sealed under
}

// node is a test signer and its keys.
type node struct {
	id    coproc.NodeID
	key   crypto.Signer
	audit coproc.PublicKey
	box   *age.X25519Identity
	share *age.HybridIdentity

	receipt crypto.Signer // of a target
	intake  *age.X25519Identity
	shares  coproc.ShareKeys
}

func (n *node) Public() coproc.PublicKey {
	k, err := cosesig.NewPublicKey(n.key.Public())
	if err != nil {
		panic(err)
	}
	return k
}

func (n *node) SignBundle(protected, payload []byte) ([]byte, error) {
	return cosesig.SignDetached(cosesig.DomainBundle, protected, payload, n.key)
}

func (n *node) keys(role coproc.NodeRole) coproc.Keys {
	k := coproc.Keys{
		Sign: n.Public(), Box: n.box.Recipient().String(), Audit: n.audit, Intake: n.intake.Recipient().String(),
		Officers: coproc.DigestOf([]byte("the officers")),
	}
	if role == coproc.CSR {
		k.ShareBox = n.share.Recipient().String()
		k.Receipt, k.Shares = n.receipts().Public(), n.shares
	}
	return k
}

// receipts is the node with the key that signs its receipts.
func (n *node) receipts() *node {
	r := *n
	r.key = n.receipt
	return &r
}

type keyMaker func() (crypto.Signer, error)

func newEd25519() (crypto.Signer, error) {
	_, k, err := ed25519.GenerateKey(rand.Reader)
	return k, err
}

func newECDSA(c elliptic.Curve) keyMaker {
	return func() (crypto.Signer, error) { return ecdsa.GenerateKey(c, rand.Reader) }
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func newNode(name string, makeKey keyMaker) *node {
	return &node{
		id: coproc.NodeID{
			Name:   name,
			Serial: must(coproc.NewSerial("SOFT0001")),
			EID:    must(coproc.NewEID("EID-" + name)),
		},
		key:   must(makeKey()),
		audit: must(cosesig.NewPublicKey(must(makeKey()).Public())),
		box:   must(age.GenerateX25519Identity()),
		share: must(age.GenerateHybridIdentity()),

		receipt: must(makeKey()),
		intake:  must(age.GenerateX25519Identity()),
		shares:  coproctest.ShareKeys(testShares),
	}
}

// testPlan is about as long, and as hard to compress, as a plan for nine nodes.
var testPlan = func() []byte {
	var plan bytes.Buffer
	for i := range 9 {
		d := coproc.DigestOf([]byte{byte(i)})
		fmt.Fprintf(&plan, "[[node]]\nname = \"csr%d\"\nserial = \"%X\"\neid = \"%X\"\nofficer = \"%s\"\n\n",
			i+1, d[:4], d[4:12], base64.StdEncoding.EncodeToString(d[12:24]))
	}
	return plan.Bytes()
}()

const testShares = 5

// shareSize is what the clone-info of a 24-byte master key takes, in bytes.
const shareSize = 340 + coproc.SealedShare

func newWorld(tb testing.TB, makeKey keyMaker) *world {
	tb.Helper()
	w := &world{
		sa: newNode("sa", makeKey), css: newNode("css", makeKey), csr: newNode("csr1", makeKey),
		now: time.Unix(1_770_000_000, 0), bundles: map[Kind]*Sealed{},
	}
	must(rand.Read(w.ceremony[:]))
	w.seal(KindSAKey)
	w.seal(KindCSSKey)
	w.cssCert = w.certify(w.css, coproc.CSS, nil)
	w.seal(KindCSSCert)
	w.seal(KindCSRKey)
	w.csrCert = w.certify(w.csr, coproc.CSR, nil)
	w.seal(KindCSRCert)
	w.statement = w.state()
	w.seal(KindStatement)
	w.seal(KindShare)
	w.seal(KindReceipt)
	w.seal(KindCancel)
	w.seal(KindRevoke)
	w.seal(KindJournal)
	return w
}

func (w *world) seal(k Kind) { w.bundles[k] = must(w.sealAs(w.header(k), w.body(k))) }

// sealAs seals a bundle with the signer and recipients of its kind.
func (w *world) sealAs(h Header, body Body) (*Sealed, error) {
	if h.Kind == KindShare {
		return SealWith(h, func(context coproc.Digest) ([]byte, error) {
			w.shareContext = context
			return encrypt(bytes.Repeat([]byte{7}, shareSize), []age.Recipient{w.csr.share.Recipient()})
		}, w.signer(h.Kind))
	}
	return Seal(h, body, w.recipients(h.Kind), w.signer(h.Kind))
}

func (w *world) signer(k Kind) *node {
	switch k {
	case KindCSSKey, KindStatement, KindShare, KindCancel:
		return w.css
	case KindCSRKey, KindJournal:
		return w.csr
	case KindReceipt:
		return w.csr.receipts()
	}
	return w.sa
}

func (w *world) recipients(k Kind) []age.Recipient {
	switch k {
	case KindSAKey, KindRevoke, KindJournal:
		return []age.Recipient{must(HashRecipient(w.sa.Public().Thumbprint()))}
	case KindCSSKey, KindCSRKey:
		return []age.Recipient{w.sa.box.Recipient()}
	case KindCSSCert:
		return []age.Recipient{w.css.box.Recipient()}
	case KindCSRCert:
		return []age.Recipient{w.css.box.Recipient(), w.csr.box.Recipient()}
	case KindReceipt:
		return []age.Recipient{w.css.intake.Recipient(), w.sa.intake.Recipient()}
	case KindCancel:
		return []age.Recipient{w.csr.intake.Recipient(), w.sa.intake.Recipient()}
	}
	return []age.Recipient{w.csr.box.Recipient()}
}

// identity opens a kind.
func (w *world) identity(k Kind) age.Identity {
	switch k {
	case KindSAKey, KindRevoke, KindJournal:
		return must(HashIdentity(w.sa.Public().Thumbprint()))
	case KindCSSKey, KindCSRKey:
		return w.sa.box
	case KindReceipt:
		return w.sa.intake
	case KindCancel:
		return w.csr.intake
	case KindCSSCert:
		return w.css.box
	}
	return w.csr.box
}

func (w *world) header(k Kind) Header {
	h := Header{
		Ceremony: w.ceremony, Kind: k, Phase: k.Phase(), From: w.signer(k).id,
		Sequence: 2, Time: w.now.Unix(),
	}
	answers := func(k Kind) { h.Answers = w.bundles[k].Digest() }
	switch k {
	case KindCSSKey, KindCSRKey:
		h.To, h.Key = []string{"sa"}, w.signer(k).Public().Bytes()
		answers(KindSAKey)
	case KindCSSCert:
		h.To = []string{"css"}
		answers(KindCSSKey)
	case KindCSRCert:
		h.To, h.About = []string{"csr1", "css"}, "csr1"
		answers(KindCSRKey)
	case KindStatement:
		h.To, h.Certificate = []string{"csr1"}, w.cssCert.Bytes()
		answers(KindCSRCert)
	case KindShare:
		h.To, h.Share = []string{"csr1"}, &ShareRef{Set: coproc.ShareSetID{1}, Index: 2}
		answers(KindCSRCert)
	case KindReceipt:
		h.To = []string{"css", "sa"}
		answers(KindStatement)
	case KindCancel:
		h.To, h.About, h.Certificate = []string{"csr1", "sa"}, "csr1", w.cssCert.Bytes()
		answers(KindCSRCert)
	case KindRevoke:
		h.About = "csr1"
	case KindJournal:
		h.Key = w.signer(k).Public().Bytes()
	}
	return h
}

func (w *world) body(k Kind) Body {
	switch k {
	case KindSAKey:
		return SAKeyBody{Keys: w.sa.keys(coproc.SA), Plan: testPlan}
	case KindCSSKey:
		return RequestBody{Node: w.css.id, Role: coproc.CSS, Keys: w.css.keys(coproc.CSS), Nonce: [16]byte{1}}
	case KindCSRKey:
		return RequestBody{Node: w.csr.id, Role: coproc.CSR, Keys: w.csr.keys(coproc.CSR), Nonce: [16]byte{2}}
	case KindCSSCert:
		return CertificateBody{Certificate: w.cssCert.Bytes()}
	case KindCSRCert:
		return CertificateBody{Certificate: w.csrCert.Bytes()}
	case KindStatement:
		return StatementBody{Statement: w.statement}
	case KindReceipt:
		full := coproc.Register{State: coproc.Full, Pattern: coproc.Pattern{9}}
		return ReceiptBody{
			Statement: coproc.DigestOf(w.statement), ShareSet: coproc.ShareSetID{1}, Class: coproc.SymMK,
			Pattern: full.Pattern, Current: full, Installed: []uint8{1, 2, 4}, By: "SETTER",
		}
	case KindCancel:
		return CancelBody{
			ShareSet: coproc.ShareSetID{1}, Certificate: w.csrCert.Digest(), Out: []uint8{1, 2},
			Reason: "the coprocessor was replaced", By: "SETTER",
		}
	case KindRevoke:
		return RevokeBody{Node: w.csr.id, Generation: 1, Reason: "the coprocessor was stolen", By: "CERTIFIER"}
	case KindJournal:
		part := bytes.Repeat([]byte{0x82, 0x40, 0x40}, 100)
		return JournalBody{Plan: testPlan, Total: uint64(len(part)), Whole: coproc.DigestOf(part), Part: part}
	}
	return nil
}

// certify makes a certificate; change may spoil its claims.
func (w *world) certify(n *node, role coproc.NodeRole, change func(*coproc.Claims)) coproc.Certificate {
	c := coproc.Claims{
		Ceremony: w.ceremony, Node: n.id, Role: role, Generation: 1, Keys: n.keys(role),
		NotBefore: w.now.Unix() - 3600, NotAfter: w.now.Unix() + 30*86400,
	}
	if change != nil {
		change(&c)
	}
	raw := w.sign(cosesig.DomainCertificate, w.sa, c)
	return must(coproc.ParseCertificate(raw, w.sa.Public()))
}

func (w *world) state() []byte {
	s := coproc.Statement{
		Ceremony: w.ceremony, ShareSet: coproc.ShareSetID{1}, Class: coproc.SymMK, M: 3, N: testShares,
		Pattern: coproc.Pattern{9}, Source: w.css.id, Target: w.csr.id, Certificate: w.csrCert.Digest(),
	}
	for i := range testShares {
		s.Shares = append(s.Shares, coproc.DigestOf([]byte{byte(i)}))
	}
	return w.sign(cosesig.DomainStatement, w.css, s)
}

func (w *world) sign(d cosesig.Domain, n *node, v any) []byte {
	m := must(cosesig.Sign(d, must(coproc.ProtectedFor(n.Public())), must(detcbor.Marshal(v)), n.key))
	return must(m.Bytes())
}

// anchors is the trust of a node that knows everything.
func (w *world) anchors() Anchors {
	hash := w.sa.Public().Thumbprint()
	return Anchors{
		Ceremony: w.ceremony, SAHash: &hash, SAKey: w.sa.Public(), Now: w.now,
		Sources: []coproc.Certificate{w.cssCert}, Targets: []coproc.Certificate{w.csrCert},
	}
}

// forge signs any protected header and payload as n would.
func forge(n *node, protected, payload []byte) []byte {
	sig := must(n.SignBundle(protected, payload))
	return must(cosesig.Message{Protected: protected, Payload: payload, Signature: cosesig.LowS(must(n.Public().Algorithm()), sig)}.Bytes())
}
