package paper

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

// Durations are how long steps took in rehearsals: for each kind of step, the
// times between its record and the one before it.
type Durations struct {
	gaps map[stepKind][]time.Duration
}

// stepKind is what is alike from one ceremony to the next. An officer who is
// logged on already is quicker than one who has to be called.
type stepKind struct {
	event journal.Event
	phase string
	task  procedure.TaskID
	same  bool // the officer of the record before it
}

// longestStep is where a pause begins: between two records that are further
// apart somebody walked, waited or slept, and no step took that long.
const longestStep = 45 * time.Minute

// Add takes the times from a journal. What is first in a phase is left out:
// how long somebody walked and waited before it is in no journal.
func (m *Durations) Add(records []journal.Record) {
	var last *journal.Record
	for i := range records {
		r := &records[i]
		if r.Event == journal.EventTask || r.Event == journal.EventAct {
			m.add(last, r)
			last = r
		}
	}
}

// AddTranscript takes them from a transcript.
func (m *Durations) AddTranscript(t *transcript.Result) {
	rooms := map[string][]journal.Record{}
	for _, row := range t.Rows {
		if row.Ref.Record > 0 {
			room := roomOf(t.Plan, row.Node)
			rooms[room] = append(rooms[room], journal.Record{
				Seq: row.Ref.Record, Time: row.Ref.Time, Event: journal.EventTask, Phase: string(row.Phase), Node: row.Node, Task: row.Task, Profile: row.By,
			})
		}
	}
	for _, records := range rooms {
		slices.SortFunc(records, func(a, b journal.Record) int { return cmp.Compare(a.Seq, b.Seq) })
		m.Add(records)
	}
}

func (m *Durations) add(last, r *journal.Record) {
	if last == nil || last.Phase != r.Phase || last.Node != r.Node {
		return
	}
	gap := time.Duration(r.Time-last.Time) * time.Second
	if gap < 0 || gap > longestStep {
		return
	}
	if m.gaps == nil {
		m.gaps = map[stepKind][]time.Duration{}
	}
	k := stepKind{r.Event, r.Phase, r.Task, last.Profile == r.Profile}
	m.gaps[k] = append(m.gaps[k], gap)
}

// of is the median of a kind of step. One that was not measured, as is the
// first step of each phase, is taken for the median of those that are alike in
// whether an officer has to log on, or else of all.
func (m Durations) of(k stepKind) estimate {
	for _, alike := range []func(stepKind) bool{
		func(o stepKind) bool { return o == k },
		func(o stepKind) bool { return o.same == k.same },
		func(stepKind) bool { return true },
	} {
		var gaps []time.Duration
		for o, more := range m.gaps {
			if alike(o) {
				gaps = append(gaps, more...)
			}
		}
		if len(gaps) > 0 {
			return estimate{median(gaps), true}
		}
	}
	return estimate{}
}

func median(gaps []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(gaps))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// estimate is how long something will take; unknown parts are not in it.
type estimate struct {
	time  time.Duration
	known bool
}

func (e estimate) plus(o estimate) estimate {
	return estimate{e.time + o.time, e.known || o.known}
}

// String is "about 4 min (rehearsal: 3:40)", or nothing.
func (e estimate) String() string {
	if !e.known {
		return ""
	}
	seconds := int(e.time.Round(time.Second) / time.Second)
	return fmt.Sprintf("about %d min (rehearsal: %d:%02d)", max(1, (seconds+59)/60), seconds/60, seconds%60)
}
