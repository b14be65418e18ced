package transcript

import (
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// officerRule checks that each record is of the profile that the plan has for it.
type officerRule struct{ *replay }

// check checks that each signed record is of the profile that the plan has
// for it, at that node and for that share. The record's profile is what the
// coprocessor signed.
func (c officerRule) check() {
	const rule = "officer"
	for _, e := range c.entries {
		if !e.instance.journal.Signed(e.Seq) {
			if e.Profile != "" && e.Event != journal.EventRefused {
				c.fault(rule, e, "the record names profile %s", e.Profile)
			}
			continue
		}
		switch want, bound := c.expected(e); {
		case e.node == nil:
			c.fault(rule, e, "the record is of node %q, which coprocessor %s does not hold", e.Record.Node, e.instance.device)
		case !c.profilesAt[e.instance.device][e.Profile]:
			c.fault(rule, e, "profile %s is not in the plan at coprocessor %s", e.Profile, e.instance.device)
		case bound && !contains(want, e.Profile):
			c.fault(rule, e, "it was done by %s, the plan has %s for %s", c.who(e.Profile), c.whom(want), c.what(e))
		}
	}
}

// installerOrSetter compare the source's keys in the room of a target.
var installerOrSetter = []procedure.Officer{procedure.Setter, procedure.ShareInstaller}

// expected gives the profiles that the plan has for what a record tells. Where
// it leaves that open, any of the coprocessor may have done it.
func (c officerRule) expected(e *entry) (profiles []string, bound bool) {
	if e.node == nil {
		return nil, false
	}
	var who []procedure.Officer
	switch e.Event {
	case journal.EventInit:
		return []string{c.devices[e.instance.device].Administrator}, true
	case journal.EventNote:
		if s := subjectOf(e); s != "" && s != journal.SubjectCopy { // that a journal is lost, or a target left out
			return []string{e.instance.nodes[0].Officers.Audit}, true
		}
	case journal.EventOfficerKey:
		d, err := journal.DataOf[journal.OfficerKeyData](*e.Record)
		return []string{d.Profile}, err == nil
	case journal.EventExported:
		return []string{e.instance.nodes[0].Officers.Audit}, true
	case journal.EventTask:
		task := taskAt(e.Task, e.node.Role)
		if task == nil {
			return nil, true
		}
		return e.node.Officers.ForShare(task.Officer, e.Share), true
	case journal.EventAct:
		act := procedure.ActOf(e.Task)
		switch {
		case act == nil:
		case act.Administrator:
			return []string{c.devices[e.instance.device].Administrator}, true
		case act.Officer != "":
			who = []procedure.Officer{act.Officer}
		}
	case journal.EventCleared:
		// Whoever logs on first after an interruption finds what was cleared.
		if !e.Recovered {
			who = []procedure.Officer{procedure.Setter}
		}
	case journal.EventCanceled:
		if who = []procedure.Officer{procedure.Canceller}; e.node != c.source {
			who = []procedure.Officer{procedure.Setter}
		}
	case journal.EventRevoked:
		who = []procedure.Officer{procedure.Certifier}
	case journal.EventCompared:
		if e.node.Role != coproc.CSR {
			return nil, true
		}
		who = installerOrSetter
	case journal.EventWritten:
		if k := procedure.KindOf(e.Kind); k != nil {
			if who = k.MadeBy; k.PerShare {
				return e.node.Officers.ForShare(who[0], e.Share), true
			}
		}
	case journal.EventReceived:
		if k := procedure.KindOf(e.Kind); k != nil && !(k.Anyone && e.Phase != "") {
			who = k.TakenBy
		}
	}
	for _, o := range who {
		profiles = append(profiles, e.node.Officers.Of(o)...)
	}
	return profiles, who != nil
}

// taskAt is the row of Table 2 of a task that is done at nodes of a role, or nil.
func taskAt(task procedure.TaskID, role coproc.NodeRole) *procedure.TaskInfo {
	for i, t := range procedure.Table2 {
		if t.Task == task && t.At == role {
			return &procedure.Table2[i]
		}
	}
	return nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x != "" && x == s {
			return true
		}
	}
	return false
}

func (c *root) whom(profiles []string) string {
	var all []string
	for _, p := range profiles {
		if p != "" && !contains(all, p) {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return "nobody"
	}
	return strings.Join(all, " or ")
}
