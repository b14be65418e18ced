package cosesig

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"math/big"
	"testing"
)

// other is the second form of an ECDSA signature, which everyone can make.
func other(curve elliptic.Curve, sig []byte) []byte {
	half := len(sig) / 2
	s := new(big.Int).SetBytes(sig[half:])
	s.Sub(curve.Params().N, s)
	return append(bytes.Clone(sig[:half]), s.FillBytes(make([]byte, half))...)
}

// TestLowS: in every domain, so that a certificate, a statement, a share and a
// seal of a journal have one form each, as a bundle has.
func TestLowS(t *testing.T) {
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		pub := public(t, key)
		alg, err := pub.Algorithm()
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []Domain{DomainBundle, DomainCertificate, DomainStatement, DomainCloneInfo, DomainJournal} {
			for range 16 { // half of what a signer makes has the larger s
				m, err := Sign(d, protectedOf(t, pub), []byte("payload"), key)
				if err != nil {
					t.Fatal(err)
				}
				if err := CheckForm(alg, m.Signature); err != nil {
					t.Errorf("%s, %s: made %v", curve.Params().Name, d, err)
				}
				m.Signature = other(curve, m.Signature)
				if err := m.Verify(d, pub); !errors.Is(err, ErrSignature) {
					t.Errorf("%s, %s: the other form: %v", curve.Params().Name, d, err)
				}
				if low := LowS(alg, m.Signature); bytes.Equal(low, m.Signature) {
					t.Errorf("%s, %s: the other form stays", curve.Params().Name, d)
				}
			}
		}
	}
}
