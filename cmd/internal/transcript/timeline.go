package transcript

import (
	"container/heap"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/coproc"
)

// arrange puts the records of all journals into one order: that of each journal
// is kept, a bundle is written before it is taken in, and among what is free
// the clocks decide. Clocks alone decide nothing that a rule looks at.
func (c *checker) arrange() {
	for _, l := range c.lives {
		for _, e := range l.entries {
			if e.Event == journal.EventWritten && e.Bundle != nil && c.written[*e.Bundle] == nil {
				c.written[*e.Bundle] = e
			}
		}
	}
	q := &queue{}
	waiting := map[coproc.Digest][]*cursor{} // for a bundle to be written
	stuck := map[*cursor]bool{}
	held := map[*life]*cursor{} // by the life before: a coprocessor that was set up anew
	over := map[*life]bool{}
	next := func(u *cursor) {
		if u.i == len(u.life.entries) {
			over[u.life] = true
			if v := held[u.life]; v != nil {
				delete(held, u.life)
				heap.Push(q, v)
			}
			return
		}
		if b := u.life.before; u.i == 0 && b != nil && !over[b] {
			held[b] = u
			return
		}
		if w := c.writer(u.life.entries[u.i]); w != nil && w.at == 0 && w.life != u.life {
			waiting[*w.Bundle] = append(waiting[*w.Bundle], u)
			stuck[u] = true
			return
		}
		heap.Push(q, u)
	}
	for i, l := range c.lives {
		next(&cursor{life: l, order: i})
	}
	for q.Len() > 0 || len(stuck) > 0 || len(held) > 0 {
		var first *cursor
		var before *life
		if q.Len() == 0 && len(held) > 0 {
			// The coprocessor was still at work when it was set up anew: one of
			// its lives waits for the other. That one goes on is no lie.
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
		e := u.life.entries[u.i]
		c.entries = append(c.entries, e)
		e.at = len(c.entries)
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
func (c *checker) writer(e *entry) *entry {
	if e.Bundle == nil || e.Event != journal.EventTask && e.Event != journal.EventReceived && e.Event != journal.EventCanceled {
		return nil
	}
	return c.written[*e.Bundle]
}

// cursor is the next record of one journal.
type cursor struct {
	life  *life
	order int
	i     int
}

func (u *cursor) before(v *cursor) bool {
	a, b := u.life.entries[u.i], v.life.entries[v.i]
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
