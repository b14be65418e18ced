package bundle

import (
	"bytes"
	"crypto/elliptic"
	"testing"

	"github.com/gapferry/gapferry/coproc/outside"
	"github.com/gapferry/gapferry/testvectors"
)

// maxErrorText is what an error of this package has at most, in bytes: a clipped
// text whose every byte is escaped.
const maxErrorText = 4*outside.MaxError + 64

// FuzzParse: whatever is accepted comes back bit for bit, and everything that
// can be asked of it without a key can be.
func FuzzParse(f *testing.F) {
	seeds := 0
	for _, makeKey := range []keyMaker{newEd25519, newECDSA(elliptic.P256()), newECDSA(elliptic.P384())} {
		w := newWorld(f, makeKey)
		for _, k := range Kinds {
			raw := w.bundles[k].Bytes()
			if _, err := Parse(raw); err != nil {
				f.Fatalf("seed %s: %v", k, err)
			}
			f.Add(raw)
			seeds++
		}
	}
	if seeds != 3*len(Kinds) {
		f.Fatalf("%d seeds", seeds)
	}
	for _, v := range testvectors.Wrong() {
		if v.Recipe == nil { // that one is too large
			f.Add(v.Bytes())
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(b)
		if err != nil && len(err.Error()) > maxErrorText {
			t.Fatalf("the error has %d bytes: %.200s", len(err.Error()), err)
		}
		if err != nil {
			return
		}
		if !bytes.Equal(s.Bytes(), b) {
			t.Fatal("Parse and Bytes are not the identity")
		}
		again, err := s.message.Bytes()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatal("what was understood does not encode to what was read")
		}
		h := s.UnverifiedHeader()
		if name := h.FileName(s.Digest()); len(name) > MaxFileName {
			t.Fatalf("file name %q", name)
		}
		if h.Database() == ".db" {
			t.Fatal("database without a name")
		}
		header, err := encodeProtected(s.header)
		if err != nil || !bytes.Equal(header, s.message.Protected) {
			t.Fatal("the header has a second encoding")
		}
		if _, err := s.Verify(Anchors{}); err == nil && h.Key == nil {
			t.Fatal("verified by nobody's trust")
		}
	})
}
