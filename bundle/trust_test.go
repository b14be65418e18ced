package bundle

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/tally"
)

// TestTrust takes a node's trust away, piece by piece, and spoils what is
// trusted.
func TestTrust(t *testing.T) {
	w := newWorld(t, newEd25519)
	other := newWorld(t, newEd25519)
	otherHash := other.sa.Public().Thumbprint()
	statementWith := func(role coproc.NodeRole, change func(*coproc.Claims)) *Sealed {
		h := w.header(KindStatement)
		h.Certificate = w.certify(w.css, role, change).Bytes()
		return must(w.sealAs(h, w.body(KindStatement)))
	}
	receiptWith := func(certificate []byte) *Sealed {
		h := w.header(KindReceipt)
		h.Certificate = certificate
		return must(w.sealAs(h, w.body(KindReceipt)))
	}
	rehearsal := func(c *coproc.Claims) { c.Rehearsal = true }
	for _, c := range []struct {
		name   string
		bundle *Sealed
		change func(*Anchors)
		want   error
		says   string
	}{
		{"another ceremony", w.bundles[KindCSSKey], func(a *Anchors) { a.Ceremony[0] ^= 1 }, ErrCeremony, "it is of ceremony"},
		{"any ceremony", w.bundles[KindCSSKey], func(a *Anchors) { a.Ceremony = coproc.CeremonyID{} }, nil, ""},

		{"hash not registered", w.bundles[KindSAKey], func(a *Anchors) { a.SAHash = nil }, ErrUnknownKey, "the SA-key hash is not registered"},
		{"another hash", w.bundles[KindSAKey], func(a *Anchors) { a.SAHash = &otherHash }, ErrUnknownKey, "it brings another SA key"},
		{"SA key not needed for sa-key", w.bundles[KindSAKey], func(a *Anchors) { a.SAKey = coproc.PublicKey{} }, nil, ""},
		{"nothing needed for css-key", w.bundles[KindCSSKey], func(a *Anchors) { *a = Anchors{} }, nil, ""},
		{"nothing needed for csr-key", w.bundles[KindCSRKey], func(a *Anchors) { *a = Anchors{} }, nil, ""},

		{"SA key not registered", w.bundles[KindCSSCert], func(a *Anchors) { a.SAKey = coproc.PublicKey{} }, ErrUnknownKey, "the SA key is not registered here"},
		{"another SA key", w.bundles[KindCSRCert], func(a *Anchors) { a.SAKey = other.sa.Public() }, ErrUnknownKey, "another SA key than the registered one"},

		{"no SA key for a certificate", w.bundles[KindStatement], func(a *Anchors) { a.SAKey = coproc.PublicKey{} }, ErrUnknownKey, "the SA key is not registered here"},
		{"certificate of another SA", w.bundles[KindStatement], func(a *Anchors) { a.SAKey = other.sa.Public() }, coproc.ErrCertificate, "signature does not verify"},
		{"expired", w.bundles[KindStatement], func(a *Anchors) { a.Now = a.Now.AddDate(1, 0, 0) }, coproc.ErrExpired, "valid from"},
		{"clock not set", w.bundles[KindStatement], func(a *Anchors) { a.Now = time.Time{} }, coproc.ErrExpired, "valid from"},
		{"statement of a target", statementWith(coproc.CSR, nil), nil, ErrCertificate, `it is of a CSR node, "statement" is signed by a CSS node`},
		{"statement of another node", statementWith(coproc.CSS, func(c *coproc.Claims) { c.Node.Name = "css2" }), nil, ErrCertificate, `it is of node "css2", the bundle is from "css"`},
		{"statement of another coprocessor", statementWith(coproc.CSS, func(c *coproc.Claims) { c.Node.Serial[7] = '9' }), nil, ErrCertificate, "or their coprocessors differ"},
		{"certificate of another ceremony", statementWith(coproc.CSS, func(c *coproc.Claims) { c.Ceremony[0] ^= 1 }), nil, ErrCertificate, "it is of ceremony"},
		{"certificate of a rehearsal", statementWith(coproc.CSS, rehearsal), nil, ErrCertificate, "one is for a rehearsal"},
		{"certificate of another key", statementWith(coproc.CSS, func(c *coproc.Claims) { c.Keys.Sign = other.css.Public() }), nil, ErrUnknownKey, "key id"},

		{"no source known", w.bundles[KindShare], func(a *Anchors) { a.Sources = nil }, ErrUnknownKey, "no certificate known here"},
		{"another source", w.bundles[KindShare], func(a *Anchors) { a.Sources = []coproc.Certificate{other.cssCert} }, ErrUnknownKey, "no certificate known here"},
		{"source expired", w.bundles[KindShare], func(a *Anchors) { a.Now = a.Now.AddDate(1, 0, 0) }, coproc.ErrExpired, "valid from"},
		{"target as source", w.bundles[KindShare], func(a *Anchors) {
			a.Sources = []coproc.Certificate{w.certify(w.css, coproc.CSR, nil)}
		}, ErrCertificate, `it is of a CSR node, "share" is signed by a CSS node`},
		{"source is another node", w.bundles[KindShare], func(a *Anchors) {
			a.Sources = []coproc.Certificate{w.certify(w.css, coproc.CSS, func(c *coproc.Claims) { c.Node.Name = "css2" })}
		}, ErrCertificate, `it is of node "css2"`},

		{"receipt without certificate", w.bundles[KindReceipt], func(a *Anchors) { a.Targets = nil }, ErrUnknownKey, "no certificate known here"},
		{"receipt with certificate", receiptWith(w.csrCert.Bytes()), func(a *Anchors) { a.Targets = nil }, nil, ""},
		{"receipt with a broken certificate", receiptWith([]byte("certificate")), nil, ErrCertificate, "not a COSE_Sign1"},
		{"receipt of a source", receiptWith(w.certify(w.csr, coproc.CSS, nil).Bytes()), nil, ErrCertificate, `it is of a CSS node, "receipt" is signed by a CSR node`},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := w.anchors()
			if c.change != nil {
				c.change(&a)
			}
			_, err := c.bundle.Verify(a)
			if !errors.Is(err, c.want) || (err != nil && !strings.Contains(err.Error(), c.says)) {
				t.Errorf("%v, want %v: %q", err, c.want, c.says)
			}
		})
	}
}

