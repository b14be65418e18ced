package ceremony

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// Bounds beyond which a clock is asked about, beside Released, MaxClockBack (of
// the room's own last record) and coproc.ClockSkew (of another room's bundle).
const (
	// farAhead is how long after everything that is known here a clock may be. A
	// year that is typed wrong is more, a ceremony that rests for months is less.
	farAhead = 300 * 24 * time.Hour
	// farOff is how long after Released a clock may be: batteries that die leave
	// the years 2080 and 2099, too.
	farOff = 20 * 365 * 24 * time.Hour
	// maxClockProofs is how many bundles that say to be from the future are verified.
	maxClockProofs = 64
)

// doubt is a reason why a clock cannot be right.
type doubt struct {
	data journal.ClockData
	but  string // "this gapferry was released on …: it cannot be earlier"
}

// beforeRelease doubts a clock by itself.
func beforeRelease(now time.Time) []doubt {
	but := ""
	switch day := journal.Released.Format("2 January 2006"); {
	case now.Before(journal.Released):
		but = fmt.Sprintf("this gapferry was released on %s: it cannot be earlier", day)
	case now.After(journal.Released.Add(farOff)):
		but = fmt.Sprintf("this gapferry was released on %s, %s before", day, journal.HowLong(int64(now.Sub(journal.Released).Seconds())))
	default:
		return nil
	}
	return []doubt{{journal.ClockData{Against: journal.AgainstRelease, Other: journal.Released.Unix()}, but}}
}

// beforeLast doubts a clock that is not where it was when something was signed
// here last, or long after it.
func (n recordTimes) beforeLast(now time.Time) []doubt {
	last := n.lastSigned()
	if last == nil {
		return nil
	}
	d := journal.ClockData{Against: journal.AgainstJournal, Other: last.Time}
	switch off := last.Time - now.Unix(); {
	case off > journal.ClockBack:
		return []doubt{{d, fmt.Sprintf("record %d was signed in this room on %s: the clock went back by %s", last.Seq, journal.InWords(last.Time), journal.HowLong(off))}}
	case last.Time >= journal.LevelBegan.Unix() && -off > int64(farAhead.Seconds()):
		return []doubt{{d, fmt.Sprintf("what was signed here last, record %d, is of %s: %s before", last.Seq, journal.InWords(last.Time), journal.HowLong(off))}}
	}
	return nil
}

// lastSigned is the last record of the journal that an officer signed; nil where
// there is none. Whoever owns the disk can write others, with any time.
func (n recordTimes) lastSigned() *journal.Record {
	records := n.Journal().Records()
	for i := len(records) - 1; i >= 0; i-- {
		if n.Journal().Signed(records[i].Seq) {
			return &records[i]
		}
	}
	return nil
}

// clocks reads what this store's journal says of its own clock.
func (n recordTimes) clocks() *journal.Clocks {
	return journal.ClocksOf(n.Journal().Records(), n.Journal().Signed)
}

// against doubts a clock that is more than coproc.ClockSkew before a bundle was
// made, unless an officer here said before that the clock is right all the same.
func (n recordTimes) against(h bundle.Header, digest coproc.Digest, now time.Time) []doubt {
	off := h.Time - now.Unix()
	if off <= int64(coproc.ClockSkew.Seconds()) || n.clockKept(digest) {
		return nil
	}
	return []doubt{{
		journal.ClockData{Against: string(h.Kind), Other: h.Time, Bundle: digest},
		fmt.Sprintf("the %s was made by %s on %s by the clock there: %s later", h.Kind, h.From.Name, journal.InWords(h.Time), journal.HowLong(off)),
	}}
}

// clockKept reports whether an officer here said that the clock is right although
// a bundle is from the future.
func (n recordTimes) clockKept(digest coproc.Digest) bool {
	clocks := n.clocks()
	return slices.ContainsFunc(n.Journal().Records(), func(rec journal.Record) bool {
		if rec.Event != journal.EventClock || !clocks.Right(rec.Seq) {
			return false
		}
		d, err := journal.DataOf[journal.ClockData](rec)
		return err == nil && d.Bundle == digest
	})
}

// clockWatch holds this machine's clock against all that is known here.
type clockWatch struct {
	*intake
	clockHinted bool // that something unverified says to be from the future
	clockAsked  bool // whether the clock was wrong before
}

