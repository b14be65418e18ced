package transcript

import (
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// recordRule checks that each record is one that a coprocessor writes.
type recordRule struct{ *replay }

// check checks that each record is one that a coprocessor writes. What
// no rule knows must not stand in the timeline as if it had been checked.
func (c recordRule) check() {
	const rule = "record"
	for _, e := range c.entries {
		kinds, ok := knownKinds[e.Event]
		switch {
		case e.Event == eventFormer:
		case !ok:
			c.fault(rule, e, "there is no event %q", clip(string(e.Event), 40))
		case !slices.Contains(kinds, e.Kind):
			c.fault(rule, e, "there is no event %s of kind %q", e.Event, clip(string(e.Kind), 40))
		case e.Event == journal.EventAct && procedure.ActOf(e.Task) == nil:
			c.fault(rule, e, "there is no act %q", clip(string(e.Task), 40))
		case e.length > maxText:
			c.fault(rule, e, "its text has %d bytes, at most %d", e.length, maxText)
		case e.Event == journal.EventNote && len(e.Data) > 0 && !c.knownSubject(e):
			c.fault(rule, e, "there is no such thing to account for")
		}
		c.tellsRegisters(rule, e)
	}
}

// maxText is the most that a record has for people, in bytes. Coprocessors keep
// remarks to 1000 bytes and refusals to 1 KiB.
const maxText = 2 << 10

// knownKinds are the events there are, and of which kinds of bundle each tells;
// none where it tells of no bundle.
var knownKinds = map[journal.Event][]bundle.Kind{
	journal.EventInit: {""}, journal.EventTask: {""}, journal.EventAct: {""}, journal.EventRefused: {""},
	journal.EventCleared: {""}, journal.EventRevoked: {""}, journal.EventExported: {""}, journal.EventRepaired: {""},
	journal.EventClock: {""}, journal.EventOfficerKey: {""},
	journal.EventNote: {""}, journal.EventFound: {""}, journal.EventInterrupted: {""}, journal.EventCompared: {""},
	journal.EventCanceled: {"", bundle.KindCancel},
	journal.EventReceived: takenKinds(),
	journal.EventWritten:  bundle.Kinds,
	journal.EventCopied:   bundle.Kinds,
}

// takenKinds are the kinds whose taking in has a record of its own.
func takenKinds() (kinds []bundle.Kind) {
	for _, k := range procedure.Kinds {
		if len(k.TakenBy) > 0 {
			kinds = append(kinds, k.Kind)
		}
	}
	return kinds
}

// knownSubject reports whether a remark names something that one can account
// for.
func (c recordRule) knownSubject(e *entry) bool {
	if n := journal.CopyOf(*e.Record); n > 0 {
		of := c.nodes[e.Peer]
		return of != nil && of.Role == coproc.CSR && e.Share <= c.plan.N && n <= journal.MaxCopies
	}
	s := subjectOf(e)
	return (s == journal.SubjectJournal || s == journal.SubjectLeftOut) && c.nodes[e.Peer] != nil
}

// tellsRegisters checks that a record which has to tell what is in the registers
// does so: without that, nothing could be said of what is there at the end.
func (c recordRule) tellsRegisters(rule string, e *entry) {
	act := e.Event == journal.EventAct && procedure.ChangesRegisters(e.Task)
	if !act && e.Event != journal.EventCleared && e.Event != journal.EventFound {
		return
	}
	d, err := journal.DataOf[journal.ActData](*e.Record)
	if err != nil || d.Class.Size() == 0 {
		c.fault(rule, e, "%s: it does not say what is in the registers afterwards", c.what(e))
	}
}
