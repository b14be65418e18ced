package transcript

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/coproc"
)

// clockRule checks that no time runs backwards.
type clockRule struct{ *replay }

// check checks that no journal's time runs backwards, and that nothing was
// taken in long before it was made.
func (c clockRule) check() {
	const rule = "clock"
	for _, l := range c.instances {
		bad := map[uint64]bool{}
		for _, b := range l.clocks.Bad {
			bad[b.Seq] = true
			c.fault(rule, l.entries[b.Seq-1], "it is about a wrong clock, and %v", b.Err)
		}
		for _, e := range l.entries {
			if e.Event == journal.EventClock && !bad[e.Seq] {
				c.find(Exception, rule, e, "%s", c.clockSaid(e))
			}
		}
		l.clocks.Back(func(seq, first, last uint64) {
			e := l.entries[seq-1]
			c.fault(rule, e, "the clock went back by %s%s", span(l.entries[last-1].Time-e.Time), either(e.accountWith(first, last)))
		})
	}
	for _, e := range c.entries {
		w := c.writer(e)
		if !e.attended() || w == nil || w.instance == e.instance {
			continue // of what nobody signed the time is whatever somebody wrote there
		}
		_, to := e.span()
		from, _ := w.span()
		text := fmt.Sprintf("the %s was taken in %s before it was made at %s", w.Kind, span(w.Time-e.Time), w.name())
		switch {
		case to+skew < from && e.Time+skew < w.Time:
			c.fault(rule, e, "%s%s", text, either(
				e.accountWith(e.Seq, e.instance.while(e.Seq, func(t int64) bool { return t+skew < w.Time })),
				w.accountWith(w.Seq, w.instance.while(w.Seq, func(t int64) bool { return t-skew > e.Time }))))
		case to+skew < from:
			c.fault(rule, e, "the %s was taken in before it was made at %s: it was made after %s, and %s", w.Kind, w.name(), journal.InWords(from), c.clockOf(e, w))
		case e.Time+skew < w.Time:
			c.find(Exception, rule, e, "%s: %s", text, c.clockOf(e, w))
		}
	}
}

// A clock that was wrong and was put right is no lie. An officer of that room
// says so in a signed record, of which records before it and by how much, and
// the times of those count as unknown: between those of the signed records around
// them whose clocks were right. That excuses nothing by itself. What cannot have
// been at any time between those stays a fault, and so does what the record says
// of other differences than there are; the rest is an exception that names the
// officer. Order between rooms comes from bundles all the same.

const skew = int64(coproc.ClockSkew / time.Second)

// clockSaid is what an officer confirmed.
func (c clockRule) clockSaid(e *entry) string {
	d, err := journal.DataOf[journal.ClockData](*e.Record)
	if err != nil {
		return err.Error() // Bad has it
	}
	text := c.who(e.Profile) + " confirmed that the clock of this room is right"
	if d.Against != journal.AgainstOfficer && d.First == 0 {
		text += fmt.Sprintf(", although it was held against %s of %s", clip(d.Against, 40), journal.InWords(d.Other))
	}
	if d.First > 0 {
		text += fmt.Sprintf("; that it was %s in records %d to %d", journal.OffInWords(d.Off), d.First, d.Last)
	}
	if e.instance.clocks.By(e.Seq) > 0 {
		text += "; it was not: " + c.clockOf(e)
	}
	return text
}

// while is the last signed record from seq on up to which the clock says what
// cannot be.
func (l *instance) while(seq uint64, wrong func(int64) bool) (last uint64) {
	last = seq
	for _, e := range l.entries[seq-1:] {
		if !e.attended() {
			continue
		}
		if !wrong(e.Time) {
			break
		}
		last = e.Seq
	}
	return last
}

// accountWith is what an honest room says whose clock was wrong in records, with
// one of whom this is. A journal that ended can account for nothing any more.
func (e *entry) accountWith(first, last uint64) string {
	if e.instance.superseded {
		return ""
	}
	return fmt.Sprintf("at %s: gapferry journal clock --profile %s --first %d --last %d", e.name(), e.instance.nodes[0].Officers.Audit, first, last)
}

// either says what to do where a clock was wrong, in one of the rooms.
func either(rooms ...string) string {
	rooms = slices.DeleteFunc(rooms, func(s string) bool { return s == "" })
	if len(rooms) == 0 {
		return ""
	}
	return ". If a clock was wrong, and is right now, an officer of that room accounts for it, and the journal is handed out again: " + strings.Join(rooms, "; or ")
}
