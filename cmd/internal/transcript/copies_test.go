package transcript

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/tally"
)

// spent is what f costs.
func spent(f func()) (signatures, opened int64) {
	signatures, opened = tally.Signatures.Load(), tally.Decrypted.Load()
	f()
	return tally.Signatures.Load() - signatures, tally.Decrypted.Load() - opened
}

// TestManyBadCopies puts 4,000 copies of a bundle into a transcript, each wrong
// in some bits of its own. They cost no more signatures than there are keys, and
// where no journal says which one is the good one no more than some dozens; and they
// change nothing about who is told to be at fault.
func TestManyBadCopies(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1}).run()
	good := w.bundles
	honest := w.file(t)
	base, opened := spent(func() { mustFind(t, Verify(honest, w.hash), Verified) })
	keys := map[coproc.PublicKey]bool{}
	for _, n := range w.nodes {
		keys[n.Public()], keys[n.keys.Audit] = true, true
	}
	count := 4000
	if testing.Short() {
		count = 400
	}
	where := map[string]func(raw []byte) int{
		"signature": func(raw []byte) int { return len(raw) - 40 },
		"payload":   func(raw []byte) int { return len(raw) - 140 },
	}
	for _, kind := range []bundle.Kind{bundle.KindSAKey, bundle.KindCSSKey, bundle.KindCSSCert, bundle.KindStatement, bundle.KindReceipt, bundle.KindJournal} {
		var one []byte
		for _, b := range good {
			if must(bundle.Parse(b)).UnverifiedHeader().Kind == kind {
				one = b
			}
		}
		for place, at := range where {
			w.bundles = slices.Clone(good)
			for i := range count {
				bad := bytes.Clone(one)
				n := bad[at(bad):]
				binary.BigEndian.PutUint32(n, binary.BigEndian.Uint32(n)^uint32(i+1))
				w.bundles = append(w.bundles, bad)
			}
			f := w.file(t)
			var r *Result
			signatures, files := spent(func() { r = Verify(f, w.hash) })
			most := base + int64(len(keys))
			if kind == bundle.KindSAKey || kind == bundle.KindJournal {
				most = base + maxBadAttempts + maxBadCopies
			}
			if signatures > most || files > opened+3*maxBadAttempts {
				t.Errorf("%d copies of %s, %s: %d signatures, %d without them and %d keys; %d files opened, %d without them",
					count, kind, place, signatures, base, len(keys), files, opened)
			}
			if kind != bundle.KindJournal && r.Plan != nil && r.Verdict() != VerifiedWithExceptions {
				t.Errorf("%d copies of %s, %s: %s", count, kind, place, r.Headline())
			}
		}
	}
}

// TestManyBadCopiesMerged: merge leaves them out, and loses nothing behind them.
func TestManyBadCopiesMerged(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1}).run()
	var files []bundle.Incoming
	for _, b := range w.bundles {
		for i := range 2 * maxBadAttempts {
			bad := bytes.Clone(b)
			bad[len(bad)-10-i/8] ^= 1 << (i % 8)
			files = append(files, bundle.Incoming{Folder: "bad.db", Name: "x", Data: bad})
		}
	}
	c, err := Collect(append(files, incoming(w.bundles...)...), nil, w.hash)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range c.Excluded {
		for _, f := range l.Files {
			if !strings.HasPrefix(f, "bad.db/") {
				t.Errorf("left out %s: %s", f, l.Why)
			}
		}
	}
	if c.File.Count() != len(w.bundles) {
		t.Errorf("%d bundles, want %d", c.File.Count(), len(w.bundles))
	}
	mustFind(t, Verify(c.File, w.hash), Verified)
}
