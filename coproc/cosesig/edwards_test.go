package cosesig

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"filippo.io/edwards25519"
)

// badPoints are 32 bytes that crypto/ed25519 takes for keys, and nobody has the
// private key of. Those of small order and their second encodings are listed in
// "Taming the many EdDSAs" (eprint.iacr.org/2020/1244), table 1.
var badPoints = map[string]string{
	"the identity":                 "0100000000000000000000000000000000000000000000000000000000000000",
	"order 2":                      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"order 4":                      "0000000000000000000000000000000000000000000000000000000000000000",
	"order 4, negative":            "0000000000000000000000000000000000000000000000000000000000000080",
	"order 8":                      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"order 8, negative":            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"order 8, another":             "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"the identity, with a sign":    "0100000000000000000000000000000000000000000000000000000000000080",
	"the identity, y = p+1":        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"the identity, y = p+1, sign":  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"order 4, y = p":               "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"order 2, with a sign":         "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"y off the curve":              "0200000000000000000000000000000000000000000000000000000000000000",
	"all ff":                       strings.Repeat("ff", 32),
	"y = p+3, another form of 3":   "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"y = p+14, another form of 14": "fbffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}

// mixedOrder is a good key with a point of order 8 added: it has a private key,
// and its owner could sign so that some verifiers accept and some do not.
func mixedOrder(t *testing.T) []byte {
	t.Helper()
	b, err := hex.DecodeString(badPoints["order 8"])
	if err != nil {
		t.Fatal(err)
	}
	small, err := new(edwards25519.Point).SetBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	return new(edwards25519.Point).Add(small, edwards25519.NewGeneratorPoint()).Bytes()
}

func TestBadEdwardsKeys(t *testing.T) {
	bad := map[string][]byte{"mixed order": mixedOrder(t)}
	for name, s := range badPoints {
		b, err := hex.DecodeString(s)
		if err != nil || len(b) != ed25519.PublicKeySize {
			t.Fatalf("%s: %v", name, err)
		}
		bad[name] = b
	}
	for name, point := range bad {
		encoded := append(unhex(t, "a301012006215820"), point...)
		if k, err := ParsePublicKey(encoded); !errors.Is(err, ErrKey) || !k.IsZero() {
			t.Errorf("%s: parsed: %v", name, err)
		}
		var k PublicKey
		if err := k.UnmarshalBinary(encoded); !errors.Is(err, ErrKey) || !k.IsZero() {
			t.Errorf("%s: decoded: %v", name, err)
		}
		if _, err := NewPublicKey(ed25519.PublicKey(point)); !errors.Is(err, ErrKey) {
			t.Errorf("%s: made: %v", name, err)
		}
	}
	// The forged signature that one such key makes good for everything.
	identity, all := bad["the identity"], 0
	sig := append(bytes.Clone(identity), make([]byte, 32)...)
	for i := range 64 {
		if ed25519.Verify(identity, []byte{byte(i)}, sig) {
			all++
		}
	}
	if all != 64 {
		t.Logf("crypto/ed25519 takes the identity's signature for %d of 64 messages: it has become careful", all)
	}
	if _, err := ParsePublicKey(bytes.Repeat([]byte{0xa3}, 1<<20)); !errors.Is(err, ErrKey) {
		t.Errorf("a key of 1 MiB: %v", err)
	}
	for range 100 { // no good key is refused
		pub, _, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := NewPublicKey(pub); err != nil {
			t.Errorf("%x: %v", pub, err)
		}
	}
}
