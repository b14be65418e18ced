package bundle

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"errors"
	"math/big"
	"os"
	"reflect"
	"testing"

	"filippo.io/age"
	"github.com/veraison/go-cose"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

func TestEveryKind(t *testing.T) {
	for name, makeKey := range map[string]keyMaker{
		"Ed25519": newEd25519, "P-256": newECDSA(elliptic.P256()), "P-384": newECDSA(elliptic.P384()),
	} {
		w := newWorld(t, makeKey)
		for _, k := range Kinds {
			t.Run(name+"/"+string(k), func(t *testing.T) {
				raw := w.bundles[k].Bytes()
				sealed, err := Parse(raw)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(sealed.Bytes(), raw) || sealed.Digest() != coproc.DigestOf(raw) {
					t.Error("Parse and Bytes are not the identity")
				}
				want := w.header(k)
				want.Level = Level
				if got := sealed.UnverifiedHeader(); !reflect.DeepEqual(got, want) {
					t.Errorf("header is\n%+v, want\n%+v", got, want)
				}
				verified, err := sealed.Verify(w.anchors())
				if err != nil {
					t.Fatal(err)
				}
				if verified.Key() != w.signer(k).Public() {
					t.Error("Key is not the signer's")
				}
				if k == KindShare {
					checkShare(t, w, verified)
					return
				}
				opened, err := verified.Open(w.identity(k))
				if err != nil {
					t.Fatal(err)
				}
				checkBodyAs(t, opened, w.body(k))
			})
		}
	}
}

// checkBodyAs asks for the body as each type: the one of the kind gives it, the
// others refuse.
func checkBodyAs(t *testing.T, b *Bundle, want Body) {
	t.Helper()
	if !reflect.DeepEqual(b.Body(), want) {
		t.Errorf("body is %+v, want %+v", b.Body(), want)
	}
	good := 0
	for _, get := range []func() (Body, error){
		as[SAKeyBody](b), as[RequestBody](b), as[CertificateBody](b), as[StatementBody](b),
		as[ReceiptBody](b), as[CancelBody](b), as[RevokeBody](b), as[JournalBody](b),
	} {
		got, err := get()
		switch {
		case err == nil && reflect.DeepEqual(got, want):
			good++
		case err == nil:
			t.Errorf("body is %+v, want %+v", got, want)
		case !errors.Is(err, ErrKind):
			t.Errorf("as another kind: %v", err)
		}
	}
	if good != 1 {
		t.Errorf("%d types gave the body, want 1", good)
	}
}

func as[T Body](b *Bundle) func() (Body, error) {
	return func() (Body, error) { return BodyAs[T](b) }
}

func checkShare(t *testing.T, w *world, v *Verified) {
	t.Helper()
	if v.Context() != w.shareContext {
		t.Error("Context is not what the share was sealed under")
	}
	if _, err := v.Open(w.csr.share); !errors.Is(err, ErrKind) {
		t.Errorf("Open of a share: %v", err)
	}
	plaintext, err := decrypt(v.Payload(), w.csr.share)
	if err != nil || len(plaintext) != shareSize {
		t.Errorf("Payload opens to %d bytes, %v", len(plaintext), err)
	}
}

// trusting is a trust that was decided before.
type trusting struct{ key coproc.PublicKey }

func (k trusting) KeyFor(*Sealed) (coproc.PublicKey, error) { return k.key, nil }

// accepted reports whether b passes Parse and Verify.
func accepted(b []byte, t Trust) bool {
	s, err := Parse(b)
	if err != nil {
		return false
	}
	_, err = s.Verify(t)
	return err == nil
}

func TestEveryTruncation(t *testing.T) {
	w := newWorld(t, newEd25519)
	for _, k := range Kinds {
		raw, trust := w.bundles[k].Bytes(), trusting{w.signer(k).Public()}
		for n := range raw {
			if accepted(raw[:n], trust) {
				t.Fatalf("%s: accepted when cut to %d of %d bytes", k, n, len(raw))
			}
		}
		if !accepted(raw, trust) {
			t.Fatalf("%s: whole, and refused", k)
		}
	}
}