// bundleDoubts holds the clock against the bundles on the carriers that the SA
// key vouches for, and against certificates that were taken in. What says to be
// from the future and cannot be verified is told, and decides nothing: whoever
// owns the stick can have made it.
func (r *clockWatch) bundleDoubts(now time.Time) []doubt {
	var trust bundle.Anchors
	var all []doubt
	var hint *item
	proofs := 0
	for i := range r.items {
		it := &r.items[i]
		if it.err != nil || it.header.Time-now.Unix() <= int64(coproc.ClockSkew.Seconds()) || proofs == maxClockProofs {
			continue
		}
		if proofs == 0 {
			trust = r.anchors()
			trust.Sources, trust.Targets, _ = r.n.Certificates()
		}
		proofs++
		trust.Now = time.Unix(it.header.Time, 0)
		if !vouched(it.header.Kind, trust) {
			hint = it
		} else if _, err := it.sealed.Verify(trust); err == nil {
			all = append(all, r.n.against(it.header, it.sealed.Digest(), now)...)
		}
	}
	if hint != nil && len(all) == 0 && !r.clockHinted {
		r.clockHinted = true
		r.progress(Warning, "", 0, "%q says that it was made on %s, and this machine's clock says %s. Nobody has verified that yet: look at a watch",
			hint.where(), journal.InWords(hint.header.Time), journal.InWords(now.Unix()))
	}
	return latest(all)
}

// vouched reports whether a kind of bundle can be verified by what the SA key
// vouches for. A request brings its own key, which only its key card vouches for.
func vouched(kind bundle.Kind, trust bundle.Anchors) bool {
	switch kind {
	case bundle.KindCSSKey, bundle.KindCSRKey, bundle.KindJournal:
		return false
	case bundle.KindSAKey:
		return false // its words' scrypt is for who registers it: see hashOnStick
	}
	return !trust.SAKey.IsZero()
}

// latest is the doubt that says most: one question is enough.
func latest(all []doubt) []doubt {
	if len(all) < 2 {
		return all
	}
	return []doubt{slices.MaxFunc(all, func(a, b doubt) int { return int(min(max(a.data.Other-b.data.Other, -1), 1)) })}
}

// clockFirst holds this machine's clock against everything that is known here,
// before the officer who has just logged on signs anything. If it cannot be
// right, they are asked; a script cannot answer that, and is refused.
func (r *clockWatch) clockFirst() error {
	now := r.n.Now()
	doubts := append(beforeRelease(now), r.n.beforeLast(now)...)
	if len(doubts) == 0 || now.After(journal.Released) {
		doubts = append(doubts, r.bundleDoubts(now)...)
	}
	if err := r.confirmClock(now, doubts); err != nil {
		return err
	}
	return r.accountForClock()
}

// confirmClock has the officer who is logged on say that the clock is right
// although there is reason to doubt it, and keeps that in the journal. If they do
// not, nothing is signed any more in this run, not even the refusal: it has the
// wrong time.
func (r *clockWatch) confirmClock(now time.Time, doubts []doubt) error {
	if len(doubts) == 0 {
		return nil
	}
	if err := confirmedClock(r.desk.Confirm, now, doubts); err != nil {
		r.halt = err
		return errors.Join(err, r.logOff())
	}
	for _, d := range doubts {
		if err := r.recordClock(d.data); err != nil {
			return err
		}
	}
	return nil
}

// confirmedClock asks; it is a refusal that nobody says yes.
func confirmedClock(confirm func(Confirmation) error, now time.Time, doubts []doubt) error {
	c := Confirmation{
		Act: "sign with this machine's clock, which may be wrong", Officer: true,
		Facts: [][2]string{{"the clock says", journal.InWords(now.Unix())}},
		With:  "a watch, and with the date of today. Say yes only if the clock is right; if it is wrong, say no, set it right, and run this again",
	}
	var buts []string
	for _, d := range doubts {
		c.Facts = append(c.Facts, [2]string{"but", d.but})
		buts = append(buts, d.but)
	}
	err := confirm(c)
	if !errors.Is(err, ErrNoAnswer) {
		return err
	}
	return refusal.New(refusal.CodeClock, "this machine's clock says %s, but %s. No officer said that the clock is right: nothing was signed", journal.InWords(now.Unix()), strings.Join(buts, "; "))
}

// recordClock keeps that the clock is right. Where it stepped back, the records
// that were signed with a later one were wrong.
func (r *clockWatch) recordClock(d journal.ClockData) error {
	now := r.n.Now()
	last := uint64(len(r.n.Journal().Records()))
	if d.Against == journal.AgainstJournal {
		d.First, d.Last = r.n.clocks().AheadOf(last, now.Unix())
	}
	return r.recordClockAs(d, now)
}

