package coproc

import (
	"bytes"
	"crypto/ecdh"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc/box"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

const goodBox = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

// bech32 writes what no recipient type of age writes (BIP 173).
func bech32(hrp string, data []byte) string {
	const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	var values []byte
	acc, n := 0, 0
	for _, b := range data {
		acc, n = acc<<8|int(b), n+8
		for n >= 5 {
			n -= 5
			values = append(values, byte(acc>>n)&31)
		}
		acc &= 1<<n - 1
	}
	if n > 0 {
		values = append(values, byte(acc<<(5-n))&31)
	}
	var sum []byte
	for _, c := range []byte(hrp) {
		sum = append(sum, c>>5)
	}
	sum = append(sum, 0)
	for _, c := range []byte(hrp) {
		sum = append(sum, c&31)
	}
	sum = append(append(sum, values...), 0, 0, 0, 0, 0, 0)
	chk := uint32(1)
	for _, v := range sum {
		top := chk >> 25
		chk = chk&0x1ffffff<<5 ^ uint32(v)
		for i, g := range []uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				chk ^= g
			}
		}
	}
	chk ^= 1
	out := hrp + "1"
	for _, v := range values {
		out += string(alphabet[v])
	}
	for i := range 6 {
		out += string(alphabet[chk>>(5*(5-i))&31])
	}
	return out
}

func boxOf(t *testing.T, u string) string {
	t.Helper()
	b, err := hex.DecodeString(u)
	if err != nil || len(b) != 32 {
		t.Fatalf("%q: %v", u, err)
	}
	return bech32("age", b)
}

// noPoints are values of u that give the shared secret zero, or are a second
// form of another one (RFC 7748 §5 and §6.1; the list of small order is at
// cr.yp.to/ecdh.html).
var noPoints = map[string]string{
	"0":                "0000000000000000000000000000000000000000000000000000000000000000",
	"1":                "0100000000000000000000000000000000000000000000000000000000000000",
	"order 8":          "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"order 8, another": "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	"p-1":              "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"p, which is 0":    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"p+1, which is 1":  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"p+9, which is 9":  "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"9 and bit 255":    "0900000000000000000000000000000000000000000000000000000000000080",
	"all ff":           strings.Repeat("ff", 32),
}

func TestBox(t *testing.T) {
	if _, err := ParseBox(Software, goodBox); err != nil {
		t.Fatal(err)
	}
	if r, err := age.ParseX25519Recipient(boxOf(t, "0900000000000000000000000000000000000000000000000000000000000000")); err != nil {
		t.Fatalf("the encoder of this test: %v", err)
	} else if _, err := ParseBox(Software, r.String()); err != nil {
		t.Errorf("the base point: %v", err)
	}
	bad := map[string]string{
		"nothing": "", "nonsense": "age1nonsense", "upper case": strings.ToUpper(goodBox), "blank": goodBox + " ",
		"comment": "# " + goodBox, "two": goodBox + "\n" + goodBox, "wrong checksum": goodBox[:len(goodBox)-1] + "q",
		"hybrid": newHybrid(t), "P-256": goodTag, "passphrase": "abandon abandon",
		"long": "age1" + strings.Repeat("q", 1<<20), "31 bytes": bech32("age", make([]byte, 31)),
	}
	for name, u := range noPoints {
		bad[name] = boxOf(t, u)
	}
	for name, s := range bad {
		_, err := ParseBox(Software, s)
		if !errors.Is(err, ErrRecipient) {
			t.Errorf("%s: %v, want %v", name, err, ErrRecipient)
		} else if len(err.Error()) > 512 {
			t.Errorf("%s: it says %d bytes", name, len(err.Error()))
		}
	}
}

func newHybrid(t *testing.T) string {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id.Recipient().String()
}

func TestShareBox(t *testing.T) {
	good := newHybrid(t)
	if _, err := ParseShareBox(Software, good); err != nil {
		t.Fatal(err)
	}
	key := unbech32(good)
	if bech32("age1pq", key) != good {
		t.Fatal("the encoder of this test")
	}
	const lattice = 1184 // bytes of the ML-KEM-768 key (FIPS 203)
	bad := map[string]string{
		"nothing": "", "classic": goodBox, "upper case": strings.ToUpper(good), "short": bech32("age1pq", key[1:]),
		"coefficients above q": bech32("age1pq", append(bytes.Repeat([]byte{0xff}, lattice), key[lattice:]...)),
	}
	for name, u := range noPoints {
		point, _ := hex.DecodeString(u)
		bad[name] = bech32("age1pq", append(bytes.Clone(key[:lattice]), point...))
	}
	for name, s := range bad {
		if _, err := ParseShareBox(Software, s); !errors.Is(err, ErrRecipient) {
			t.Errorf("%s: %v, want %v", name, err, ErrRecipient)
		}
	}
}

// goodTag is one of P-256.
const goodTag = "age1tag1qgfd5kmfevjkrsx9dv0pxfhlfn9gnmnw4nseczaxser8kqwzlydx55azma6"

// newTagged is one of P-256 with ML-KEM-768.
func newTagged(t testing.TB) string {
	t.Helper()
	p256, err := ecdh.P256().GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := box.NewHybridRecipient(p256.PublicKey(), make([]byte, box.HybridSeedSize))
	if err != nil {
		t.Fatal(err)
	}
	return r.String()
}

