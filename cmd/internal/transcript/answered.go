package transcript

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// answered tells, for each phase of each node, where a script answered for the
// officers: what they had to compare is an exception, their log-on alone a
// note. In a rehearsal nobody minds.
func (c *checker) answered() {
	if c.plan.Rehearsal {
		return
	}
	for _, l := range c.lives {
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
func (c *checker) answeredFor(a journal.Answered) string {
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
