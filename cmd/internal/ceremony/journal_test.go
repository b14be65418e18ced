package ceremony

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

func (w *world) journalPath(node string) string {
	return filepath.Join(w.store(w.plan.Node(node).Coprocessor), store.JournalFile)
}

// entries cuts a journal into its records.
func entries(t testing.TB, log []byte) (parts [][]byte) {
	t.Helper()
	for len(log) > 0 {
		var e journal.Entry
		rest, err := detcbor.UnmarshalFirst(log, &e)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, log[:len(log)-len(rest)])
		log = rest
	}
	return parts
}

// visit opens a store and lets its auditor log on: what every use of a store
// begins with. opened says how far it came.
func (w *world) visit(node string) (opened bool, err error) {
	w.t.Helper()
	n, err := Open(w.store(w.plan.Node(node).Coprocessor), softBackend, w.clock)
	if err != nil {
		return false, err
	}
	defer n.Close()
	_, err = n.Audit(w.people)
	return true, err
}

// Every truncation is refused: the coprocessor remembers how much there was.
func TestJournalTruncated(t *testing.T) {
	w := after(t, standard, "2a")
	path := w.journalPath("css")
	whole := readFile(t, path)
	boundary, at := map[int]bool{}, 0
	for _, record := range entries(t, whole) {
		for _, n := range []int{at, at + 1, at + 2, at + 100} {
			boundary[n] = true
		}
		at += len(record)
		boundary[at-1] = true
	}
	for n := range whole {
		if j, rest, err := journal.ParseTorn(whole[:n]); err == nil && n-rest == len(whole) {
			t.Fatalf("%d of %d bytes are the whole journal, %d records", n, len(whole), len(j.Records()))
		}
		if !boundary[n] && n%37 != 0 {
			continue // the rest of the way is long
		}
		writeFile(t, path, whole[:n])
		opened, err := w.visit("css")
		want := "records were cut off"
		if !opened {
			want = "the journal was changed or is damaged"
		}
		mustRefuse(t, err, refusal.CodeJournal, want)
		if !bytes.Equal(readFile(t, path), whole[:n]) {
			t.Fatalf("cut to %d bytes and refused: but the file was changed, which is evidence", n)
		}
	}
	writeFile(t, path, whole)
	if _, err := w.visit("css"); err != nil {
		t.Fatalf("the whole journal: %v", err)
	}
}

// torn leaves half of a record behind the journal, as a crash does.
func torn(t *testing.T, w *world, node string, tail []byte) {
	t.Helper()
	path := w.journalPath(node)
	whole := readFile(t, path)
	writeFile(t, path, append(bytes.Clone(whole), tail...))
	if _, err := w.visit(node); err != nil {
		t.Fatalf("after a torn record of %d bytes: %v", len(tail), err)
	}
	if got := readFile(t, path+journal.TornSuffix); !bytes.Equal(got, tail) {
		t.Errorf("what was cut off is %x, kept is %x", tail, got)
	}
	now := readFile(t, path)
	if !bytes.HasPrefix(now, whole) || len(now) == len(whole) {
		t.Fatalf("the journal lost what was in it")
	}
	n := w.open(node)
	defer n.Close()
	records := n.Records()
	repaired := records[len(entries(t, whole))]
	if repaired.Event != journal.EventRepaired || !strings.Contains(repaired.Text, "were cut off and kept in journal.cbor.torn") || repaired.Profile != "AUDITOR" {
		t.Errorf("the first record after the repair is %+v", repaired)
	}
	if n.Unsigned() != 0 {
		t.Errorf("%d records are not signed", n.Unsigned())
	}
}

func TestJournalTornRecord(t *testing.T) {
	w := after(t, standard, "2a")
	parts := entries(t, readFile(t, w.journalPath("css")))
	record := parts[len(parts)-1]
	for _, n := range []int{1, 2, 3, 4, len(record) / 2, len(record) - 65, len(record) - 1} {
		torn(t, w, "css", record[:n])
	}
	for _, zeros := range []int{1, 511, 4096} {
		torn(t, w, "css", make([]byte, zeros))
	}
	// And the ceremony goes on.
	w.phase("sa", "2b")
	for _, csr := range []string{"csr1", "csr2"} {
		w.phase(csr, "3a")
	}
	w.phase("sa", "3b")
	w.phase("css", "3c")
}