// TestBoxesOfChips: a chip may have P-256 where software has X25519, and neither
// box takes the place of the other.
func TestBoxesOfChips(t *testing.T) {
	hybrid := newTagged(t)
	for _, s := range []string{goodBox, goodTag} {
		if _, err := ParseBox("tpm", s); err != nil {
			t.Errorf("Box: %v", err)
		}
	}
	for _, s := range []string{newHybrid(t), hybrid} {
		if _, err := ParseShareBox("tpm", s); err != nil {
			t.Errorf("ShareBox: %v", err)
		}
	}
	if _, err := ParseShareBox(Software, hybrid); !errors.Is(err, ErrRecipient) {
		t.Errorf("ShareBox of software: %v", err)
	}
	noPoint := bech32("age1tag", append([]byte{2}, bytes.Repeat([]byte{0xff}, 32)...))
	for name, s := range map[string]string{
		"hybrid": hybrid, "upper case": strings.ToUpper(goodTag), "no point": noPoint, "nothing": "", "long": boxTag + strings.Repeat("q", 1<<20),
	} {
		if _, err := ParseBox("tpm", s); !errors.Is(err, ErrRecipient) || len(err.Error()) > 512 {
			t.Errorf("Box, %s: %v", name, err)
		}
	}
	for _, s := range []string{goodTag, goodBox, strings.ToUpper(hybrid), shareBoxTag} {
		if _, err := ParseShareBox("tpm", s); !errors.Is(err, ErrRecipient) {
			t.Errorf("ShareBox: %v", err)
		}
	}
}

// unbech32 is the inverse of bech32.
func unbech32(s string) []byte {
	var out []byte
	acc, n := 0, 0
	for _, c := range []byte(s[strings.LastIndexByte(s, '1')+1 : len(s)-6]) {
		acc, n = acc<<5|strings.IndexByte("qpzry9x8gf2tvdw0s3jn54khce6mua7l", c), n+5
		if n >= 8 {
			n -= 8
			out = append(out, byte(acc>>n))
			acc &= 1<<n - 1
		}
	}
	return out
}

// TestKeysOfCertificates: what nobody can seal to is certified by nobody, and
// a certificate of it is none.
func TestKeysOfCertificates(t *testing.T) {
	_, sa := key(t, 1)
	for name, change := range map[string]func(*Keys){
		"Box is nonsense":      func(k *Keys) { k.Box = "age1nonsense" },
		"Box in upper case":    func(k *Keys) { k.Box = strings.ToUpper(k.Box) },
		"Box is hybrid":        func(k *Keys) { k.Box = k.ShareBox },
		"Box of small order":   func(k *Keys) { k.Box = boxOf(t, noPoints["order 8"]) },
		"ShareBox is classic":  func(k *Keys) { k.ShareBox = k.Box },
		"ShareBox is nonsense": func(k *Keys) { k.ShareBox = "age1pq1" },
		"Intake is hybrid":     func(k *Keys) { k.Intake = k.ShareBox },
		"Intake of order 8":    func(k *Keys) { k.Intake = boxOf(t, noPoints["order 8"]) },
		"share keys are cut":   func(k *Keys) { k.Shares = k.Shares[1:] },
		"16 share keys":        func(k *Keys) { k.Shares = ShareKeys(strings.Repeat(string(k.Shares[:32]), 16)) },
		"a share key twice":    func(k *Keys) { k.Shares = k.Shares[:32] + k.Shares[:32] },
		"share key of order 8": func(k *Keys) { k.Shares = k.Shares[:32] + ShareKeys(pointOf(t, "order 8")) },
		"share key over p":     func(k *Keys) { k.Shares = ShareKeys(strings.Repeat("\xff", 31)+"\x7f") + k.Shares[:32] },
		"share key, bit 255":   func(k *Keys) { k.Shares = k.Shares[:31] + ShareKeys([]byte{k.Shares[31] | 0x80}) },
	} {
		c := goodClaims(t)
		asTarget(t, &c)
		if _, err := ParseCertificate(sign(t, cosesig.DomainCertificate, c, 1), sa); err != nil {
			t.Fatal(err)
		}
		change(&c.Keys)
		if _, err := ParseCertificate(sign(t, cosesig.DomainCertificate, c, 1), sa); !errors.Is(err, ErrCertificate) || !errors.Is(err, ErrRecipient) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzBox: what is accepted can be sealed to, and is written in one way.
func FuzzBox(f *testing.F) {
	f.Add(goodBox)
	f.Add(strings.ToUpper(goodBox))
	for _, u := range noPoints {
		b, _ := hex.DecodeString(u)
		f.Add(bech32("age", b))
	}
	f.Add("age1pq1nonsense")
	f.Add(goodTag)
	f.Add(newTagged(f))
	f.Fuzz(func(t *testing.T, s string) {
		for _, parse := range []func(Family, string) (age.Recipient, error){ParseBox, ParseShareBox} {
			for _, f := range []Family{Software, "tpm"} {
				r, err := parse(f, s)
				if err != nil {
					continue
				}
				if again := r.(interface{ String() string }).String(); again != s {
					t.Errorf("%q was accepted and is written %q", s, again)
				}
				if _, err := age.Encrypt(io.Discard, r); err != nil {
					t.Errorf("%q: %v", s, err)
				}
			}
		}
	})
}
