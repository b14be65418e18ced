package coproc

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/coproc/detcbor"
)

func TestFamily(t *testing.T) {
	for _, good := range []Family{Software, "tpm", "pkcs11", "abcdefghij12"} {
		if err := good.check(); err != nil {
			t.Errorf("%q: %v", string(good), err)
		}
	}
	for _, bad := range []Family{"soft", "TPM", "abcdefghijklm", "t-m", "tpm\n", "\x1b[2J"} {
		if err := bad.check(); err == nil || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%q: error is %v", string(bad), err)
		}
	}
}

// TestWrapKey: keys without family and wrap key are encoded as if there were
// none, and those with them are read as they were written.
func TestWrapKey(t *testing.T) {
	var software struct {
		Sign     []byte `cbor:"1,keyasint"`
		Box      string `cbor:"2,keyasint"`
		ShareBox string `cbor:"3,keyasint,omitempty"`
		Audit    []byte `cbor:"4,keyasint"`
		Officers Digest `cbor:"7,keyasint"`
	}
	software.Sign, software.Audit, software.Box = []byte{}, []byte{}, goodBox
	before, err := detcbor.Marshal(software)
	if err != nil {
		t.Fatal(err)
	}
	if after, err := detcbor.Marshal(Keys{Box: goodBox}); err != nil || string(after) != string(before) {
		t.Errorf("%x, before it was %x, %v", after, before, err)
	}
	var k WrapKey
	for size, good := range map[int]bool{0: false, 1: true, MaxWrapKey: true, MaxWrapKey + 1: false} {
		if err := k.UnmarshalBinary(make([]byte, size)); (err == nil) != good {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	for _, test := range []struct {
		keys Keys
		role NodeRole
		good bool
	}{
		{Keys{ShareBox: "x", Wrap: "w", Family: "tpm"}, CSR, true},
		{Keys{ShareBox: "x", Wrap: "w"}, CSR, false},
		{Keys{Wrap: "w", Family: "tpm"}, CSS, false},
		{Keys{Family: "tpm"}, CSS, true},
	} {
		if err := test.keys.CheckRole(test.role); (err == nil) != test.good {
			t.Errorf("%+v as %s: %v", test.keys, test.role, err)
		}
	}
}
