package journal

import (
	"fmt"
	"math"
	"time"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// What a clock can be held against, beside bundles.
const (
	AgainstRelease = "release" // the day on which the program was released
	AgainstJournal = "journal" // the last record that was signed at this coprocessor
	AgainstOfficer = "officer" // an officer accounts for records that were made before
)

// MaxClockBack is how far a clock may go back between two signed records: what
// setting it right to the minute may take.
const MaxClockBack = 5 * time.Minute

const ClockBack = int64(MaxClockBack / time.Second)

// ClockData is the Data of EventClock. The officer who signs the record
// confirms that the clock is right at it, and, where First is not 0, that it was
// wrong in the records First to Last of the same journal.
type ClockData struct {
	Against string `cbor:"1,keyasint"` // what the clock was held against: AgainstRelease, AgainstJournal, AgainstOfficer or a kind of bundle
	Other   int64  `cbor:"2,keyasint"` // Unix seconds: what that says
	// Off is by how many seconds the clock was wrong in those records: at least
	// so far ahead, or, below zero, at most so far behind. See ClockOff.
	First  uint64        `cbor:"3,keyasint,omitempty"`
	Last   uint64        `cbor:"4,keyasint,omitempty"`
	Off    int64         `cbor:"5,keyasint,omitempty"`
	Bundle coproc.Digest `cbor:"6,keyasint,omitzero"` // of a kind of bundle: which
}

// ClockOff is by how many seconds a clock was off in the records first to last,
// held against the first signed record after them, whose clock is said to be
// right. Of records that nobody signed the time is whatever somebody wrote there.
func ClockOff(records []Record, signed func(seq uint64) bool, first, last uint64) (int64, error) {
	if first == 0 || first > last || last >= uint64(len(records)) {
		return 0, fmt.Errorf("there are no records %d to %d with one behind them", first, last)
	}
	earliest, latest, any := int64(math.MaxInt64), int64(math.MinInt64), false
	for seq := first; seq <= last; seq++ {
		if signed(seq) {
			t := records[seq-1].Time
			earliest, latest, any = min(earliest, t), max(latest, t), true
		}
	}
	after := int64(0)
	for seq := last + 1; ; seq++ {
		if seq > uint64(len(records)) {
			return 0, fmt.Errorf("no record behind %d is signed", last)
		}
		if signed(seq) {
			after = records[seq-1].Time
			break
		}
	}
	switch {
	case !any:
		return 0, fmt.Errorf("none of the records %d to %d is signed", first, last)
	case latest > after+ClockBack:
		return latest - after, nil
	case earliest < after:
		return earliest - after, nil
	}
	return 0, fmt.Errorf("the clock of the records %d to %d does not differ from that of the record behind them", first, last)
}

// maxClockRecords is how many clock records of a journal are looked at: honest
// rooms have a few, and each may be about all records before it.
const maxClockRecords = 256

// Clocks is what the clock records of one journal say of its other records.
type Clocks struct {
	records []Record
	signed  func(uint64) bool
	by      []uint64 // by record: the clock record that says that its clock was wrong; 0 for none
	span    [][2]int64
	Bad     []BadClock // in the order of the journal
}

// BadClock is a clock record that says what its journal does not have.
type BadClock struct {
	Seq uint64
	Err error
}

// ClocksOf reads the clock records of a journal.
func ClocksOf(records []Record, signed func(seq uint64) bool) *Clocks {
	c := &Clocks{records: records, signed: signed, by: make([]uint64, len(records)+1)}
	accounts := 0
	for _, r := range records {
		if r.Event != EventClock {
			continue
		}
		d, err := DataOf[ClockData](r)
		if err == nil && !signed(r.Seq) {
			err = fmt.Errorf("nobody signed it")
		}
		if err == nil && d.First != 0 {
			if accounts++; accounts > maxClockRecords {
				err = fmt.Errorf("more than %d records here are", maxClockRecords)
			} else {
				err = c.cover(r, d)
			}
		}
		if err != nil {
			c.Bad = append(c.Bad, BadClock{r.Seq, err})
		}
	}
	c.bound()
	return c
}

// bound finds for each record between which times it was made.
func (c *Clocks) bound() {
	c.span = make([][2]int64, len(c.records)+1)
	before := int64(math.MinInt64)
	for _, r := range c.records {
		c.span[r.Seq] = [2]int64{before, r.Time}
		if c.Right(r.Seq) {
			before = r.Time
		}
	}
	after, any := int64(0), false
	for seq := uint64(len(c.records)); seq > 0; seq-- {
		t, span := c.records[seq-1].Time, &c.span[seq]
		switch {
		case c.by[seq] == 0:
			*span = [2]int64{t, t}
		case any:
			span[1] = max(span[0], after)
		}
		if c.Right(seq) {
			after, any = t, true
		}
	}
}

// cover takes a clock record at its word, if the records before it have the
// difference that it states.
func (c *Clocks) cover(r Record, d ClockData) error {
	if d.First > d.Last || d.Last >= r.Seq {
		return fmt.Errorf("it is about records %d to %d, which do not all come before it", d.First, d.Last)
	}
	off, err := ClockOff(c.records[:r.Seq], c.signed, d.First, d.Last)
	if err == nil && ((off > 0) != (d.Off > 0) || max(off-d.Off, d.Off-off) > ClockBack) {
		err = fmt.Errorf("it says that the clock was off by %d seconds in records %d to %d, the records say %d", d.Off, d.First, d.Last, off)
	}
	if err != nil {
		return err
	}
	for seq := d.First; seq <= d.Last; seq++ {
		if c.by[seq] == 0 {
			c.by[seq] = r.Seq
		}
	}
	return nil
}

// By is the clock record that says that the clock of record seq was wrong; 0
// where none does.
func (c *Clocks) By(seq uint64) uint64 { return c.by[seq] }

// Span is between which times record seq was made: both are its own, unless a
// clock record says that its clock was wrong. Then it was made between the
// signed records around it whose clocks were right; from is the lowest time
// there is where none comes before it.
func (c *Clocks) Span(seq uint64) (from, to int64) { return c.span[seq][0], c.span[seq][1] }

// Right reports whether a record is signed and nothing says that its clock was
// wrong.
func (c *Clocks) Right(seq uint64) bool { return c.signed(seq) && c.by[seq] == 0 }

// Back calls found for each signed record whose clock is more than MaxClockBack
// behind that of the signed record before it, where no clock record accounts for
// either: with those before it, first to last, that are later than it.
func (c *Clocks) Back(found func(seq, first, last uint64)) {
	last := uint64(0)
	for _, r := range c.records {
		if !c.Right(r.Seq) {
			continue
		}
		if last > 0 && r.Time < c.records[last-1].Time-ClockBack {
			first, last := c.AheadOf(last, r.Time)
			found(r.Seq, first, last)
		}
		last = r.Seq
	}
}

// Wrong are records that were made while a clock was wrong.
type Wrong struct{ First, Last uint64 }

// AheadOf are the records up to before whose clock was ahead of a time: those
// that are later than it, back to the first that nothing accounts for. Zero
// stands for none.
func (c *Clocks) AheadOf(before uint64, now int64) (first, last uint64) {
	for seq := before; seq > 0 && c.by[seq] == 0; seq-- {
		if c.signed(seq) && c.records[seq-1].Time > now+ClockBack {
			first, last = seq, before
		}
	}
	return first, last
}

// Released is the day on which this version was released, or a little before:
// no clock that says less can be right. EACH RELEASE MOVES IT, and NEWS.md says
// so.
var Released = time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)

// LevelBegan is when there was no version of this level yet. It never moves:
// what a journal or a certificate says to be older was made by a wrong clock.
var LevelBegan = time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)

// Record gives text and data of a clock record.
func (d ClockData) Record(now int64) (text string, data []byte, err error) {
	text = fmt.Sprintf("the clock is right: it says %s, although %s", InWords(now), d.words())
	if d.First > 0 {
		text = fmt.Sprintf("the clock is right: it says %s; it was %s in records %d to %d", InWords(now), OffInWords(d.Off), d.First, d.Last)
	}
	data, err = detcbor.Marshal(d)
	return text, data, err
}

// words say what a clock was held against.
func (d ClockData) words() string {
	switch d.Against {
	case AgainstRelease:
		return "this gapferry was released on " + InWords(d.Other)
	case AgainstJournal:
		return "what was signed here last is of " + InWords(d.Other)
	case AgainstOfficer:
		return "records that were signed here before differ"
	}
	return fmt.Sprintf("a %s was made on %s by the clock of its room", d.Against, InWords(d.Other))
}
