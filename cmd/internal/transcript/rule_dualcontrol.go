package transcript

import (
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// dualControlRule checks what must not be done by one person alone.
type dualControlRule struct{ *replay }

// check checks that what two persons must do was done by two: entering
// the SA-key hash and bringing the SA key, taking that hash back, and the parts
// of a master key.
func (c dualControlRule) check() {
	type place struct {
		device string
		half   procedure.TaskID
	}
	first := map[place]*entry{}
	for _, e := range c.entries {
		if e.Event != journal.EventTask && e.Event != journal.EventAct {
			continue
		}
		for _, half := range procedure.FirstHalves(e.Task) {
			if f := first[place{e.instance.device, half}]; f != nil && f.instance == e.instance && c.samePerson(f.Profile, e.Profile) {
				c.fault("dual-control", e, "%s did this and %s in record %d: two persons must", c.who(e.Profile), c.what(f), f.Seq)
			}
		}
		first[place{e.instance.device, e.Task}] = e
	}
}
