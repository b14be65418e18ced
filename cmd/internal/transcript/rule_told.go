package transcript

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// plainActs belong to a ceremony at any time, and are no exceptions. Those on the
// registers do, too, before the node's master key has its part in it.
var plainActs = map[procedure.TaskID]bool{procedure.ActAudit: true}

// check tells of everything that an auditor wants to know although it is as it
// may be: what was refused, remarked, repaired, or done outside of Table 2.
func (c exceptionRule) check() {
	begun := map[*plan.Node]bool{} // nodes whose master key was obtained, or is being made
	for _, e := range c.entries {
		if e.Event == journal.EventTask && (e.Task == procedure.TaskObtainMasterKey || e.Task == procedure.TaskInstallShares) {
			begun[e.node] = true
		}
		planned := plainActs[e.Task] || procedure.ChangesRegisters(e.Task) && !begun[e.node]
		if e.Event == journal.EventAct && planned {
			continue
		}
		if rule, text := c.exception(e); rule != "" {
			c.find(Exception, rule, e, "%s", text)
		}
	}
}

// check says of each journal how much of it nobody signed when it was
// written. It is where things can be added and left out without a trace.
func (c unsignedRule) check() {
	for _, l := range c.instances {
		if n := l.journal.Unattended(); n > 0 {
			c.findAt(Note, "unsigned", RecordRef{Node: l.nodes[0].Name}, "%d of %d records of coprocessor %s were written while nobody was logged on (refused log-ons, copies handed out): whoever owns that disk can have added such records, or cut them", n, len(l.journal.Records()), l.device)
		}
	}
}

// remark tells of one, unless it is told with what it accounts for.
func (c exceptionRule) remark(e *entry) (rule, text string) {
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

func (c exceptionRule) exception(e *entry) (rule, text string) {
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

// exceptionRule tells of what is as it may be.
type exceptionRule struct{ *replay }

// unsignedRule tells how much of each journal nobody signed.
type unsignedRule struct{ *replay }

// answeredRule tells where a script answered for officers.
type answeredRule struct{ *replay }

// check tells, for each phase of each node, where a script answered for the
// officers: what they had to compare is an exception, their log-on alone a
// note. In a rehearsal nobody minds.
func (c answeredRule) check() {
	if c.plan.Rehearsal {
		return
	}
	for _, l := range c.instances {
		for _, a := range journal.AnsweredIn(l.journal.Records()) {
			w := Exception
			if a.Means.InPlace() == 0 {
				w = Note
			}
			i := slices.IndexFunc(l.entries, func(e *entry) bool { return e.Seq == a.Records[0] })
			c.find(w, "answered", l.entries[i], "%s", c.answeredFor(a))
		}
	}
}

// mostAnswered bounds the profiles that one finding names: all of a plan's, and
// no more of what a hostile journal makes up.
const mostAnswered = 40

// answeredFor says where a script answered, for whom, and how.
func (c answeredRule) answeredFor(a journal.Answered) string {
	var who []string
	for _, p := range a.Profiles[:min(len(a.Profiles), mostAnswered)] {
		who = append(who, c.who(p))
	}
	if more := len(a.Profiles) - len(who); more > 0 {
		who = append(who, fmt.Sprintf("and %d more", more))
	}
	where := "outside of the phases"
	if procedure.Phase(a.Phase) != nil {
		where = "phase " + string(a.Phase)
	}
	records := "1 record"
	if n := len(a.Records); n > 1 {
		records = fmt.Sprintf("%d records, the last is %d", n, a.Records[n-1])
	}
	return fmt.Sprintf("%s: a script answered for %s: %s (%s)", where, strings.Join(who, ", "), a.Means, records)
}
