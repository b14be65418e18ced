package transcript

import (
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
)

const day = 24 * 60 * 60

// wrongClock is a ceremony in which the clock of csr1 is off from a point of it
// on, until it is set right.
type wrongClock struct {
	*world
	off  int64
	from uint64 // the first record that was made so
}

// shifted begins one.
func shifted(bare bool, off int64) *wrongClock {
	w := &wrongClock{world: newWorld(shape{m: 2, n: 3, targets: 1}), off: off, from: 1}
	w.bare = bare
	w.onRecord = func(b *book, r *journal.Record) sign {
		if b.device == "csr1" {
			r.Time += w.off
		}
		return signed
	}
	return w
}

// last is the number of records of csr1 so far.
func (w *wrongClock) last() uint64 { return uint64(len(w.books["csr1"].records)) }

// account has an officer of csr1 say that the clock was wrong in records.
func (w *wrongClock) account(first, last uint64, off int64) {
	w.books["csr1"].write("AUDITOR", journal.Record{Event: journal.EventClock, Node: "csr1", Text: "set right", Data: data(journal.ClockData{
		Against: journal.AgainstJournal, Other: w.now, First: first, Last: last, Off: off,
	})})
}

// setRight sets the clock right when the targets have their keys, and accounts
// for what was before.
func (w *wrongClock) setRight() {
	w.at = func(point string) {
		if point != "installed" {
			return
		}
		records := w.books["csr1"].records[w.from-1:]
		w.off = 0
		times := []int64{records[0].Time, records[len(records)-1].Time}
		off := times[1] - (w.now + 1)
		if off < 0 {
			off = times[0] - (w.now + 1)
		}
		w.account(w.from, w.last(), off)
	}
}

// A clock that was wrong and was put right is told, with who confirmed it, and
// is no fault. Without that record it is one, and so is what the record does not
// explain.
func TestClockSetRight(t *testing.T) {
	for _, c := range []struct {
		name  string
		off   int64
		then  func(*wrongClock)
		fault string // part of one; empty where there must be none
		told  string
	}{
		{"ahead", 40 * day, (*wrongClock).setRight, "",
			"csr1: AUDITOR (Aud) confirmed that the clock of this room is right; that it was ahead by at least 3"},
		{"ahead, taken in elsewhere", 40 * day, (*wrongClock).setRight, "",
			"sa: the csr-key was taken in 9"},
		{"behind", -40 * day, (*wrongClock).setRight, "", "csr1: the statement was taken in 9"},
		{"behind, its certificate", -40 * day, (*wrongClock).setRight, "", "it was taken in outside of its time: "},
		{"in 1970", 3600 - 1_790_000_000, (*wrongClock).setRight, "", "that it was behind by at most 56 years in records 1 to 18"},
		{"ahead, and nobody confirms it", 40 * day, func(w *wrongClock) {
			w.at = func(p string) {
				if p == "installed" {
					w.off = 0
				}
			}
		}, "csr1: the clock went back by 95", ""},
		{"what to do about it", 40 * day, func(w *wrongClock) {
			w.at = func(p string) {
				if p == "installed" {
					w.off = 0
				}
			}
		}, "at csr1: gapferry journal clock --profile AUDITOR --first 1 --last 18", ""},
		{"behind, and nobody confirms it", -40 * day, func(*wrongClock) {}, "csr1: the statement was taken in 9", ""},
		{"it was off by another amount", 40 * day, func(w *wrongClock) {
			w.at = func(p string) {
				if p == "installed" {
					w.off = 0
					w.account(1, w.last(), 10*day)
				}
			}
		}, "csr1: it is about a wrong clock, and it says that the clock was off by 864000 seconds in records 1 to 18, the records say 34", ""},
		{"it was off the other way", 40 * day, func(w *wrongClock) {
			w.at = func(p string) {
				if p == "installed" {
					w.off = 0
					w.account(1, w.last(), -40*day)
				}
			}
		}, "csr1: it is about a wrong clock, and ", ""},
		{"only some of the records", 40 * day, func(w *wrongClock) {
			w.at = func(p string) {
				if p == "installed" {
					w.off = 0
					last := w.books["csr1"].records[w.last()-1].Time
					w.account(w.last()-2, w.last(), last-w.now-1)
				}
			}
		}, "csr1: the clock went back by 95", ""},
		{"records that come later", 0, func(w *wrongClock) {
			w.at = func(p string) {
				if p == "established" {
					w.account(w.last()+1, w.last()+9, -40*day)
				}
			}
		}, "csr1: it is about a wrong clock, and it is about records ", ""},
		// Right is said of a clock that others show to be wrong.
		{"set right to what cannot be", -40 * day, func(w *wrongClock) {
			w.at = func(p string) {
				if p == "installed" {
					first := w.books["csr1"].records[0].Time
					w.off = -30 * day
					w.account(1, w.last(), first-(w.now+1-30*day))
				}
			}
		}, "csr1: the statement was taken in 9", ""},
		// And wrong of one that others show to be right.
		{"a right clock called wrong", 0, func(w *wrongClock) {
			w.at = func(p string) {
				if p == "installed" {
					last := w.books["csr1"].records[w.last()-1].Time
					w.off = -40 * day
					w.account(1, w.last(), last-(w.now+1-40*day))
				}
			}
		}, "csr1: the statement was taken in before it was made at css: it was made after ", ""},
		// Set back to make a certificate good that had ended when the clock was
		// still right.
		{"an expired certificate", 0, func(w *wrongClock) {
			w.at = func(p string) {
				switch p {
				case "obtained":
					w.now += 31 * day
					w.books["csr1"].write("AUDITOR", journal.Record{Event: journal.EventNote, Node: "csr1", Text: "today"})
					w.off, w.from = -31*day, w.last()+1
				case "installed":
					first := w.books["csr1"].records[w.from-1].Time
					w.off = 0
					w.account(w.from, w.last(), first-w.now-1)
				}
			}
		}, "csr1: it was taken in outside of its time: ", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := shifted(true, c.off)
			c.then(w)
			w.run()
			r := w.verify(t, w.hash)
			NoteWeights(r)
			all := slices.Concat(findingsOf(r, "clock", Fault), findingsOf(r, "certificate", Fault))
			told := slices.Concat(findingsOf(r, "clock", Exception), findingsOf(r, "certificate", Exception))
			has := func(texts []string, words string) bool {
				return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, words) })
			}
			switch {
			case c.fault == "" && r.Verdict() != VerifiedWithExceptions:
				t.Errorf("%s: %v", r.Headline(), r.Findings)
			case c.fault != "" && (r.Verdict() != NotVerified || !has(all, c.fault)):
				t.Errorf("%s: %q", r.Headline(), all)
			case c.told != "" && !has(told, c.told):
				t.Errorf("told: %q", told)
			}
		})
	}
}

