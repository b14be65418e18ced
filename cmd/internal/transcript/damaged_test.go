package transcript

import (
	"bytes"
	"compress/flate"
	"fmt"
	"math"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

func incoming(raw ...[]byte) []bundle.Incoming {
	var files []bundle.Incoming
	for i, b := range raw {
		files = append(files, bundle.Incoming{Folder: "sa.db", Name: fmt.Sprintf("%02d.gfb", i), Data: b})
	}
	return files
}

// TestDamagedCopies: one bit that a stick lost says nothing about the node that
// made the bundle, where the good bundle is here.
func TestDamagedCopies(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1}).run()
	good := w.bundles
	for _, kind := range []struct {
		name string
		at   func(raw []byte) int
	}{
		{"signature", func(raw []byte) int { return len(raw) - 3 }},
		{"what is inside", func(raw []byte) int { return len(raw) - 200 }},
		{"header", func(raw []byte) int { return bytes.Index(raw, []byte("cs")) + 2 }},
	} {
		files := incoming(good...)
		all := good
		for i, b := range good[1:] { // without sa-key
			bad := bytes.Clone(b)
			bad[kind.at(b)] ^= 1
			all = append(all[:len(all):len(all)], bad)
			files = append(files, bundle.Incoming{Folder: "bad.db", Name: fmt.Sprintf("%02d.gfb", i), Data: bad})
		}
		c, err := Collect(files, nil, w.hash)
		if err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, l := range c.Excluded {
			for _, f := range l.Files {
				if !strings.HasPrefix(f, "bad.db/") {
					t.Errorf("%s: left out %s: %s", kind.name, f, l.Why)
				}
				left++
			}
		}
		if left != len(good)-1 || c.File.Count() != len(good) {
			t.Errorf("%s: %d left out, %d kept: %v", kind.name, left, c.File.Count(), c.Excluded)
		}
		mustFind(t, Verify(c.File, w.hash), Verified)
		if kind.name == "header" {
			continue // a file that is not even a bundle has no place in a transcript
		}
		w.bundles = all
		if r := Verify(w.file(t), w.hash); r.Verdict() != VerifiedWithExceptions {
			t.Errorf("%s: %s\n%s", kind.name, r.Headline(), texts(r))
		}
	}
}

// TestNobodysJournal: a journal that whoever has the card made, whole or in
// parts, is left aside where the real one is here.
func TestNobodysJournal(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1}).run()
	good, b := w.bundles, w.books["csr1"]
	nobody := newKey()
	w.bundles = nil
	w.sealJournal(b, "csr1", nobody, b.raw)
	w.sealJournal(b, "csr1", nobody, [][]byte{bytes.Repeat([]byte("x"), bundle.MaxJournalPart+9)})
	bad := w.bundles[:2] // the second without its end
	c, err := Collect(append(incoming(good...), bundle.Incoming{Folder: "x", Name: "1", Data: bad[0]}, bundle.Incoming{Folder: "x", Name: "2", Data: bad[1]}), nil, w.hash)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(c.Excluded), "x/"; len(c.Excluded) != 1 || c.Excluded[0].Why != whyNobody || len(c.Excluded[0].Files) != 2 || !strings.Contains(got, want) {
		t.Errorf("left out %s", got)
	}
	mustFind(t, Verify(c.File, w.hash), Verified)
	w.bundles = append(good[:len(good):len(good)], bad...)
	mustFind(t, Verify(w.file(t), w.hash), VerifiedWithExceptions, "exception journal-signer :0 a journal that says to be of csr1 is left aside")
}

