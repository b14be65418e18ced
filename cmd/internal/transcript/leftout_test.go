package transcript

import (
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
)

// TestLeftOut: none of the records of what was done, made or taken in can be
// left out by who writes the journal, even with the right keys. What is left to
// them is not to say that something was put on a stick, and at one of two
// nodes not to say that a receipt was taken in.
func TestLeftOut(t *testing.T) {
	count := 0
	for i := 0; ; i++ {
		w := newWorld(shape{m: 2, n: 2, targets: 1})
		w.bare = true
		seen := 0
		var left *journal.Record
		w.onRecord = func(_ *book, r *journal.Record) sign {
			switch r.Event {
			case journal.EventTask, journal.EventWritten, journal.EventReceived:
				if seen++; seen == i+1 && !(r.Event == journal.EventReceived && r.Kind == bundle.KindReceipt) {
					left = r
					return skipped
				}
			}
			return signed
		}
		w.run()
		if i == seen {
			break
		}
		if left == nil {
			continue
		}
		count++
		if r := w.verify(t, w.hash); r.Verdict() != NotVerified && r.Verdict() != Incomplete {
			t.Errorf("without %s %s%s at %s (record %d): %s\n%s", left.Event, left.Task, left.Kind, left.Node, left.Seq, r.Headline(), texts(r))
		}
	}
	if count < 35 {
		t.Errorf("only %d records were left out", count)
	}
}
