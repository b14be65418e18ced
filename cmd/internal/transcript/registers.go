package transcript

import (
	"slices"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// registerActs are the acts that leave something in the master-key registers;
// their records say what.
var registerActs = []procedure.TaskID{"first-part", "last-part", "random", "set"}

// registersOf is what a record says of the registers of the class that is
// cloned; nil where it says nothing of them.
func (c *checker) registersOf(e *entry) *journal.ActData {
	if len(e.Data) == 0 {
		return nil
	}
	d, err := journal.DataOf[journal.ActData](*e.Record)
	if err != nil || d.Class != c.plan.MasterKeyClass() {
		return nil
	}
	return &d
}

// tellsRegisters checks that a record which has to tell what is in the registers
// does so: without that, nothing could be said of what is there at the end.
func (c *checker) tellsRegisters(rule string, e *entry) {
	act := e.Event == journal.EventAct && slices.Contains(registerActs, e.Task)
	if !act && e.Event != journal.EventCleared && e.Event != journal.EventFound {
		return
	}
	d, err := journal.DataOf[journal.ActData](*e.Record)
	if err != nil || d.Class.Size() == 0 {
		c.fault(rule, e, "%s: it does not say what is in the registers afterwards", c.what(e))
	}
}

// registers follows what is in the current register of a target and of the
// source after the master key was set there, or given out.
func (f *follower) registers(e *entry) {
	d := f.registersOf(e)
	if d == nil || e.node == nil {
		return
	}
	if t := f.targetAt(e.life, e.name()); t != nil && t.key != nil {
		t.after, t.changed = d, nil
		if !holds(d.Current, t.key.Data) {
			t.changed = e
		}
	}
	if e.node == f.source && f.obtained() != nil && !e.life.former {
		f.sourceAfter, f.sourceChanged = d, nil
		if !holds(d.Current, f.obtained().Data) {
			f.sourceChanged = e
		}
	}
}

// holds reports whether a register has the master key with a pattern.
func holds(r coproc.Register, pattern []byte) bool {
	return r.State == coproc.Full && string(r.Pattern[:]) == string(pattern)
}

// whatIsLeft tells of master keys that are not current any more where they were
// set, or where they came from, and of what waits to be set in their place.
func (c *checker) whatIsLeft() {
	const rule = "target"
	for _, n := range c.plan.Targets() {
		for _, t := range c.livesOf(n.Name) {
			c.leftAt(rule, t)
		}
	}
	if e := c.sourceChanged; e != nil {
		c.find(Exception, rule, e, "%s HAS ANOTHER MASTER KEY than the one that was cloned from it: %x was given out, its current register is %s%s",
			c.source.Name, c.obtained().Data, c.sourceAfter.Current, stillOld(c.sourceAfter, c.obtained().Data))
	}
}

func (c *checker) leftAt(rule string, t *target) {
	name := t.node.Name
	switch {
	case t.changed != nil && c.ledBack(t):
		c.find(Exception, rule, t.changed, "%s HAD THE MASTER KEY, set in record %d, and then another: %s, %s: its current register is %s%s. The coprocessor that has its place under certificate %d has the master key",
			name, t.key.Seq, c.what(t.changed), c.byAndWhen(t.changed), t.after.Current, stillOld(t.after, t.key.Data), c.primary[t.node.Coprocessor].generation)
	case t.changed != nil:
		c.fault(rule, t.changed, "%s DOES NOT HAVE THE MASTER KEY any more: it was set in record %d, and after that %s: its current register is %s%s%s",
			name, t.key.Seq, c.what(t.changed), t.after.Current, stillOld(t.after, t.key.Data), c.notLedBack(t))
	case t.after != nil && t.after.New.State != coproc.Empty:
		c.find(Exception, rule, t.key, "the new register of %s is %s: set, it would take the place of the master key", name, t.after.New)
	}
}

// ledBack reports whether another coprocessor has the place of a target, and is
// all that the target was meant to be: it stands under a newer certificate for
// another audit key, has a whole journal, and has the source's master key now, by
// journal, statement and receipt. Less does not do: whoever set another key must
// not be rid of that by beginning something new.
func (c *checker) ledBack(t *target) bool {
	now, l := c.targets[t.node.Name], c.primary[t.node.Coprocessor]
	return t != now && l != nil && l.vouched && !l.broken &&
		l.auditor != t.key.life.auditor && l.generation > t.key.life.generation &&
		c.equal(now) && !c.revokedNow(now)
}

// notLedBack says what is missing where a target was set up anew after another
// master key was set there.
func (c *checker) notLedBack(t *target) string {
	if t == c.targets[t.node.Name] {
		return ""
	}
	return ", and it is not proved that what has its place now has the master key: that takes its receipt, and a certificate that stands"
}

// byAndWhen says who did something, and when by that room's clock.
func (c *checker) byAndWhen(e *entry) string {
	at := time.Unix(e.Time, 0).UTC().Format("2006-01-02 15:04 UTC")
	if !e.attended() || e.Profile == "" {
		return "signed by nobody, " + at
	}
	return "by " + c.who(e.Profile) + ", " + at
}

func stillOld(d *journal.ActData, pattern []byte) string {
	if holds(d.Old, pattern) {
		return ", its old one still has it"
	}
	return ""
}
