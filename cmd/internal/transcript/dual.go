package transcript

import (
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
)

// dualControl checks that what two persons must do was done by two: entering
// the SA-key hash and bringing the SA key, taking that hash back, and the parts
// of a master key.
func (c *checker) dualControl() {
	halves := map[ceremony.TaskID][]ceremony.TaskID{
		ceremony.TaskRegisterKey: {ceremony.TaskRegisterHash}, "last-part": {"first-part"},
		ceremony.TaskUnregister: {ceremony.TaskAskUnregister, ceremony.TaskRegisterHash},
		ceremony.TaskAnew:       {ceremony.TaskAskAnew, ceremony.TaskRegisterHash},
	}
	type place struct {
		device string
		half   ceremony.TaskID
	}
	first := map[place]*entry{}
	for _, e := range c.entries {
		if e.Event != ceremony.EventTask && e.Event != ceremony.EventAct {
			continue
		}
		for _, half := range halves[e.Task] {
			if f := first[place{e.life.device, half}]; f != nil && f.life == e.life && c.samePerson(f.Profile, e.Profile) {
				c.fault("dual-control", e, "%s did this and %s in record %d: two persons must", c.who(e.Profile), c.what(f), f.Seq)
			}
		}
		first[place{e.life.device, e.Task}] = e
	}
}

func (c *checker) samePerson(a, b string) bool {
	return a == b || ceremony.SamePerson(c.persons[a], c.persons[b])
}
