package transcript

import (
	"container/heap"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// timeline has every record of all journals, in one order.
type timeline struct {
	*bundleCheck
	entries []*entry
	written map[coproc.Digest]*entry // who wrote a bundle
}

func newTimeline(b *bundleCheck) *timeline {
	return &timeline{bundleCheck: b, written: map[coproc.Digest]*entry{}}
}

// entry is a record in the timeline.
type entry struct {
	*journal.Record
	instance *instance
	node     *plan.Node // the one concerned; nil where the plan does not have it here
	at       int        // in the timeline, from 1
	marked   Severity   // the gravest finding about it, plus 1
	length   int        // of its text, in bytes, before it was clipped

	pattern []byte // of a master key that was set under another SA
}

// instanceNode is a node in one instance of its coprocessor.
type instanceNode struct {
	instance *instance
	node     string
}

// instanceDigest is a bundle at a coprocessor.
type instanceDigest struct {
	instance *instance
	digest   coproc.Digest
}

// buildTimeline puts the records of all journals into one order: that of each journal
// is kept, a bundle is written before it is taken in, and among what is free
// the clocks decide. Clocks alone decide nothing that a rule looks at.
func (t *timeline) buildTimeline() {
	for _, l := range t.instances {
		for _, e := range l.entries {
			if e.Event == journal.EventWritten && e.Bundle != nil && t.written[*e.Bundle] == nil {
				t.written[*e.Bundle] = e
			}
		}
	}
	q := &queue{}
	waiting := map[coproc.Digest][]*cursor{} // for a bundle to be written
	stuck := map[*cursor]bool{}
	held := map[*instance]*cursor{} // by the instance before: a coprocessor that was set up anew
	over := map[*instance]bool{}
	next := func(u *cursor) {
		if u.i == len(u.instance.entries) {
			over[u.instance] = true
			if v := held[u.instance]; v != nil {
				delete(held, u.instance)
				heap.Push(q, v)
			}
			return
		}
		if b := u.instance.predecessor; u.i == 0 && b != nil && !over[b] {
			held[b] = u
			return
		}
		if w := t.writer(u.instance.entries[u.i]); w != nil && w.at == 0 && w.instance != u.instance {
			waiting[*w.Bundle] = append(waiting[*w.Bundle], u)
			stuck[u] = true
			return
		}
		heap.Push(q, u)
	}
	for i, l := range t.instances {
		next(&cursor{instance: l, order: i})
	}
	for q.Len() > 0 || len(stuck) > 0 || len(held) > 0 {
		var first *cursor
		var before *instance
		if q.Len() == 0 && len(held) > 0 {
			// The coprocessor was still at work when it was set up anew: one of
			// its instances waits for the other. That one goes on is no lie.
			for b, v := range held {
				if first == nil || v.before(first) {
					first, before = v, b
				}
			}
			delete(held, before)
			heap.Push(q, first)
		} else if q.Len() == 0 {
			// Each waits for another: that cannot be, and some signed a lie. The
			// first by its clock goes on, and sent-received tells of it.
			for u := range stuck {
				if first == nil || u.before(first) {
					first = u
				}
			}
			delete(stuck, first)
			heap.Push(q, first)
		}
		u := heap.Pop(q).(*cursor)
		e := u.instance.entries[u.i]
		t.entries = append(t.entries, e)
		e.at = len(t.entries)
		u.i++
		next(u)
		if e.Event == journal.EventWritten && e.Bundle != nil {
			for _, w := range waiting[*e.Bundle] {
				if stuck[w] {
					delete(stuck, w)
					heap.Push(q, w)
				}
			}
			delete(waiting, *e.Bundle)
		}
	}
}

// writer is the record of the bundle that a record took in, if it did.
func (t *timeline) writer(e *entry) *entry {
	if e.Bundle == nil || e.Event != journal.EventTask && e.Event != journal.EventReceived && e.Event != journal.EventCanceled {
		return nil
	}
	return t.written[*e.Bundle]
}

// cursor is the next record of one journal.
type cursor struct {
	instance *instance
	order    int
	i        int
}

func (u *cursor) before(v *cursor) bool {
	a, b := u.instance.entries[u.i], v.instance.entries[v.i]
	if a.Time != b.Time {
		return a.Time < b.Time
	}
	return u.order < v.order
}

// queue has the journals whose next record can go into the timeline.
type queue []*cursor

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].before(q[j]) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*cursor)) }
func (q *queue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// attended reports whether an officer signed the record when it was written.
func (e *entry) attended() bool { return e.instance.journal.Signed(e.Seq) }

// is reports whether a record is of an event about a kind of bundle.
func (e *entry) is(event journal.Event, kind bundle.Kind) bool {
	return e.Event == event && e.Kind == kind
}

// isTask reports whether a record is of a task.
func (e *entry) isTask(task procedure.TaskID) bool {
	return e.Event == journal.EventTask && e.Task == task
}

// name is that of the node concerned: the record's, or the first of its
// coprocessor.
func (e *entry) name() string {
	if e.node != nil {
		return e.node.Name
	}
	return e.instance.nodes[0].Name
}

// ref points at a record.
func (e *entry) ref() RecordRef {
	return RecordRef{Node: e.name(), Record: e.Seq, Time: e.Time}
}

// span is between which times a record was made.
func (e *entry) span() (from, to int64) { return e.instance.clocks.Span(e.Seq) }

// place is where a record was made.
func (e *entry) place() instanceNode { return instanceNode{e.instance, e.name()} }
