package coproc

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// key is a signing key of a test, always the same for the same number.
func key(t *testing.T, number byte) (ed25519.PrivateKey, PublicKey) {
	t.Helper()
	k := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{number}, ed25519.SeedSize))
	pub, err := cosesig.NewPublicKey(k.Public())
	if err != nil {
		t.Fatal(err)
	}
	return k, pub
}

func sign(t *testing.T, d cosesig.Domain, v any, number byte) []byte {
	t.Helper()
	k, pub := key(t, number)
	protected, err := ProtectedFor(pub)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := detcbor.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	m, err := cosesig.Sign(d, protected, payload, k)
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// goodClaims are of a CSS node with signing key 2.
func goodClaims(t *testing.T) Claims {
	t.Helper()
	_, css := key(t, 2)
	_, audit := key(t, 3)
	return Claims{
		Ceremony: CeremonyID{1}, Role: CSS, Generation: 1,
		Node: NodeID{Name: "css", Serial: Serial{'S'}, EID: EID{'E'}},
		Keys: Keys{Sign: css, Box: goodBox, Audit: audit, Intake: goodBox, Officers: Digest{3}}, Answers: Digest{4},
		NotBefore: noon.Unix(), NotAfter: noon.AddDate(0, 0, 7).Unix(),
	}
}

// asTarget makes claims those of a target, with three shares.
func asTarget(t *testing.T, c *Claims) {
	t.Helper()
	_, receipt := key(t, 4)
	c.Role, c.Keys.ShareBox, c.Keys.Receipt, c.Keys.Shares = CSR, newHybrid(t), receipt, goodShares(t)
}

func TestCertificate(t *testing.T) {
	_, sa := key(t, 1)
	want := goodClaims(t)
	b := sign(t, cosesig.DomainCertificate, want, 1)
	c, err := ParseCertificate(b, sa)
	if err != nil {
		t.Fatal(err)
	}
	if c.Claims() != want || !bytes.Equal(c.Bytes(), b) || c.Digest() != DigestOf(b) || c.IsZero() {
		t.Errorf("certificate %+v", c.Claims())
	}
	if u, err := UnverifiedClaims(b); err != nil || u != want {
		t.Errorf("unverified claims %+v, error %v", u, err)
	}
	if !(Certificate{}).IsZero() {
		t.Error("the zero certificate is not zero")
	}
}

// TestCertificateChanged refuses every truncation and every changed bit.
func TestCertificateChanged(t *testing.T) {
	_, sa := key(t, 1)
	good := sign(t, cosesig.DomainCertificate, goodClaims(t), 1)
	refuse := func(what string, at int, b []byte) {
		t.Helper()
		if c, err := ParseCertificate(b, sa); !errors.Is(err, ErrCertificate) || !c.IsZero() {
			t.Errorf("%s %d: error is %v, want %v", what, at, err, ErrCertificate)
		}
	}
	for n := range good {
		refuse("cut to", n, good[:n])
	}
	for i := range 8 * len(good) {
		b := bytes.Clone(good)
		b[i/8] ^= 1 << (i % 8)
		refuse("bit", i, b)
	}
	refuse("with a byte more than", len(good), append(good, 0))
}

func TestCertificateRefused(t *testing.T) {
	_, sa := key(t, 1)
	for name, change := range map[string]func(*Claims){
		"role SA":             func(c *Claims) { c.Role = SA },
		"no role":             func(c *Claims) { c.Role = "" },
		"generation 0":        func(c *Claims) { c.Generation = 0 },
		"no validity":         func(c *Claims) { c.NotAfter = c.NotBefore },
		"share box of CSS":    func(c *Claims) { c.Keys.ShareBox = newHybrid(t) },
		"share keys of CSS":   func(c *Claims) { c.Keys.Shares = goodShares(t) },
		"receipt key of CSS":  func(c *Claims) { c.Keys.Receipt = c.Keys.Audit },
		"no intake key":       func(c *Claims) { c.Keys.Intake = "" },
		"CSR, of a CSS":       func(c *Claims) { c.Role = CSR },
		"CSR, no share box":   func(c *Claims) { asTarget(t, c); c.Keys.ShareBox = "" },
		"CSR, no share keys":  func(c *Claims) { asTarget(t, c); c.Keys.Shares = "" },
		"CSR, no receipt key": func(c *Claims) { asTarget(t, c); c.Keys.Receipt = PublicKey{} },
	} {
		claims := goodClaims(t)
		change(&claims)
		if _, err := ParseCertificate(sign(t, cosesig.DomainCertificate, claims, 1), sa); !errors.Is(err, ErrCertificate) {
			t.Errorf("%s: error is %v, want %v", name, err, ErrCertificate)
		}
	}
	for name, b := range map[string][]byte{
		"another SA":      sign(t, cosesig.DomainCertificate, goodClaims(t), 9),
		"another purpose": sign(t, cosesig.DomainStatement, goodClaims(t), 1),
		"other content":   sign(t, cosesig.DomainCertificate, Statement{}, 1),
	} {
		if _, err := ParseCertificate(b, sa); !errors.Is(err, ErrCertificate) {
			t.Errorf("%s: error is %v, want %v", name, err, ErrCertificate)
		}
	}
	if _, err := ParseCertificate(sign(t, cosesig.DomainCertificate, goodClaims(t), 1), PublicKey{}); !errors.Is(err, ErrCertificate) {
		t.Errorf("no SA key: error is %v, want %v", err, ErrCertificate)
	}
	// A protected header with more than the algorithm.
	k, _ := key(t, 1)
	payload, err := detcbor.Marshal(goodClaims(t))
	if err != nil {
		t.Fatal(err)
	}
	m, err := cosesig.Sign(cosesig.DomainCertificate, []byte{0xa2, 0x01, 0x27, 0x04, 0x41, 0x01}, payload, k)
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseCertificate(b, sa); err == nil || !strings.Contains(err.Error(), "not the algorithm of the key alone") {
		t.Errorf("key id in the header: error is %v", err)
	}
}

func TestCheckTime(t *testing.T) {
	_, sa := key(t, 1)
	c, err := ParseCertificate(sign(t, cosesig.DomainCertificate, goodClaims(t), 1), sa)
	if err != nil {
		t.Fatal(err)
	}
	end := noon.AddDate(0, 0, 7)
	for _, test := range []struct {
		now  time.Time
		good bool
	}{
		{noon.Add(-ClockSkew - time.Second), false}, {noon.Add(-ClockSkew), true},
		{noon, true}, {end, true}, {end.Add(time.Second), false},
	} {
		err := c.CheckTime(test.now)
		if (err == nil) != test.good || err != nil && (!errors.Is(err, ErrExpired) || !errors.Is(err, ErrCertificate)) {
			t.Errorf("at %s: error is %v", test.now, err)
		}
	}
	const want = "certificate is not good: outside of its validity: valid from 2026-05-04 to 2026-05-11, the clock here says 2027-01-01"
	if err := c.CheckTime(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}

func TestStatement(t *testing.T) {
	_, sa := key(t, 1)
	c, err := ParseCertificate(sign(t, cosesig.DomainCertificate, goodClaims(t), 1), sa)
	if err != nil {
		t.Fatal(err)
	}
	good := Statement{
		Ceremony: CeremonyID{1}, ShareSet: ShareSetID{2}, Class: SymMK, M: 2, N: 3, Pattern: Pattern{3},
		Source: c.Claims().Node, Target: NodeID{Name: "csr1"}, Certificate: Digest{5}, Shares: make([]Digest, 3),
	}
	b := sign(t, cosesig.DomainStatement, good, 2)
	if s, err := ParseStatement(b, c); err != nil || s.ShareSet != good.ShareSet || len(s.Shares) != 3 {
		t.Errorf("statement %+v, error %v", s, err)
	}
	for n := range b {
		if _, err := ParseStatement(b[:n], c); err == nil {
			t.Errorf("accepted the first %d bytes", n)
		}
	}
	for i := range 8 * len(b) {
		changed := bytes.Clone(b)
		changed[i/8] ^= 1 << (i % 8)
		if _, err := ParseStatement(changed, c); err == nil {
			t.Errorf("accepted with bit %d changed", i)
		}
	}
	for name, change := range map[string]func(*Statement){
		"ceremony": func(s *Statement) { s.Ceremony[0]++ },
		"source":   func(s *Statement) { s.Source.EID[0]++ },
		"class":    func(s *Statement) { s.Class = "DES-MK" },
		"m is 0":   func(s *Statement) { s.M = 0 },
		"m > n":    func(s *Statement) { s.M = 4 },
		"n is 16":  func(s *Statement) { s.N, s.Shares = 16, make([]Digest, 16) },
		"digests":  func(s *Statement) { s.Shares = make([]Digest, 2) },
	} {
		s := good
		change(&s)
		if _, err := ParseStatement(sign(t, cosesig.DomainStatement, s, 2), c); err == nil {
			t.Errorf("accepted with another %s", name)
		}
	}
	if _, err := ParseStatement(sign(t, cosesig.DomainStatement, good, 1), c); !errors.Is(err, cosesig.ErrSignature) {
		t.Errorf("signed by the SA: error is %v, want %v", err, cosesig.ErrSignature)
	}
	csr := goodClaims(t)
	asTarget(t, &csr)
	target, err := ParseCertificate(sign(t, cosesig.DomainCertificate, csr, 1), sa)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseStatement(b, target); !errors.Is(err, ErrCertificate) {
		t.Errorf("with a CSR node's certificate: error is %v, want %v", err, ErrCertificate)
	}
}
