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

// TestWrapKey: of keys without family, wrap key and what is a target's nothing is
// encoded, and those with them are read as they were written.
func TestWrapKey(t *testing.T) {
	var few struct {
		Sign     []byte `cbor:"1,keyasint"`
		Box      string `cbor:"2,keyasint"`
		ShareBox string `cbor:"3,keyasint,omitempty"`
		Audit    []byte `cbor:"4,keyasint"`
		Officers Digest `cbor:"7,keyasint"`
		Intake   string `cbor:"8,keyasint"`
	}
	few.Sign, few.Audit, few.Box, few.Intake = []byte{}, []byte{}, goodBox, goodBox
	want, err := detcbor.Marshal(few)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := detcbor.Marshal(Keys{Box: goodBox, Intake: goodBox}); err != nil || string(got) != string(want) {
		t.Errorf("%x, want %x, %v", got, want, err)
	}
	var k WrapKey
	for size, good := range map[int]bool{0: false, 1: true, MaxWrapKey: true, MaxWrapKey + 1: false} {
		if err := k.UnmarshalBinary(make([]byte, size)); (err == nil) != good {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	_, receipt := key(t, 4)
	for _, test := range []struct {
		keys Keys
		role NodeRole
		good bool
	}{
		{Keys{ShareBox: "x", Shares: "x", Receipt: receipt, Wrap: "w", Family: "tpm"}, CSR, true},
		{Keys{ShareBox: "x", Shares: "x", Receipt: receipt, Wrap: "w"}, CSR, false},
		{Keys{Wrap: "w", Family: "tpm"}, CSS, false},
		{Keys{Family: "tpm"}, CSS, true},
	} {
		if err := test.keys.CheckRole(test.role); (err == nil) != test.good {
			t.Errorf("%+v as %s: %v", test.keys, test.role, err)
		}
	}
}
