package transcript

import (
	"bytes"
	"encoding/hex"
	"io/fs"
	gopath "path"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/testvectors"
)

// FuzzVerify changes bytes of an honest transcript, or replaces them: nothing
// of it ends the program, what is read has one encoding, and no change makes up
// for the journals that are not in it.
func FuzzVerify(f *testing.F) {
	hash, honest := frozenTranscript(f)
	f.Add(uint32(0), []byte{}, uint32(0))
	f.Add(uint32(7), []byte{0xff}, uint32(1))
	f.Add(uint32(len(honest)/2), []byte{1, 2, 3}, uint32(3))
	f.Add(uint32(len(honest)-300), []byte{}, uint32(300))
	f.Add(uint32(40), honest[:64], uint32(0))
	good := Verify(must(Parse(honest)), hash).Verdict()
	if good != Incomplete {
		f.Fatalf("without its journals, the frozen ceremony is %v: %s", good, texts(Verify(must(Parse(honest)), hash)))
	}
	f.Fuzz(func(t *testing.T, at uint32, put []byte, cut uint32) {
		from := int(at) % (len(honest) + 1)
		to := min(len(honest), from+int(cut%uint32(len(honest)+1)))
		b := bytes.Join([][]byte{honest[:from], put, honest[to:]}, nil)
		file, err := Parse(b)
		if err != nil {
			return
		}
		if !bytes.Equal(file.Bytes(), b) {
			t.Fatal("it is written as other bytes than it was read from")
		}
		got := Verify(file, hash).Verdict()
		if got != Incomplete && got != NotVerified || bytes.Equal(b, honest) && got != good {
			t.Errorf("verdict %v, that of the honest one is %v", got, good)
		}
	})
}

// frozenTranscript is the transcript of what the frozen ceremony left on the
// stick, without shares and journals, and the hash of its card.
func frozenTranscript(f *testing.F) (coproc.Thumbprint, []byte) {
	f.Helper()
	var bundles [][]byte
	found, err := fs.Glob(testvectors.Ceremony(), "stick/*/*.gfb")
	if err != nil || len(found) < 10 {
		f.Fatalf("%d bundles to begin with, %v", len(found), err)
	}
	for _, path := range found {
		if strings.HasPrefix(gopath.Base(path), "share-") {
			continue // they do not belong in a transcript
		}
		bundles = append(bundles, must(fs.ReadFile(testvectors.Ceremony(), path)))
	}
	facts := testvectors.Known()
	var hash coproc.Thumbprint
	var id coproc.CeremonyID
	copy(hash[:], must(hex.DecodeString(facts.SAKeyHash)))
	copy(id[:], must(hex.DecodeString(facts.Ceremony)))
	return hash, must(newFile(id, bundles)).Bytes()
}
