package ceremony

import (
	"bytes"
	"io/fs"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/testvectors"
)

// FuzzParseJournal: no journal ends the program; one that is whole stays whole
// when any of its entries is left out of its end, and no other way is it read.
func FuzzParseJournal(f *testing.F) {
	found, err := fs.Glob(testvectors.Ceremony(), "journals/*.cbor")
	if err != nil || len(found) < 4 {
		f.Fatalf("%d journals to begin with, %v", len(found), err)
	}
	for _, path := range found {
		b := must(fs.ReadFile(testvectors.Ceremony(), path))
		if _, err := journal.Parse(b); err != nil {
			f.Fatalf("%s: %v", path, err)
		}
		// Of a long one the beginning will do: each signature costs time.
		parts := entries(f, b)
		f.Add(bytes.Join(parts[:min(5, len(parts))], nil))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		j, rest, err := journal.ParseTorn(b)
		if err != nil {
			if j != nil {
				j.Head()
			}
			return
		}
		if rest < 0 || rest >= len(b) || len(j.Records()) == 0 {
			t.Fatalf("%d bytes of %d are left, %d records", rest, len(b), len(j.Records()))
		}
		parts := entries(t, b[:len(b)-rest])
		if len(parts) != len(j.Records()) {
			t.Fatalf("%d entries, %d records", len(parts), len(j.Records()))
		}
		for i, r := range j.Records() {
			if r.Seq != uint64(i+1) || (r.Event == journal.EventInit) != (i == 0) {
				t.Fatalf("record %d is numbered %d, %q", i+1, r.Seq, r.Event)
			}
		}
		for n := 1; n < len(parts); n++ {
			if _, rest, err := journal.ParseTorn(bytes.Join(parts[:n], nil)); err != nil || rest != 0 {
				t.Fatalf("its first %d entries: %d bytes left, %v", n, rest, err)
			}
		}
	})
}