// long is whether the long loops try every case, as CI does; without it each
// takes a sample. See CONTRIBUTING.md.
var long = os.Getenv("GAPFERRY_LONG") != ""

// flipStep is how far apart the changed bits of a sample are: all eight bits
// have their turn. At both ends of a bundle, where the framing is, none is left out.
const flipStep = 13

func TestEveryBitFlip(t *testing.T) {
	if !long {
		t.Log("a sample; GAPFERRY_LONG=1 tries every bit")
	}
	t.Run("Ed25519", func(t *testing.T) { t.Parallel(); flipEveryBit(t, newEd25519, Kinds) })
	small := []Kind{KindCSSCert}
	t.Run("P-256", func(t *testing.T) { t.Parallel(); flipEveryBit(t, newECDSA(elliptic.P256()), small) })
	t.Run("P-384", func(t *testing.T) { t.Parallel(); flipEveryBit(t, newECDSA(elliptic.P384()), small) })
}

func flipEveryBit(t *testing.T, makeKey keyMaker, kinds []Kind) {
	w := newWorld(t, makeKey)
	for _, k := range kinds {
		raw, trust := w.bundles[k].Bytes(), trusting{w.signer(k).Public()}
		for at := range 8 * len(raw) {
			i, bit := at/8, at%8
			if edge := i < 40 || i >= len(raw)-8; !long && !edge && at%flipStep != 0 {
				continue
			}
			raw[i] ^= 1 << bit
			if accepted(raw, trust) {
				t.Fatalf("%s: accepted with bit %d of byte %d flipped", k, bit, i)
			}
			raw[i] ^= 1 << bit
		}
		if !accepted(raw, trust) {
			t.Fatalf("%s: unchanged, and refused", k)
		}
	}
}

func TestSize(t *testing.T) {
	if _, err := Parse(make([]byte, MaxSize+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("1 MiB and a byte: %v", err)
	}
	if _, err := Parse(make([]byte, MaxSize)); !errors.Is(err, ErrFormat) {
		t.Errorf("1 MiB: %v", err)
	}
	w := newWorld(t, newEd25519)
	body := w.body(KindSAKey).(SAKeyBody)
	body.Plan = bytes.Repeat([]byte("x"), MaxPlanInside)
	if _, err := w.sealAs(w.header(KindSAKey), body); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a plan that is too long: %v", err)
	}
	body.Plan = body.Plan[:MaxPlanInside-1000]
	sealed, err := w.sealAs(w.header(KindSAKey), body)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := must(sealed.Verify(w.anchors())).Open(w.identity(KindSAKey))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := BodyAs[SAKeyBody](opened); err != nil || !bytes.Equal(got.Plan, body.Plan) {
		t.Errorf("a long plan did not come back: %v", err)
	}
}

func TestOtherDomain(t *testing.T) {
	w := newWorld(t, newEd25519)
	m := w.bundles[KindCSSCert].message
	for _, d := range []cosesig.Domain{
		cosesig.DomainCertificate, cosesig.DomainStatement, cosesig.DomainCloneInfo, cosesig.DomainJournal, "",
	} {
		m.Signature = must(cosesig.SignDetached(d, m.Protected, m.Payload, w.sa.key))
		if _, err := must(Parse(must(m.Bytes()))).Verify(w.anchors()); !errors.Is(err, ErrSignature) {
			t.Errorf("signed as %q: %v", d, err)
		}
	}
}

