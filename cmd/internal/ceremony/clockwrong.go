package ceremony

import (
	"errors"
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

// unaccounted are the records that were made while the clock was wrong and that
// no clock record accounts for: such as are followed by an earlier one, and such
// as are from before there was any such program, where a later one is not.
func unaccounted(c *journal.Clocks, records []journal.Record, now int64) (all []journal.Wrong) {
	c.Back(func(_, first, last uint64) { all = append(all, journal.Wrong{First: first, Last: last}) })
	floor := journal.LevelBegan.Unix()
	var early journal.Wrong
	for _, r := range records {
		if r.Event == journal.EventClock {
			// It says what the program was released on that wrote it, but not more than
			// is known here: else one officer with a program of their own could have the
			// others asked to call what they sign after it wrong.
			if d, err := journal.DataOf[journal.ClockData](r); err == nil && d.Against == journal.AgainstRelease {
				floor = max(floor, min(d.Other, journal.Released.Unix()))
				if r.Seq == 2 && early.First == 0 && c.Right(1) && records[0].Time < floor {
					early.First, early.Last = 1, 1 // the store was made in the same run
				}
			}
		}
		if !c.Right(r.Seq) {
			continue
		}
		switch {
		case r.Time < floor && early.First == 0:
			early.First, early.Last = r.Seq, r.Seq
		case r.Time < floor:
			early.Last = r.Seq
		case early.First > 0:
			all = append(all, early)
			early = journal.Wrong{}
		}
	}
	if early.First > 0 && now >= floor {
		all = append(all, early)
	}
	return all
}

// accountForClock asks once whether the clock was wrong in records that say so
// by themselves, and that nobody accounted for. The clock of now is not in
// question: a no, or a script that cannot answer, stops nothing.
func (r *clockWatch) accountForClock() error {
	now := r.n.Now()
	if r.clockAsked || now.Before(journal.Released) {
		return nil
	}
	for _, w := range unaccounted(r.n.clocks(), r.n.Journal().Records(), now.Unix()) {
		r.clockAsked = true
		if err := r.accountFor(w, journal.AgainstJournal); errors.Is(err, ErrNoAnswer) {
			r.progress(Warning, "", 0, "the clock was wrong in records %d to %d of this room's journal, and nobody has confirmed that: %s",
				w.First, w.Last, "the next officer who logs on at the terminal is asked")
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// accountFor has the officer who is logged on confirm that the clock was wrong in
// records, and is right now.
func (r *clockWatch) accountFor(w journal.Wrong, against string) error {
	now := r.n.Now()
	off, err := r.n.clockOff(w, now.Unix())
	if err != nil {
		return refusal.New(refusal.CodeClock, "%w", err)
	}
	records := r.n.Journal().Records()
	c := Confirmation{
		Act: "sign that this machine's clock was wrong, and that it is right now", Officer: true,
		Facts: [][2]string{
			{"the clock says", journal.InWords(now.Unix())},
			{"it was wrong in", fmt.Sprintf("records %d to %d", w.First, w.Last)},
			{"they say", journal.InWords(records[w.First-1].Time) + ", to " + journal.InWords(records[w.Last-1].Time)},
			{"so it was", journal.OffInWords(off)},
		},
		With: "a watch, and with the date of today",
	}
	if err := r.desk.Confirm(c); err != nil {
		return err
	}
	return r.recordClockAs(journal.ClockData{Against: against, Other: records[w.Last-1].Time, First: w.First, Last: w.Last}, r.n.Now())
}
