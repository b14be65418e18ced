package transcript

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// tamper is one thing that is wrong with a ceremony, and what tells of it.
type tamper struct {
	name string
	// lie is called before the ceremony. Most change one record before it is
	// signed, which liar.record remembers.
	lie  func(*liar)
	rule string
	node string
	// text is part of the finding; the record is the one that was changed,
	// unless the finding is at none.
	text     string
	noRecord bool
	sealed   bool     // it is about bundles: the others do without them
	weight   Severity // Fault, unless said otherwise
}

// liar is a world and the record in it that is a lie.
type liar struct {
	*world
	record uint64
	told   bool // the lie was told
	hash   *coproc.Thumbprint
	// exception says that it is told, and no fault.
	exception bool
}

// change changes the first record that fits.
func (l *liar) change(fits func(*journal.Record) bool, do func(*journal.Record)) {
	l.decide(fits, func(r *journal.Record) sign { do(r); return signed })
}

func (l *liar) decide(fits func(*journal.Record) bool, do func(*journal.Record) sign) {
	l.onRecord = func(_ *book, r *journal.Record) sign {
		if l.told || !fits(r) {
			return signed
		}
		l.told, l.record = true, r.Seq
		return do(r)
	}
}

// here notes that the next record of a coprocessor is the lie.
func (l *liar) here(device string) {
	l.told, l.record = true, uint64(len(l.books[device].records)+1)
}

// when does something at a point of the ceremony.
func (l *liar) when(point string, do func()) {
	l.at = func(p string) {
		if p == point {
			do()
		}
	}
}

func task(node string, t procedure.TaskID, share int) func(*journal.Record) bool {
	return func(r *journal.Record) bool {
		return r.Event == journal.EventTask && r.Node == node && r.Task == t && r.Share == share
	}
}

func event(node string, e journal.Event, k bundle.Kind) func(*journal.Record) bool {
	return func(r *journal.Record) bool { return r.Event == e && r.Node == node && r.Kind == k }
}

// rawAt changes the file of csr1's journal at record 9, after it was written.
func rawAt(do func(raw [][]byte, i int) [][]byte) func(*liar) {
	return func(l *liar) {
		l.when("received", func() {
			b := l.books["csr1"]
			l.told, l.record = true, 9
			b.raw = do(b.raw, 8)
		})
	}
}

// replaceIn changes bytes of one entry of a journal's file.
func replaceIn(raw [][]byte, i int, from, to string) [][]byte {
	if !bytes.Contains(raw[i], []byte(from)) {
		panic("nothing to change")
	}
	raw[i] = bytes.Replace(raw[i], []byte(from), []byte(to), 1)
	return raw
}

func unknown() *coproc.Digest {
	d := coproc.DigestOf([]byte("a bundle that nobody made"))
	return &d
}

// tampers are all of them.
var tampers = slices.Concat(
	journalTampers, officerTampers, orderTampers, unregisterTampers, sentTampers,
	certificateTampers, statementTampers, compareTampers, cancelTampers, bundleTampers,
)

// TestTampered: whatever is changed is found, at the node and the record where
// it was changed.
func TestTampered(t *testing.T) {
	for _, test := range tampers {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := &liar{world: newWorld(shape{m: 2, n: 3, targets: 2})}
			l.bare = !test.sealed
			test.lie(l)
			l.run()
			hash := l.world.hash
			if l.hash != nil {
				hash = *l.hash
			}
			weight := Fault
			if test.weight != 0 {
				weight = test.weight
			}
			r := l.verify(t, hash)
			NoteWeights(r)
			if l.exception {
				weight = Exception
			}
			verdict := map[Severity]Verdict{Fault: NotVerified, Open: Incomplete, Exception: VerifiedWithExceptions}[weight]
			if r.Verdict() != verdict {
				t.Errorf("verdict %d, want %d", r.Verdict(), verdict)
			}
			if !test.noRecord && !l.told {
				t.Fatal("nothing was changed")
			}
			for _, f := range r.Findings {
				if f.Severity == weight && f.Rule == test.rule && f.Ref.Node == test.node && strings.Contains(f.Text, test.text) &&
					(test.noRecord || f.Ref.Record == l.record) {
					return
				}
			}
			t.Errorf("no %s (%s) at %s record %d with %q among:\n%s", weight, test.rule, test.node, l.record, test.text, texts(r))
		})
	}
}
