package transcript

import (
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

// Acts outside of Table 2 that belong to a ceremony, and are no exceptions: at
// any time, and before the node's master key has its part in it.
var (
	plainActs = map[procedure.TaskID]bool{procedure.TaskAudit: true, "passphrase": true}
	keyActs   = map[procedure.TaskID]bool{"first-part": true, "last-part": true, "random": true, "set": true}
)

// told tells of everything that an auditor wants to know although it is as it
// may be: what was refused, remarked, repaired, or done outside of Table 2.
func (c *checker) told() {
	begun := map[*plan.Node]bool{} // nodes whose master key was obtained, or is being made
	for _, e := range c.entries {
		if e.Event == journal.EventTask && (e.Task == procedure.TaskObtainMasterKey || e.Task == procedure.TaskInstallShares) {
			begun[e.node] = true
		}
		planned := plainActs[e.Task] || keyActs[e.Task] && !begun[e.node]
		if e.Event == journal.EventAct && planned {
			continue
		}
		if rule, text := c.exception(e); rule != "" {
			c.find(Exception, rule, e, "%s", text)
		}
	}
}

// unattended says of each journal how much of it nobody signed when it was
// written. It is where things can be added and left out without a trace.
func (c *checker) unattended() {
	for _, l := range c.lives {
		if n := l.journal.Unattended(); n > 0 {
			c.findAt(Note, "unsigned", Ref{Node: l.nodes[0].Name}, "%d of %d records of coprocessor %s were written while nobody was logged on (refused log-ons, copies handed out): whoever owns that disk can have added such records, or cut them", n, len(l.journal.Records()), l.device)
		}
	}
}

// remark tells of one, unless it is told with what it accounts for.
func (c *checker) remark(e *entry) (rule, text string) {
	text = c.who(e.Profile) + ": " + c.what(e)
	switch subjectOf(e) {
	case journal.SubjectLeftOut:
		if c.leftOut[e.Peer] == e {
			return "", ""
		}
		text += " (it accounts for nothing: that target was certified, or another remark says so, or it is not in the SA's journal)"
	case journal.SubjectJournal:
		for _, used := range c.lost {
			if used == e {
				return "", ""
			}
		}
		text += " (it accounts for nothing: nobody has the place of that coprocessor, or another remark does)"
	}
	return "remark", text
}

func (c *checker) exception(e *entry) (rule, text string) {
	switch e.Event {
	case journal.EventRefused:
		return "refused", c.refusal(e)
	case journal.EventNote:
		return c.remark(e)
	case journal.EventAct, journal.EventCleared:
		return "act", c.who(e.Profile) + ": " + c.what(e)
	case journal.EventInterrupted:
		return "interrupted", c.what(e)
	case journal.EventRepaired:
		return "repaired", c.what(e)
	case journal.EventFound:
		return "recovered", "found: " + c.what(e)
	case journal.EventTask:
		if e.Recovered {
			return "recovered", fmt.Sprintf("%s: %s, found done after an interruption: %s", c.who(e.Profile), c.what(e), e.Text)
		}
	}
	return "", ""
}

// refusal says what was refused. A refused log-on names a profile that nobody
// proved to be.
func (c *checker) refusal(e *entry) string {
	logOn := e.Code == refusal.CodePassphrase || e.Code == refusal.CodeLocked || e.Code == refusal.CodeInactive
	if logOn && e.Profile != "" && !e.life.journal.Signed(e.Seq) {
		return fmt.Sprintf("log-on of %s refused: %s", c.who(e.Profile), e.Text)
	}
	by := ""
	if e.Profile != "" {
		by = " (" + c.who(e.Profile) + ")"
	}
	return "refused" + by + ": " + e.Text
}