func (r *clockWatch) recordClockAs(d journal.ClockData, now time.Time) error {
	if d.First > 0 {
		off, err := r.n.clockOff(journal.Wrong{First: d.First, Last: d.Last}, now.Unix())
		if err != nil {
			return refusal.New(refusal.CodeClock, "%w", err)
		}
		d.Off = off
	}
	text, data, err := d.Record(now.Unix())
	if err != nil {
		return err
	}
	if err := r.record(journal.Record{Event: journal.EventClock, Node: r.node.Name, Text: text, Data: data, Time: now.Unix()}); err != nil {
		return err
	}
	r.progress(Note, "", 0, "in the journal: %s", text)
	return nil
}

// clockOff is ClockOff for a record that is still to be written.
func (n recordTimes) clockOff(w journal.Wrong, now int64) (int64, error) {
	next := uint64(len(n.Journal().Records()) + 1)
	all := append(slices.Clone(n.Journal().Records()), journal.Record{Seq: next, Time: now})
	return journal.ClockOff(all, func(seq uint64) bool { return seq == next || n.Journal().Signed(seq) }, w.First, w.Last)
}

// clockAgainst holds the clock against one bundle that has just been verified.
func (r *clockWatch) clockAgainst(h bundle.Header, digest coproc.Digest) error {
	now := r.n.Now()
	if h.Time < journal.LevelBegan.Unix() {
		r.progress(Warning, "", 0, "the clock of %s was wrong when it made the %s: it said %s. Tell that room", h.From.Name, h.Kind, journal.InWords(h.Time))
	}
	return r.confirmClock(now, r.n.against(h, digest, now))
}

// clockOfRequest holds the clock against the request that was chosen, once its
// keys were compared with their key card: until then nobody vouches for it.
func (r *certifying) clockOfRequest() error {
	if r.asks == nil {
		return nil
	}
	return r.clockAgainst(r.asks.Header(), r.asks.Digest())
}

// AccountForClock has an officer confirm that the clock of this machine was wrong
// in records that were made before, and is right now: a transcript then tells it
// as an exception, where it could only call it a fault. It is what is left to do
// where nobody was asked.
func (n *Node) AccountForClock(profile string, first, last uint64, desk Desk) error {
	node := n.Plan().At(n.Device().Name)[0]
	if _, err := n.clockOff(journal.Wrong{First: first, Last: last}, n.Now().Unix()); err != nil {
		return refusal.New(refusal.CodeClock, "%w", err)
	}
	return n.withOfficer(node, profile, "account for a wrong clock", desk, func(r *run) error {
		if c := n.clocks(); c.By(first) != 0 && c.By(last) != 0 {
			return nil // just confirmed, when they logged on
		}
		err := r.accountFor(journal.Wrong{First: first, Last: last}, journal.AgainstOfficer)
		if errors.Is(err, ErrNoAnswer) {
			return refusal.New(refusal.CodeClock, "no officer confirmed that the clock was wrong in records %d to %d, and is right now", first, last)
		}
		return err
	})
}

// ClockDoubt is what is wrong with this machine's clock, as far as a store tells
// by itself; nil where nothing is. Nobody logs on for it.
type ClockDoubt struct {
	Now  int64    `json:"now"` // Unix seconds: what the clock says
	Text []string `json:"doubts"`
}

// ClockDoubt looks at the clock for status, and for what needs no officer.
func (n recordTimes) ClockDoubt() *ClockDoubt {
	now := n.Now()
	doubts := append(beforeRelease(now), n.beforeLast(now)...)
	if len(doubts) == 0 {
		return nil
	}
	d := &ClockDoubt{Now: now.Unix()}
	for _, x := range doubts {
		d.Text = append(d.Text, fmt.Sprintf("this machine's clock says %s, but %s", journal.InWords(now.Unix()), x.but))
	}
	return d
}

// stepped tells, at a record, that the clock went back since the one before.
func (r *officerSession) stepped() {
	if r.clockTold || r.halt != nil || r.session == nil {
		return
	}
	last := r.n.lastSigned()
	if last == nil {
		return
	}
	if off := last.Time - r.n.Now().Unix(); off > journal.ClockBack {
		r.clockTold = true
		r.progress(Warning, "", 0, "the clock of this machine went back by %s since record %d was signed: set it right", journal.HowLong(off), last.Seq)
	}
}
