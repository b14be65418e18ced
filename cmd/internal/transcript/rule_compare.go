package transcript

import (
	"slices"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// compareRule checks that the source's keys were compared with its key card.
type compareRule struct{ *replay }

// check checks that nothing of a source went into a target before a share
// officer there had compared its keys with the key card from its own room, and
// that whoever set the master key had done so, too. Statements and shares prove
// no more than that the SA certified the source.
func (c compareRule) check() {
	const rule = "compare"
	by := map[sourceAt][]string{}
	of := map[instanceNode]sourceAt{} // of the statement that a target took in last
	told := map[sourceAt]bool{}
	for _, e := range c.entries {
		if e.node == nil || e.node.Role != coproc.CSR {
			continue
		}
		source, taken := of[e.place()]
		switch {
		case e.Event == journal.EventCompared:
			d, err := journal.DataOf[journal.ComparedData](*e.Record)
			if err != nil {
				c.fault(rule, e, "the record of what was compared cannot be read")
				continue
			}
			k := sourceAt{e.place(), d.Certificate, d.ShareSet}
			by[k] = append(by[k], e.Profile)
		case e.is(journal.EventReceived, bundle.KindStatement):
			d, err := journal.DataOf[journal.StatedData](*e.Record)
			if s := c.stated(e); s != nil && err == nil { // else statement tells of it
				of[e.place()] = sourceAt{e.place(), coproc.DigestOf(d.Certificate), s.ShareSet}
			}
		case taken && e.isTask(procedure.TaskInstallShares) && !told[source] && !anyOf(e.node.Officers.InstallShares, by[source]):
			told[source] = true
			c.fault(rule, e, "share %d was installed, and no share officer had compared the keys of %s with its key card", e.Share, c.source.Name)
		case taken && e.isTask(procedure.TaskSet) && !slices.Contains(by[source], e.Profile):
			c.fault(rule, e, "%s set the master key, and had not compared the keys of %s with its key card", c.who(e.Profile), c.source.Name)
		case taken && e.isTask(procedure.TaskSet):
			if t := c.targetAt(e.instance, e.name()); t != nil {
				t.compared = by[source]
			}
		}
	}
}

// sourceAt is whose keys were compared in the room of a target.
type sourceAt struct {
	place       instanceNode
	certificate coproc.Digest // of the source
	set         coproc.ShareSetID
}

func anyOf(some, list []string) bool {
	return slices.ContainsFunc(some, func(s string) bool { return slices.Contains(list, s) })
}