// A bundle that was made by a clock which ran far ahead is outside of the time
// of the certificate that it brings. When its room accounts for that clock, it is
// good, and told.
func TestBundleOfAWrongClock(t *testing.T) {
	for _, accounted := range []bool{true, false} {
		w := newWorld(shape{m: 2, n: 2, targets: 1})
		var off int64
		w.onRecord = func(b *book, r *journal.Record) sign {
			if b.device == "css" {
				r.Time += off
			}
			return signed
		}
		w.onBundle = func(h *bundle.Header, body bundle.Body) bundle.Body {
			if h.Kind == bundle.KindStatement && off != 0 {
				h.Time += 40 * day
			}
			return body
		}
		w.at = func(p string) {
			if p != "obtained" {
				return
			}
			off = 40 * day
			css := w.books["css"]
			first := uint64(len(css.records) + 1)
			w.state("csr1", w.statement("csr1"))
			last := uint64(len(css.records))
			ahead := css.records[last-1].Time - (w.now + 1)
			off = 0
			if accounted {
				css.write("AUDITOR", journal.Record{Event: journal.EventClock, Node: "css", Data: data(journal.ClockData{
					Against: journal.AgainstJournal, First: first, Last: last, Off: ahead,
				})})
			}
		}
		w.run()
		r := w.verify(t, w.hash)
		NoteWeights(r)
		faults, told := findingsOf(r, "certificate", Fault), findingsOf(r, "certificate", Exception)
		if accounted != (len(faults) == 0) || accounted != (len(told) == 1) || accounted != (r.Verdict() < NotVerified) {
			t.Errorf("accounted for %v: %s\n%q\n%q\n%v", accounted, r.Headline(), faults, told, r.Findings)
		}
	}
}
