package soft

import (
	"bytes"
	"encoding/hex"
	"math/bits"
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/coproctest"
)

// The vectors were computed apart from this code (SHA-1 and SHA-256 of 01‖key).
func TestPatternVectors(t *testing.T) {
	for c, want := range map[coproc.Class]string{
		coproc.SymMK: "083bf1025be34c44", coproc.AsymMK: "083bf1025be34c44",
		coproc.AesMK: "35fe7f6e49997e67", coproc.ApkaMK: "35fe7f6e49997e67",
	} {
		if got := patternOf(c, coproctest.KnownKey(c)); got.String() != want {
			t.Errorf("%s: pattern %s, want %s", c, got, want)
		}
	}
}

// TestWeakDES puts every weak key, with every parity bit as it is and
// inverted, into every third.
func TestWeakDES(t *testing.T) {
	// NIST SP 800-67 §3.3.2, typed a second time.
	for _, w := range []string{
		"0101010101010101", "fefefefefefefefe", "e0e0e0e0f1f1f1f1", "1f1f1f1f0e0e0e0e",
		"011f011f010e010e", "1f011f010e010e01", "01e001e001f101f1", "e001e001f101f101",
		"01fe01fe01fe01fe", "fe01fe01fe01fe01", "1fe01fe00ef10ef1", "e01fe01ff10ef10e",
		"1ffe1ffe0efe0efe", "fe1ffe1ffe0efe0e", "e0fee0fef1fef1fe", "fee0fee0fef1fef1",
	} {
		one, err := hex.DecodeString(w)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 24 {
			for _, parity := range []byte{0, 1} {
				for _, c := range []coproc.Class{coproc.SymMK, coproc.AsymMK} {
					key := coproctest.KnownKey(c)
					copy(key[i/8*8:], one)
					key[i] ^= parity
					if !weak(c, key) {
						t.Errorf("%s %x is not weak", c, key)
					}
					key[i] ^= 0x10
					if weak(c, key) {
						t.Errorf("%s %x is weak", c, key)
					}
				}
			}
		}
		if weak(coproc.AesMK, bytes.Repeat(one, 4)) {
			t.Errorf("AES-MK %s… is weak", w)
		}
	}
	if len(weakDES) != 16 {
		t.Errorf("%d weak keys", len(weakDES))
	}
}

func TestWeakZero(t *testing.T) {
	for _, c := range coproc.Classes {
		key := make([]byte, c.Size())
		if !weak(c, key) {
			t.Errorf("%s of zeros is not weak", c)
		}
		if weak(c, coproctest.KnownKey(c)) {
			t.Errorf("the known %s is weak", c)
		}
	}
	for i := range 32 {
		key := make([]byte, 32)
		key[i] = 0x80
		if weak(coproc.AesMK, key) {
			t.Errorf("AES-MK %x is weak", key)
		}
	}
}

func TestOddParity(t *testing.T) {
	var key [256]byte
	for i := range key {
		key[i] = byte(i)
	}
	setOddParity(key[:])
	for i, b := range key {
		if bits.OnesCount8(b)%2 != 1 || b&^1 != byte(i)&^1 {
			t.Errorf("%08b became %08b", i, b)
		}
	}
}

// TestGeneratedParity looks at generated keys.
func TestGeneratedParity(t *testing.T) {
	odd := func(c coproc.Class) bool {
		for range 8 {
			key, err := Chip{}.Generate(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range key {
				if bits.OnesCount8(b)%2 == 0 {
					return false
				}
			}
		}
		return true
	}
	if !odd(coproc.SymMK) {
		t.Error("a SYM-MK with even parity")
	}
	if odd(coproc.AesMK) { // true by chance once in 2^256
		t.Error("every AES-MK has odd parity")
	}
}
