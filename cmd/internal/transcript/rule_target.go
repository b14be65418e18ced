package transcript

import (
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// targetRule tells of the targets that do not have the master key.
type targetRule struct{ *replay }

// check tells of the targets that do not have the master key.
func (c targetRule) check() {
	const rule = "target"
	for _, n := range c.plan.Targets() {
		t := c.targets[n.Name]
		ref := RecordRef{Node: n.Name}
		switch {
		case c.state(t) == OpenT && c.here(n):
			c.findAt(Open, rule, ref, "%s does not have the master key: %s%s", n.Name, c.lacks(t), c.ifLeftOut(n))
		case c.state(t) == LeftOutT:
			e := c.leftOut[n.Name]
			c.find(Exception, rule, e, "%s does not have the master key: it was never certified and takes no part, says %s: %q", n.Name, c.who(e.Profile), e.Text)
		case c.state(t) == CanceledT:
			c.findAt(Exception, rule, ref, "%s does not have the master key: its share set was cancelled, and no other was made", n.Name)
		case c.state(t) == RevokedT:
			c.findAt(Exception, rule, ref, "%s does not have the master key: its certificate was taken back", n.Name)
		case c.state(t) == HasKey && c.revokedNow(t):
			c.find(Exception, rule, t.revoked, "%s is revoked and HAS THE MASTER KEY: this target must be looked at", n.Name)
		case c.state(t) == HasKey && t.key == nil && c.hasFormerKey(t):
			// anew tells of it
		case c.state(t) == HasKey && t.receipt == nil && c.here(n):
			c.findAt(Open, rule, ref, "%s made no receipt yet: phase 3d there makes it", n.Name)
		}
	}
}

// registersRule tells of master keys that are not current any more.
type registersRule struct{ *replay }

// check tells of master keys that are not current any more where they were
// set, or where they came from, and of what waits to be set in their place.
func (c registersRule) check() {
	const rule = "target"
	for _, n := range c.plan.Targets() {
		for _, t := range c.instancesOf(n.Name) {
			c.leftAt(rule, t)
		}
	}
	if e := c.sourceChanged; e != nil {
		c.find(Exception, rule, e, "%s HAS ANOTHER MASTER KEY than the one that was cloned from it: %x was given out, its current register is %s%s",
			c.source.Name, c.obtained().Data, c.sourceAfter.Current, stillOld(c.sourceAfter, c.obtained().Data))
	}
}

func (c registersRule) leftAt(rule string, t *target) {
	name := t.node.Name
	switch {
	case t.changed != nil && c.ledBack(t):
		c.find(Exception, rule, t.changed, "%s HAD THE MASTER KEY, set in record %d, and then another: %s, %s: its current register is %s%s. The coprocessor that has its place under certificate %d has the master key",
			name, t.key.Seq, c.what(t.changed), c.byAndWhen(t.changed), t.after.Current, stillOld(t.after, t.key.Data), c.current[t.node.Coprocessor].generation)
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
func (c registersRule) ledBack(t *target) bool {
	now, l := c.targets[t.node.Name], c.current[t.node.Coprocessor]
	return t != now && l != nil && l.vouched && !l.broken &&
		l.auditor != t.key.instance.auditor && l.generation > t.key.instance.generation &&
		c.equal(now) && !c.revokedNow(now)
}

// notLedBack says what is missing where a target was set up anew after another
// master key was set there.
func (c registersRule) notLedBack(t *target) string {
	if t == c.targets[t.node.Name] {
		return ""
	}
	return ", and it is not proved that what has its place now has the master key: that takes its receipt, and a certificate that stands"
}

func stillOld(d *journal.ActData, pattern []byte) string {
	if holds(d.Old, pattern) {
		return ", its old one still has it"
	}
	return ""
}

// lacks says what is the next thing that a target waits for.
func (c targetRule) lacks(t *target) string {
	name := t.node.Name
	row := func(at string, task procedure.TaskID, share int) bool {
		return c.done[rowKey{at, task, name, share}] != nil
	}
	obtained, installed := 0, 0
	for i := 1; i <= c.plan.N; i++ {
		if row(c.source.Name, procedure.TaskObtainShares, i) {
			obtained++
		}
		if row(name, procedure.TaskInstallShares, i) {
			installed++
		}
	}
	switch {
	case !row(name, procedure.TaskGenerateKey, 0):
		return "phase 3a is not finished there"
	case !row(c.admin.Name, procedure.TaskCertifyCSR, 0):
		return "its key is not certified (phase 3b)"
	case obtained < c.plan.N:
		return fmt.Sprintf("%d of %d shares are obtained or given up (phase 3c)", obtained, c.plan.N)
	case installed < c.plan.M:
		return fmt.Sprintf("%d of %d needed shares are installed (phase 3d)", installed, c.plan.M)
	case !row(name, procedure.TaskVerify, 0):
		return "the new master key is not verified (phase 3d)"
	}
	return "it is verified and not set (phase 3d)"
}