// TestSecondSignature changes an ECDSA signature into the other one that is
// as good, which everyone can do.
func TestSecondSignature(t *testing.T) {
	for alg, curve := range map[cose.Algorithm]elliptic.Curve{
		cose.AlgorithmES256: elliptic.P256(), cose.AlgorithmES384: elliptic.P384(),
	} {
		w := newWorld(t, newECDSA(curve))
		m := w.bundles[KindCSSCert].message
		half := len(m.Signature) / 2
		s := new(big.Int).SetBytes(m.Signature[half:])
		s.Sub(curve.Params().N, s)
		m.Signature = append(bytes.Clone(m.Signature[:half]), s.FillBytes(make([]byte, half))...)
		if !bytes.Equal(cosesig.LowS(alg, m.Signature), w.bundles[KindCSSCert].message.Signature) {
			t.Fatalf("%v: the test did not make the other signature", alg)
		}
		if _, err := Parse(must(m.Bytes())); !errors.Is(err, ErrFormat) {
			t.Errorf("%v: second signature: %v", alg, err)
		}
	}
}

func TestSealedToAnother(t *testing.T) {
	w := newWorld(t, newEd25519)
	v := must(w.bundles[KindCSRCert].Verify(w.anchors()))
	for name, ids := range map[string][]age.Identity{
		"another": {w.sa.box}, "no identity": nil, "hash words": {w.identity(KindSAKey)},
	} {
		if _, err := v.Open(ids...); !errors.Is(err, ErrNotSealedToMe) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := v.Open(w.sa.box, w.css.box); err != nil {
		t.Errorf("two identities, one of them right: %v", err)
	}
}

type brokenIdentity struct{}

func (brokenIdentity) Unwrap([]*age.Stanza) ([]byte, error) { return nil, coproc.ErrClosed }

func TestIdentityError(t *testing.T) {
	w := newWorld(t, newEd25519)
	v := must(w.bundles[KindCSSCert].Verify(w.anchors()))
	if _, err := v.Open(brokenIdentity{}); !errors.Is(err, coproc.ErrClosed) {
		t.Errorf("the identity's own error is lost: %v", err)
	}
}

// badSigner has a key and signs with another one, or not at all.
type badSigner struct {
	*node
	other crypto.Signer
	err   error
}

func (s badSigner) SignBundle(protected, payload []byte) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	return cosesig.SignDetached(cosesig.DomainBundle, protected, payload, s.other)
}

func TestSealChecksItsOutput(t *testing.T) {
	w := newWorld(t, newEd25519)
	h, body, to := w.header(KindCSSCert), w.body(KindCSSCert), w.recipients(KindCSSCert)
	if _, err := Seal(h, body, to, badSigner{node: w.sa, other: w.css.key}); !errors.Is(err, ErrSignature) {
		t.Errorf("signed with another key: %v", err)
	}
	if _, err := Seal(h, body, to, badSigner{node: w.sa, err: coproc.ErrClosed}); !errors.Is(err, coproc.ErrClosed) {
		t.Errorf("not signed: %v", err)
	}
	if _, err := Seal(h, body, nil, w.sa); err == nil {
		t.Error("sealed to nobody")
	}
	if _, err := Seal(h, body, w.recipients(KindSAKey), w.sa); !errors.Is(err, ErrFormat) {
		t.Errorf("sealed to a passphrase: %v", err)
	}
	if _, err := Seal(w.header(KindShare), nil, to, w.css); !errors.Is(err, ErrKind) {
		t.Errorf("Seal of a share: %v", err)
	}
	if _, err := SealWith(h, nil, w.sa); !errors.Is(err, ErrKind) {
		t.Errorf("SealWith of a certificate: %v", err)
	}
	h = w.header(KindCSSKey)
	h.Key = w.csr.Public().Bytes()
	if _, err := Seal(h, w.body(KindCSSKey), to, w.css); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("request with the key of another: %v", err)
	}
	classic := func(coproc.Digest) ([]byte, error) {
		return encrypt([]byte("share"), []age.Recipient{w.csr.box.Recipient()})
	}
	if _, err := SealWith(w.header(KindShare), classic, w.css); !errors.Is(err, ErrFormat) {
		t.Errorf("share that is not sealed to a post-quantum recipient: %v", err)
	}
}