// TestWrongKeyID signs with the right key under another key's id, and the
// other way round.
func TestWrongKeyID(t *testing.T) {
	w := newWorld(t, newEd25519)
	for _, k := range Kinds {
		good := w.bundles[k]
		p := good.header
		p.KeyID[0] ^= 1
		s := must(Parse(forge(w.signer(k), must(encodeProtected(p)), good.message.Payload)))
		if _, err := s.Verify(w.anchors()); !errors.Is(err, ErrUnknownKey) {
			t.Errorf("%s: another key id: %v", k, err)
		}
		if _, err := s.Verify(trusting{w.signer(k).Public()}); !errors.Is(err, ErrUnknownKey) {
			t.Errorf("%s: another key id, key already decided: %v", k, err)
		}
		thief := newNode("thief", newEd25519)
		s = must(Parse(forge(thief, good.message.Protected, good.message.Payload)))
		if _, err := s.Verify(w.anchors()); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: signed by another: %v", k, err)
		}
		if _, err := s.Verify(trusting{}); !errors.Is(err, ErrUnknownKey) || !strings.Contains(err.Error(), "there is no key") {
			t.Errorf("%s: trust without a key: %v", k, err)
		}
	}
}

// TestWrongAlgorithm names an algorithm that the key is not for.
func TestWrongAlgorithm(t *testing.T) {
	w := newWorld(t, newEd25519)
	p := w.bundles[KindCSSCert].header
	p.Alg = -7
	m := w.bundles[KindCSSCert].message
	m.Protected = must(encodeProtected(p))
	m.Signature = make([]byte, 64)
	s, err := Parse(must(m.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Verify(w.anchors()); !errors.Is(err, ErrSignature) || !strings.Contains(err.Error(), "algorithm -7") {
		t.Error(err)
	}
}

// TestForeignSAKeyInside seals another SA key with the words of the registered
// hash, as someone can who saw the card but has no SA key.
func TestForeignSAKeyInside(t *testing.T) {
	w := newWorld(t, newEd25519)
	thief := newNode("sa", newEd25519)
	good := w.bundles[KindSAKey]
	body := w.body(KindSAKey).(SAKeyBody)
	body.Keys.Sign = thief.Public()
	plaintext := must(encodeInside(good.message.Protected, body))
	payload := must(encrypt(plaintext, w.recipients(KindSAKey)))
	s := must(Parse(forge(thief, good.message.Protected, payload)))
	early := w.anchors() // of a node that has registered the hash, and not the key
	early.SAKey = coproc.PublicKey{}
	if _, err := s.Verify(early); !errors.Is(err, ErrUnknownKey) || !strings.Contains(err.Error(), "does not have the registered hash") {
		t.Error(err)
	}
	// Where the key is known nothing is opened that it did not sign.
	opened := tally.Decrypted.Load()
	if _, err := s.Verify(w.anchors()); !errors.Is(err, ErrSignature) || tally.Decrypted.Load() != opened {
		t.Errorf("%v, and %d files were opened", err, tally.Decrypted.Load()-opened)
	}
	// The true key inside, without its signature.
	payload = must(encrypt(must(encodeInside(good.message.Protected, w.body(KindSAKey))), w.recipients(KindSAKey)))
	s = must(Parse(forge(thief, good.message.Protected, payload)))
	if _, err := s.Verify(early); !errors.Is(err, ErrSignature) {
		t.Error(err)
	}
}
