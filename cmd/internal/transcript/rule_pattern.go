package transcript

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// patternRule checks that the one pattern is everywhere.
type patternRule struct{ *replay }

// check checks that the one pattern is everywhere: obtained at the source,
// stated, verified and set at each target, and in each receipt.
func (c patternRule) check() {
	const rule = "pattern"
	obtained := c.obtained()
	verified := map[instanceNode]*entry{}
	set := map[*target]*entry{}
	left := map[instanceNode]*entry{} // the last record of what is in a node's registers
	for _, e := range c.entries {
		if c.registersOf(e) != nil {
			left[e.place()] = e
		}
		switch {
		case e.isTask(procedure.TaskObtainMasterKey):
			if len(e.Data) != 8 {
				c.fault(rule, e, "the record has no verification pattern")
			}
			c.obtainedAsLeft(rule, e, left[e.place()])
		case e.is(journal.EventReceived, bundle.KindStatement):
			if s := c.stated(e); s != nil {
				c.same(rule, e, obtained, s.Pattern[:], "the statement says")
			}
		case e.isTask(procedure.TaskVerify):
			verified[e.place()] = e
			c.same(rule, e, obtained, e.Data, "the new master key has")
			if t := c.targetAt(e.instance, e.name()); t != nil && t.set != nil && t.set.statement != nil && string(t.set.statement.Pattern[:]) != string(e.Data) && t.verified == e {
				c.fault(rule, e, "the new master key has pattern %x, the statement says %s", e.Data, t.set.statement.Pattern)
			}
		case e.isTask(procedure.TaskSet):
			set[c.targetAt(e.instance, e.name())] = e
			c.same(rule, e, obtained, e.Data, "the master key that was set has")
			if v := verified[e.place()]; v != nil && string(v.Data) != string(e.Data) {
				c.fault(rule, e, "the master key that was set has pattern %x, verified in record %d was %x", e.Data, v.Seq, v.Data)
			}
		case e.is(journal.EventReceived, bundle.KindReceipt):
			d, err := journal.DataOf[journal.ReceiptData](*e.Record)
			if err != nil {
				c.fault(rule, e, "the record of the receipt cannot be read")
				continue
			}
			c.same(rule, e, obtained, d.Pattern[:], "the receipt of "+e.Peer+" says")
			if s := set[c.makerOf(e)]; s != nil && string(s.Data) != string(d.Pattern[:]) {
				c.fault(rule, e, "the receipt of %s says pattern %s, its own journal has %x in record %d", e.Peer, d.Pattern, s.Data, s.Seq)
			}
		}
	}
}

// obtainedAsLeft checks that the master key which was obtained is the one that
// the journal's last act on the registers left there. Another one came from an
// old state of the coprocessor, or past its journal.
func (c patternRule) obtainedAsLeft(rule string, e, left *entry) {
	if left == nil {
		return // a coprocessor that had its master key before the ceremony
	}
	if d := c.registersOf(left); !holds(d.Current, e.Data) {
		c.fault(rule, e, "the master key that was obtained has pattern %x, record %d left the current register %s", e.Data, left.Seq, d.Current)
	}
}

func (c patternRule) same(rule string, e, obtained *entry, got []byte, says string) {
	if obtained != nil && string(obtained.Data) != string(got) {
		c.fault(rule, e, "%s pattern %x, the source's is %x (record %d of %s)", says, got, obtained.Data, obtained.Seq, obtained.name())
	}
}
