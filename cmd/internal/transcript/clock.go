package transcript

import (
	"github.com/gapferry/gapferry/coproc"
)

// maxClockBack is how far a clock may be set back between two records, in
// seconds: what setting it right may take.
const maxClockBack = 5 * 60

// clock checks that no journal's time runs backwards, and that nothing was
// taken in long before it was made.
func (c *checker) clock() {
	const rule = "clock"
	last := map[*life]int64{}
	for _, e := range c.entries {
		if !e.attended() {
			continue // its time is whatever somebody wrote there
		}
		before, ok := last[e.life]
		if ok && e.Time < before-maxClockBack {
			c.fault(rule, e, "the clock went back by %s", span(before-e.Time))
		}
		last[e.life] = e.Time
		if w := c.writer(e); w != nil && w.life != e.life && e.Time < w.Time-int64(coproc.ClockSkew.Seconds()) {
			c.fault(rule, e, "the %s was taken in %s before it was made at %s", w.Kind, span(w.Time-e.Time), w.name())
		}
	}
}