// forged is a journal bundle under the header of another, with whatever inside
// and a signature that is none.
func forged(w *world, raw []byte, body bundle.JournalBody) []byte {
	m := must(cosesig.Parse(raw))
	context := coproc.DigestOf(m.Protected)
	var deflated bytes.Buffer
	z := must(flate.NewWriterDict(&deflated, 9, m.Protected))
	must(z.Write(must(detcbor.Marshal(body))))
	if err := z.Close(); err != nil {
		panic(err)
	}
	var sealed bytes.Buffer
	to := must(age.Encrypt(&sealed, must(bundle.HashRecipient(w.hash))))
	must(to.Write(append(context[:], deflated.Bytes()...)))
	if err := to.Close(); err != nil {
		panic(err)
	}
	m.Payload = sealed.Bytes()
	return must(m.Bytes())
}

// TestForgedParts: parts that no journal can have are refused before anything
// is computed with them.
func TestForgedParts(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1}).run()
	good := w.bundles
	part := bundle.JournalBody{Plan: w.text, Total: 100, Whole: *unknown(), Part: []byte("0123456789")}
	for _, test := range []struct {
		name string
		do   func(*bundle.JournalBody)
		why  string
	}{
		{"offset beyond all numbers", func(b *bundle.JournalBody) { b.Offset = math.MaxUint64 }, whyUnread},
		{"offset and size that overflow", func(b *bundle.JournalBody) { b.Offset = math.MaxUint64 - 9 }, whyUnread},
		{"nothing", func(b *bundle.JournalBody) { b.Part, b.Total = nil, 0 }, whyUnread},
		{"more than a journal has", func(b *bundle.JournalBody) { b.Total, b.Part = 1<<40, make([]byte, bundle.MaxJournalPart) }, whyTooMuch},
	} {
		body := part
		test.do(&body)
		raw := forged(w, good[len(good)-1], body)
		c, err := Collect(incoming(append(good[:len(good):len(good)], raw)...), nil, w.hash)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Excluded) != 1 || c.Excluded[0].Why != test.why {
			t.Errorf("%s: left out %v", test.name, c.Excluded)
		}
		w.bundles = append(good[:len(good):len(good)], raw)
		if r := Verify(w.file(t), w.hash); test.why == whyUnread && r.Verdict() != VerifiedWithExceptions {
			t.Errorf("%s: %s\n%s", test.name, r.Headline(), texts(r))
		}
	}
	x := &export{parts: map[uint64][]byte{math.MaxUint64: []byte("0123456789")}}
	if x.continues(make([]byte, 20), x) {
		t.Error("20 bytes hold what stands behind 2^64")
	}
}

// TestBudget: journals cannot unpack to more than a coprocessor writes, and
// what is brought twice counts once.
func TestBudget(t *testing.T) {
	room := newBudget()
	h := bundle.Header{From: coproc.NodeID{Name: "csr1"}, Key: []byte("key")}
	part := make([]byte, bundle.MaxJournalPart)
	put := func(h bundle.Header, i int) error {
		part[0], part[1] = byte(i), byte(i>>8)
		return room.keep(h, &bundle.JournalBody{Plan: []byte("plan"), Part: part, Total: 1})
	}
	most := (maxInflated - len("plan")) / bundle.MaxJournalPart
	for range 2 {
		for i := range most {
			if err := put(h, i); err != nil {
				t.Fatalf("part %d of %d: %v", i, most, err)
			}
		}
	}
	const want = "too much is in the journals of csr1: more than 64 MiB"
	if err := put(h, most); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	h.Key = []byte("other")
	if err := put(h, most); err != nil {
		t.Errorf("one key takes from another: %v", err)
	}
	h.Key = []byte("too long")
	if err := room.keep(h, &bundle.JournalBody{Total: maxInflated + 1}); err == nil {
		t.Error("a journal that says to be longer is taken")
	}
}

// TestTooManyBundles: the count is refused before anything is read.
func TestTooManyBundles(t *testing.T) {
	w := newWorld(shape{m: 2, n: 2, targets: 1})
	raw := data(head{magic, Level, w.plan.CeremonyID(), MaxBundles + 1})
	const want = "not a transcript: it says to have 65537 bundles, at most 65536"
	if _, err := Parse(raw); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
