package transcript

import (
	"fmt"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
)

// root is what the SA-key hash vouches for: the SA's keys, and the plan that came
// with them. Everything in it is found with maps, as all that is kept here, so
// that the work grows with the number of records and not faster.
type root struct {
	*findings
	hash coproc.Thumbprint

	sa         coproc.Keys
	saKey      coproc.Digest // of the bundle
	plan       *plan.Plan
	text       string // of the plan, canonical
	planDigest coproc.Digest
	nodes      map[string]*plan.Node
	ids        map[string]coproc.NodeID // by node
	nodesAt    map[string][]*plan.Node  // by coprocessor
	devices    map[string]*plan.Coprocessor
	persons    map[string]string          // by profile
	profilesAt map[string]map[string]bool // coprocessor → its profiles in the plan
	source     *plan.Node
	admin      *plan.Node // the SA
}

func newRoot(hash coproc.Thumbprint) *root { return &root{findings: newFindings(), hash: hash} }

// trust takes over what an sa-key bundle says.
func (c *root) trust(plan *plan.Plan, keys coproc.Keys, digest coproc.Digest) {
	c.plan, c.sa, c.saKey = plan, keys, digest
	c.text = string(plan.Canonical())
	c.planDigest = coproc.DigestOf([]byte(c.text))
	c.index()
}

// index makes the plan's names quick to find.
func (c *root) index() {
	c.nodes = map[string]*plan.Node{}
	c.nodesAt = map[string][]*plan.Node{}
	c.persons, c.profilesAt = map[string]string{}, map[string]map[string]bool{}
	for i := range c.plan.Nodes {
		n := &c.plan.Nodes[i]
		c.nodes[n.Name] = n
		c.nodesAt[n.Coprocessor] = append(c.nodesAt[n.Coprocessor], n)
	}
	c.ids = map[string]coproc.NodeID{}
	c.devices = map[string]*plan.Coprocessor{}
	for i := range c.plan.Coprocessors {
		d := &c.plan.Coprocessors[i]
		c.devices[d.Name] = d
		for _, n := range c.nodesAt[d.Name] {
			id := coproc.NodeID{Name: n.Name}
			id.Serial, _ = coproc.NewSerial(d.Serial) // the plan's check has read them
			id.EID, _ = coproc.NewEID(d.EID)
			c.ids[n.Name] = id
		}
		c.profilesAt[d.Name] = map[string]bool{d.Administrator: true}
		for _, n := range c.nodesAt[d.Name] {
			for _, p := range n.Officers.Profiles() {
				c.profilesAt[d.Name][p] = true
			}
		}
	}
	for _, o := range c.plan.Officers {
		c.persons[o.Profile] = o.Person
	}
	c.source, c.admin = c.plan.Source(), c.plan.SA()
}

// whyForeign says why a bundle cannot be of this ceremony; empty where it can.
func (c *root) whyForeign(h bundle.Header) string {
	n := c.nodes[h.From.Name]
	switch {
	case h.Kind == bundle.KindShare:
		return "does not belong in a transcript: gathering shares undoes their separation"
	case h.Ceremony != c.plan.CeremonyID():
		return "is of ceremony " + h.Ceremony.String() + ", this is ceremony " + c.plan.CeremonyID().String()
	case h.Rehearsal && !c.plan.Rehearsal:
		return "was made in a rehearsal, and this is none"
	case !h.Rehearsal && c.plan.Rehearsal:
		return "is of a live ceremony, and this is a rehearsal"
	case n == nil:
		return "is from " + h.From.String() + ", which the plan does not have"
	case h.From != c.ids[n.Name]:
		return "is from " + h.From.String() + ", the plan has " + c.ids[n.Name].String()
	}
	return ""
}

// who names an officer: the profile, and the person behind it.
func (c *root) who(profile string) string {
	return plan.Officer{Profile: profile, Person: c.persons[profile]}.String()
}

func (c *root) samePerson(a, b string) bool {
	return a == b || plan.SamePerson(c.persons[a], c.persons[b])
}

// byAndWhen says who did something, and when by that room's clock.
func (c *root) byAndWhen(e *entry) string {
	at := time.Unix(e.Time, 0).UTC().Format("2006-01-02 15:04 UTC")
	if !e.attended() || e.Profile == "" {
		return "signed by nobody, " + at
	}
	return "by " + c.who(e.Profile) + ", " + at
}

// clockOf says who confirmed that the clock of one of some records was wrong.
func (c *root) clockOf(entries ...*entry) string {
	for _, e := range entries {
		if by := e.instance.clocks.By(e.Seq); by > 0 {
			said := e.instance.entries[by-1]
			return fmt.Sprintf("the clock of %s was wrong, as %s confirmed in record %d there", e.name(), c.who(said.Profile), by)
		}
	}
	return "no clock was wrong"
}

// saidBy says who made a remark, and where.
func (c *root) saidBy(e *entry) string {
	return fmt.Sprintf("%s, record %d of %s", c.who(e.Profile), e.Seq, e.name())
}

// registersOf is what a record says of the registers of the class that is
// cloned; nil where it says nothing of them.
func (c *root) registersOf(e *entry) *journal.ActData {
	if len(e.Data) == 0 {
		return nil
	}
	d, err := journal.DataOf[journal.ActData](*e.Record)
	if err != nil || d.Class != c.plan.MasterKeyClass() {
		return nil
	}
	return &d
}

// holds reports whether a register has the master key with a pattern.
func holds(r coproc.Register, pattern []byte) bool {
	return r.State == coproc.Full && string(r.Pattern[:]) == string(pattern)
}
