package engine

import (
	"bytes"
	"errors"
	"io/fs"
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
	"github.com/gapferry/gapferry/testvectors"
)

// frozenProfile opens the auditor's file of a frozen store.
func frozenProfile(f *testing.F, store string) (k profileKey, sealed []byte) {
	f.Helper()
	sealed, err := fs.ReadFile(testvectors.Ceremony(), store+"/coprocessor/"+stateFile)
	if err != nil {
		f.Fatal(err)
	}
	profile, err := fs.ReadFile(testvectors.Ceremony(), store+"/coprocessor/profiles/AUDITOR.age")
	if err != nil {
		f.Fatal(err)
	}
	k, err = openProfile(profile, []byte(testvectors.Known().Passphrases["AUDITOR"]))
	if err != nil {
		f.Fatal(err)
	}
	return k, sealed
}

// seedStores are the frozen stores with cheap passphrases.
var seedStores = []string{"stores/sa-3b", "stores/css-3c", "stores/csr1-3a"}

// FuzzOpenState changes the sealed file: it is the one that was sealed, or damaged.
func FuzzOpenState(f *testing.F) {
	k, honest := frozenProfile(f, seedStores[1])
	f.Add(honest)
	f.Add(honest[:len(honest)-1])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _, err := openState(b, "AUDITOR", k)
		switch {
		case err != nil && !errors.Is(err, coproc.ErrDamaged) && !errors.Is(err, coproc.ErrBuild):
			t.Errorf("error is %v, want %v", err, coproc.ErrDamaged)
		case err == nil && !bytes.Equal(b, honest):
			t.Error("another file was opened")
		}
	})
}

// FuzzDecodeState is what somebody could have sealed who knows the HMAC key:
// a state that is read is written as the same bytes.
func FuzzDecodeState(f *testing.F) {
	for _, store := range seedStores {
		k, sealed := frozenProfile(f, store)
		st, _, err := openState(sealed, "AUDITOR", k)
		if err != nil {
			f.Fatal(err)
		}
		b, err := detcbor.Marshal(st)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		st, err := decodeState(b)
		if err != nil {
			return
		}
		again, err := detcbor.Marshal(st)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%x is read, and written as %x, %v", b, again, err)
		}
	})
}