// What is no torn record is not repaired: garbage and half of an older record
// behind the last one are somebody's work.
func TestJournalGarbageTail(t *testing.T) {
	w := after(t, standard, "2a")
	path := w.journalPath("css")
	whole := readFile(t, path)
	first := entries(t, whole)[0]
	for name, tail := range map[string][]byte{
		"a whole old record":      first,
		"other CBOR":              {0x83, 1, 2, 3},
		"text":                    []byte("gapferry"),
		"a break":                 {0xff},
		"zeros and then no zero":  append(make([]byte, 10), 1),
		"an indefinite array":     {0x9f, 0x41, 0x00, 0x40, 0xff},
		"a record and more":       append(bytes.Clone(first), 0x82),
		"a record not in minimal": append([]byte{0x98, 0x02}, first[1:]...),
	} {
		writeFile(t, path, append(bytes.Clone(whole), tail...))
		opened, err := w.visit("css")
		if opened {
			t.Errorf("%s: the store was opened, error %v", name, err)
			continue
		}
		mustRefuse(t, err, refusal.CodeJournal, "the journal was changed or is damaged")
		if !bytes.Equal(readFile(t, path), append(bytes.Clone(whole), tail...)) {
			t.Errorf("%s: a refused journal was changed", name)
		}
	}
}

func TestJournalExchanged(t *testing.T) {
	w := after(t, standard, "2a")
	path := w.journalPath("css")
	whole := readFile(t, path)
	parts := entries(t, whole)
	join := func(order ...int) []byte {
		var b []byte
		for _, i := range order {
			b = append(b, parts[i]...)
		}
		return b
	}
	n := len(parts)
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	swapped := append([]int{}, all...)
	swapped[n-2], swapped[n-1] = n-1, n-2
	for name, c := range map[string]struct {
		journal []byte
		want    string
	}{
		"record removed":       {join(append(append([]int{}, all[:3]...), all[4:]...)...), "record 4: it is numbered 5: records were removed or exchanged"},
		"first removed":        {join(all[1:]...), "record 1: "},
		"two swapped":          {join(swapped...), "records were removed or exchanged"},
		"record twice":         {join(append([]int{0}, all...)...), "record 2: it is numbered 1"},
		"empty":                {nil, "it is empty"},
		"another node's":       {readFile(t, w.journalPath("csr1")), "it is signed by another coprocessor's key"},
		"another's records":    {append(bytes.Clone(parts[0]), bytes.Join(entries(t, readFile(t, w.journalPath("sa")))[1:], nil)...), "record 2: it does not continue the record before it"},
		"the one before":       {join(all[:n-1]...), "records were cut off"},
		"before the ceremony":  {parts[0], "records were cut off"},
		"not even a beginning": {make([]byte, 300), "record 1: "},
	} {
		writeFile(t, path, c.journal)
		_, err := w.visit("css")
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		mustRefuse(t, err, refusal.CodeJournal, c.want)
	}
	// A store whose journal is gone is no store.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	_, err := w.visit("css")
	mustRefuse(t, err, refusal.CodeNotHere, "there is no store in")
}

// A copy of the store was used elsewhere, and its journal put in the place of
// the real one: as long, signed by the same key, and another story.
func TestJournalOfACopy(t *testing.T) {
	w := after(t, standard, "2a")
	rest := w.snapshot()
	copied := rest.restore(t)
	copied.now = copied.now.Add(time.Hour)
	for _, each := range []*world{w, copied} {
		if _, err := each.visit("css"); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, w.journalPath("css"), readFile(t, copied.journalPath("css")))
	_, err := w.visit("css")
	mustRefuse(t, err, refusal.CodeJournal, "or one before it is not the one that the coprocessor signed")
}

// Looking at a store changes nothing: a torn record is cut off, and that is
// told, when the first record behind it is written, even by nobody.
func TestJournalTornAndOnlyLookedAt(t *testing.T) {
	w := after(t, standard, "2a")
	path := w.journalPath("css")
	before := append(readFile(t, path), 0x82, 0x58)
	writeFile(t, path, before)
	w.open("css").Close()
	if !bytes.Equal(readFile(t, path), before) {
		t.Error("opening the store changed the journal")
	}
	wrongPassphrase(w, "css")
	n := w.open("css")
	defer n.Close()
	last := n.Records()[len(n.Records())-2:]
	if last[0].Event != journal.EventRepaired || last[1].Event != journal.EventRefused || n.Unsigned() != 2 {
		t.Errorf("the last records are %+v", last)
	}
	if got := readFile(t, path+journal.TornSuffix); !bytes.Equal(got, []byte{0x82, 0x58}) {
		t.Errorf("kept is %x", got)
	}
}
