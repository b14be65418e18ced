package ceremony

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// flips tries single changed bits. Where the journal still reads, the store
// is opened and an officer logs on, and that must be refused, but for the
// bytes from free on.
func flips(t *testing.T, w *world, node string, free, step int) (accepted int) {
	t.Helper()
	whole := readFile(t, w.journalPath(node))
	rest := w.snapshot()
	late := 0
	for bit := 0; bit < 8*len(whole); bit += step {
		b := bytes.Clone(whole)
		b[bit/8] ^= 1 << (bit % 8)
		if _, _, err := journal.ParseTorn(b); err != nil {
			continue // refused when the store is opened
		}
		late++
		w := rest.restore(t)
		writeFile(t, w.journalPath(node), b)
		if _, err := w.visit(node); err == nil {
			if bit/8 < free {
				t.Errorf("bit %d of byte %d of %d was changed, and the store is in use", bit%8, bit/8, len(whole))
			}
			accepted++
		} else {
			mustRefuse(t, err, refusal.CodeJournal, "")
		}
	}
	t.Logf("%d bits, %d got as far as the log-on, %d were accepted", 8*len(whole)/step, late, accepted)
	return accepted
}

// A short journal: every bit.
func TestJournalEveryBit(t *testing.T) {
	w := after(t, standard, "")
	if n := len(entries(t, readFile(t, w.journalPath("csr1")))); n != 1 {
		t.Fatalf("%d records", n)
	}
	if got := flips(t, w, "csr1", 1<<30, 1); got != 0 {
		t.Errorf("%d changes were accepted", got)
	}
}

// A long one: samples.
func TestJournalSomeBits(t *testing.T) {
	w := after(t, small, "3d")
	if got := flips(t, w, "css", 1<<30, 37); got != 0 {
		t.Errorf("%d changes were accepted", got)
	}
}

// wrongPassphrase makes the last records of a journal ones without signature.
func wrongPassphrase(w *world, node string) {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	w.people.wrong = map[string]bool{"AUDITOR": true}
	_, err := n.Audit(w.people)
	mustRefuse(w.t, err, refusal.CodePassphrase, "AUDITOR did not log on")
	w.people.wrong = nil
}

// While nobody is logged on, nobody can sign. What such a record says can be
// changed, or be cut off with the record, unnoticed until the next officer
// signs over it: no more than a note of a refusal or of a copy is in there.
func TestJournalUnsignedTail(t *testing.T) {
	w := after(t, standard, "1")
	path := w.journalPath("sa")
	signed := len(readFile(t, path))
	wrongPassphrase(w, "sa")
	whole := readFile(t, path)
	accepted := flips(t, w, "sa", signed, 11)
	if accepted == 0 {
		t.Error("no changed bit was accepted: the tail is signed, and this test and its comment are out of date")
	}
	writeFile(t, path, whole[:signed])
	if _, err := w.visit("sa"); err != nil {
		t.Errorf("without its unsigned tail: %v", err)
	}

	// The next signature covers the tail.
	w = after(t, standard, "1")
	path = w.journalPath("sa")
	wrongPassphrase(w, "sa")
	if n := w.open("sa"); n.Unsigned() != 1 {
		t.Errorf("%d unsigned records", n.Unsigned())
	} else {
		n.Close()
	}
	if _, err := w.visit("sa"); err != nil {
		t.Fatal(err)
	}
	b := bytes.Replace(readFile(t, path), []byte("wrong passphrase for"), []byte("right passphrase for"), 1)
	writeFile(t, path, b)
	if opened, err := w.visit("sa"); opened || err == nil {
		t.Errorf("a covered record was changed: %v", err)
	}
}

// appended puts a record behind a journal without anybody's signature.
func appended(t *testing.T, path string, r journal.Record) {
	t.Helper()
	whole := readFile(t, path)
	j, _, err := journal.ParseTorn(whole)
	if err != nil {
		t.Fatal(err)
	}
	r.Seq, r.Previous, r.Time = uint64(len(j.Records())+1), j.Head(), testNow.Unix()
	body, err := detcbor.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := detcbor.Marshal(journal.Entry{Body: body})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, append(whole, b...))
}

// Whoever can write to the disk cannot make tasks look done: acts are always
// signed when they are written.
func TestJournalRecordByHand(t *testing.T) {
	for _, event := range []journal.Event{journal.EventTask, journal.EventReceived, journal.EventWritten, journal.EventAct, journal.EventInit, "made up"} {
		w := after(t, standard, "2a")
		appended(t, w.journalPath("css"), journal.Record{
			Event: event, Phase: "2a", Node: "css", Task: procedure.TaskObtainMasterKey, Profile: "VERIFIER", Text: "by hand", Data: []byte("01234567"),
		})
		opened, err := w.visit("css")
		if err == nil {
			t.Errorf("%q by hand: accepted", event)
			continue
		}
		if opened {
			t.Errorf("%q by hand: only found out at log-on", event)
		}
		mustRefuse(t, err, refusal.CodeJournal, "")
	}
	for _, event := range []journal.Event{journal.EventRefused, journal.EventCopied, journal.EventRepaired} {
		w := after(t, standard, "2a")
		appended(t, w.journalPath("css"), journal.Record{Event: event, Phase: "2a", Node: "css", Text: "by hand"})
		if _, err := w.visit("css"); err != nil {
			t.Errorf("%q by hand: %v", event, err)
		}
	}
}

// Nor can a signature be taken away, to change what it covered.
func TestJournalSignatureRemoved(t *testing.T) {
	w := after(t, standard, "2a")
	path := w.journalPath("css")
	parts := entries(t, readFile(t, path))
	for i := range parts {
		var e journal.Entry
		if err := detcbor.Unmarshal(parts[i], &e); err != nil {
			t.Fatal(err)
		}
		if len(e.Signature) == 0 {
			continue
		}
		stripped, err := detcbor.Marshal(journal.Entry{Body: e.Body})
		if err != nil {
			t.Fatal(err)
		}
		var r journal.Record
		if err := detcbor.Unmarshal(e.Body, &r); err != nil {
			t.Fatal(err)
		}
		b := bytes.Join(append(append(append([][]byte{}, parts[:i]...), stripped), parts[i+1:]...), nil)
		writeFile(t, path, b)
		_, err = w.visit("css")
		if harmless := r.Event == journal.EventRefused || r.Event == journal.EventCopied; err == nil && !harmless {
			t.Errorf("record %d, %q: its signature is gone and nobody minds", i+1, r.Event)
		} else if err != nil && !strings.Contains(err.Error(), "journal") {
			t.Errorf("record %d: %v", i+1, err)
		}
	}
}
