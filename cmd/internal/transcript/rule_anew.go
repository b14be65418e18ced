package transcript

import (
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// anewRule tells of coprocessors that began anew and kept their master key.
type anewRule struct{ *replay }

// check tells of coprocessors that began anew.
func (c anewRule) check() {
	const rule = "anew"
	for _, e := range c.entries {
		if !e.BeginsAnew() || e.Task != procedure.TaskAnew {
			continue
		}
		if d, err := journal.DataOf[journal.AnewData](*e.Record); err == nil {
			c.find(Exception, rule, e, "%s began anew and kept its master key: %s", e.name(), d.Reason)
		}
	}
	for _, f := range c.formerTimesOf {
		c.find(Exception, rule, f.by, "%d records of %s before this one are of another SA key, %x…, and are not judged here: %d shares were given out then. Verify them with the card of that SA",
			f.records, f.by.name(), f.hash[:4], f.shares)
	}
	if c.formerAside > 0 {
		c.findAt(Exception, rule, RecordRef{}, "%d bundles are of another SA key, and are left aside", c.formerAside)
	}
	for name, e := range c.formerKeys {
		if t := c.targets[name]; t != nil && t.key == nil && c.hasFormerKey(t) {
			c.find(Exception, rule, e, "%s has had the master key since before the SA was exchanged: how it came there, the transcript of that SA tells", name)
		}
	}
}
