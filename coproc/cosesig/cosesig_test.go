package cosesig

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"math/big"
	"testing"

	"github.com/gapferry/gapferry/coproc/detcbor"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// rfc9679 is the key of RFC 9679 §6.
func rfc9679(t testing.TB) *ecdsa.PublicKey {
	t.Helper()
	point := append([]byte{4}, unhex(t, "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"+
		"1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c")...)
	pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		t.Fatal(err)
	}
	return pub
}

func TestRFC9679(t *testing.T) {
	k, err := NewPublicKey(rfc9679(t))
	if err != nil {
		t.Fatal(err)
	}
	got := k.Thumbprint()
	if want := "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"; hex.EncodeToString(got[:]) != want {
		t.Errorf("thumbprint %x, want %s", got, want)
	}
}

// kinds are one key of each kind, with the length of its encoding and of its signatures.
func kinds(t testing.TB) []struct {
	name          string
	key           crypto.Signer
	size, sigSize int
} {
	t.Helper()
	_, ed, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return []struct {
		name          string
		key           crypto.Signer
		size, sigSize int
	}{{"Ed25519", ed, 40, 64}, {"P-256", p256, 75, 64}, {"P-384", p384, 107, 96}}
}

func public(t testing.TB, key crypto.Signer) PublicKey {
	t.Helper()
	k, err := NewPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestPublicKeys(t *testing.T) {
	for _, kind := range kinds(t) {
		t.Run(kind.name, func(t *testing.T) {
			k := public(t, kind.key)
			b := k.Bytes()
			if len(b) != kind.size {
				t.Errorf("%d bytes, want %d", len(b), kind.size)
			}
			if again, err := ParsePublicKey(b); err != nil || again != k || k.IsZero() {
				t.Errorf("parsed %x, error %v", again.Bytes(), err)
			}
			encoded, err := detcbor.Marshal(k)
			if err != nil {
				t.Fatal(err)
			}
			var decoded PublicKey
			if err := detcbor.Unmarshal(encoded, &decoded); err != nil || decoded != k {
				t.Errorf("decoded %x, error %v", decoded.Bytes(), err)
			}
			for n := range b {
				if _, err := ParsePublicKey(b[:n]); !errors.Is(err, ErrKey) {
					t.Errorf("%d bytes: error is %v, want %v", n, err, ErrKey)
				}
			}
			if _, err := ParsePublicKey(append(b, 0)); !errors.Is(err, ErrKey) {
				t.Errorf("with a byte more: error is %v, want %v", err, ErrKey)
			}
			// What of the changed keys is accepted is another key in its one encoding.
			for i := range 8 * len(b) {
				changed := bytes.Clone(b)
				changed[i/8] ^= 1 << (i % 8)
				if other, err := ParsePublicKey(changed); err == nil && (other == k || !bytes.Equal(other.Bytes(), changed)) {
					t.Errorf("bit %d changed: %x", i, other.Bytes())
				} else if err != nil && !errors.Is(err, ErrKey) {
					t.Errorf("bit %d changed: error is %v, want %v", i, err, ErrKey)
				} else if err == nil && kind.name != "Ed25519" {
					t.Errorf("bit %d changed: a point off the curve was accepted", i)
				}
			}
		})
	}
}

func TestPublicKeyRefused(t *testing.T) {
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, pub := range []crypto.PublicKey{
		nil, "key", ed25519.PublicKey{}, make(ed25519.PublicKey, 31), &p224.PublicKey,
		&rsa.PublicKey{N: big.NewInt(15), E: 3}, ecdsa.PublicKey{},
	} {
		if _, err := NewPublicKey(pub); !errors.Is(err, ErrKey) {
			t.Errorf("%T: error is %v, want %v", pub, err, ErrKey)
		}
	}
	x, y := make([]byte, 32), make([]byte, 32)
	for name, v := range map[string]any{
		"X448":             okpKey{1, 5, x},
		"OKP of EC2 type":  okpKey{2, 6, x},
		"short Ed25519":    okpKey{1, 6, x[1:]},
		"P-521":            ec2Key{2, 3, x, y},
		"EC2 of OKP type":  ec2Key{1, 1, x, y},
		"point 0, 0":       ec2Key{2, 1, x, y},
		"short coordinate": ec2Key{2, 1, x[1:], y},
		"P-256 as P-384":   ec2Key{2, 2, x, y},
	} {
		b, err := detcbor.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParsePublicKey(b); !errors.Is(err, ErrKey) {
			t.Errorf("%s: error is %v, want %v", name, err, ErrKey)
		}
	}
	var zero PublicKey
	if !zero.IsZero() {
		t.Error("the zero key is not zero")
	}
	if _, err := zero.Algorithm(); !errors.Is(err, ErrKey) {
		t.Errorf("the zero key's algorithm: error is %v, want %v", err, ErrKey)
	}
	if err := (Message{}).Verify(DomainBundle, zero); !errors.Is(err, ErrKey) {
		t.Errorf("verify with the zero key: error is %v, want %v", err, ErrKey)
	}
}

func protectedOf(t testing.TB, key PublicKey) []byte {
	t.Helper()
	alg, err := key.Algorithm()
	if err != nil {
		t.Fatal(err)
	}
	b, err := detcbor.Marshal(map[int64]int64{1: int64(alg)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSign1(t *testing.T) {
	all := kinds(t)
	for i, kind := range all {
		t.Run(kind.name, func(t *testing.T) {
			key, other := public(t, kind.key), public(t, all[(i+1)%len(all)].key)
			m, err := Sign(DomainBundle, protectedOf(t, key), []byte("payload"), kind.key)
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Signature) != kind.sigSize {
				t.Errorf("signature of %d bytes, want %d", len(m.Signature), kind.sigSize)
			}
			b, err := m.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := Parse(b)
			if err != nil {
				t.Fatal(err)
			}
			if err := parsed.Verify(DomainBundle, key); err != nil {
				t.Error(err)
			}
			if err := parsed.Verify(DomainStatement, key); !errors.Is(err, ErrSignature) {
				t.Errorf("another domain: error is %v, want %v", err, ErrSignature)
			}
			if err := parsed.Verify(DomainBundle, other); !errors.Is(err, ErrSignature) {
				t.Errorf("another key: error is %v, want %v", err, ErrSignature)
			}
			for n := range b {
				if _, err := Parse(b[:n]); !errors.Is(err, ErrMessage) {
					t.Errorf("%d bytes: error is %v, want %v", n, err, ErrMessage)
				}
			}
			if _, err := Parse(append(b, 0)); !errors.Is(err, ErrMessage) {
				t.Errorf("with a byte more: error is %v, want %v", err, ErrMessage)
			}
			for i := range 8 * len(b) {
				changed := bytes.Clone(b)
				changed[i/8] ^= 1 << (i % 8)
				p, err := Parse(changed)
				if err == nil {
					err = p.Verify(DomainBundle, key)
				}
				if !errors.Is(err, ErrMessage) && !errors.Is(err, ErrSignature) {
					t.Errorf("bit %d changed: error is %v", i, err)
				}
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	sig := "5840" + hex.EncodeToString(make([]byte, 64))
	for name, s := range map[string]string{
		"nothing":                  "",
		"no tag":                   "8443a10127a04170" + sig,
		"another tag":              "d18443a10127a04170" + sig,
		"three elements":           "d28343a10127a04170",
		"null payload":             "d28443a10127a0f6" + sig,
		"text payload":             "d28443a10127a06170" + sig,
		"indefinite payload":       "d28443a10127a05f4170ff" + sig,
		"payload longer than all":  "d28443a10127a05bffffffffffffffff70" + sig,
		"byte behind it":           "d28443a10127a04170" + sig + "00",
		"unprotected header":       "d28443a10127a10441314170" + sig,
		"payload length too long":  "d28443a10127a0580170" + sig,
		"tag longer than needed":   "d8128443a10127a04170" + sig,
		"protected too long":       "d2845803a10127a04170" + sig,
		"indefinite array":         "d29f43a10127a04170" + sig + "ff",
		"empty signature":          "d28443a10127a0417040",
		"array longer than needed": "d2980443a10127a04170" + sig,
	} {
		m, err := Parse(unhex(t, s))
		if err == nil {
			again, encErr := m.Bytes()
			t.Errorf("%s: accepted, encodes as %x, error %v", name, again, encErr)
		} else if !errors.Is(err, ErrMessage) {
			t.Errorf("%s: error is %v, want %v", name, err, ErrMessage)
		}
	}
	if _, err := Parse(unhex(t, "d28443a10127a04170"+sig)); err != nil {
		t.Errorf("the good one: %v", err)
	}
	// What is in the byte strings is not looked at: of a message of another
	// level only the outside is known.
	if m, err := Parse(unhex(t, "d2844180a040"+sig)); err != nil || m.Payload == nil || len(m.Payload) != 0 {
		t.Errorf("no header map, empty payload: %+v, %v", m, err)
	}
}

// TestToBeSigned is RFC 9052 §4.4 by hand.
func TestToBeSigned(t *testing.T) {
	got := ToBeSigned("ab", []byte{0xa0}, []byte("p"))
	if want := unhex(t, "84"+"6a5369676e617475726531"+"41a0"+"426162"+"4170"); !bytes.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, kind := range kinds(f) {
		m, err := Sign(DomainBundle, protectedOf(f, public(f, kind.key)), []byte("payload"), kind.key)
		if err != nil {
			f.Fatal(err)
		}
		b, err := m.Bytes()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		if again, err := m.Bytes(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%x was accepted and encodes as %x, error %v", b, again, err)
		}
	})
}

func FuzzPublicKey(f *testing.F) {
	for _, kind := range kinds(f) {
		f.Add(public(f, kind.key).Bytes())
	}
	for _, point := range badPoints {
		f.Add(unhex(f, "a301012006215820"+point))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := ParsePublicKey(b)
		if err != nil {
			return
		}
		pub, err := k.decode()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := NewPublicKey(pub); err != nil || again != k {
			t.Errorf("%x was accepted and encodes as %x, error %v", b, again.Bytes(), err)
		}
	})
}
