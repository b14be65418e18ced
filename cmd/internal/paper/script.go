package paper

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/coproc"
)

// Script is the ceremony step by step, in the order of the shortest route, and
// a sheet for each thing that can go wrong. Minutes may be empty: the times are
// then for people to fill in.
func Script(p *ceremony.Plan, m Minutes) *Doc {
	w := newWriter(p, m)
	visits := w.visits()
	d := newDoc(p, "Script")
	d.add("Before the ceremony", false, w.cover(visits)...)
	var steps []block
	for _, v := range visits {
		steps = append(steps, w.page(v)...)
	}
	d.add("Step by step", false, steps...)
	for _, x := range exceptionSheets(w) {
		d.add("If something goes wrong", false, x.blocks()...)
	}
	return d
}

// writer writes the script of a plan.
type writer struct {
	p       *ceremony.Plan
	minutes Minutes
	names
	number int  // of the last step
	noted  bool // the source's pattern is on form 2

	// Of a thousand targets these take long to find: once is enough.
	digest coproc.Digest
	duties []ceremony.Responsibility
}

func newWriter(p *ceremony.Plan, m Minutes) *writer {
	return &writer{p: p, minutes: m, names: namesOf(p), digest: p.Digest(), duties: p.Responsibilities()}
}

// names are the nodes that a script speaks of most.
type names struct{ sa, source, target *ceremony.PlanNode } // target is the first one

func namesOf(p *ceremony.Plan) names { return names{p.SA(), p.Source(), p.Targets()[0]} }

// room is a visit with what is done in it.
type room struct {
	number int
	device *ceremony.Coprocessor
	nodes  []*ceremony.PlanNode
	phases []ceremony.PhaseID
	people []string
	bring  []thing // into the room
	take   []thing // out of it
	walk   []thing // to the next one
	steps  []step
	time   estimate
}

// store is the directory of a room's store, named after its coprocessor: typed
// in the wrong room, a command finds no store and does nothing.
func store(device string) []string { return []string{"--store", "room-" + device} }

// from and to name the stick, where the plan does not.
func (w *writer) from() []string {
	if w.p.Carrier != "" {
		return nil
	}
	return []string{"--from", "dir:STICK"}
}

// ownSticks reports whether each share goes on a stick of its own.
func (w *writer) ownSticks() bool { return !w.p.SharesTogether }

// shareStick names the stick of a share where a command wants a name for it.
func (w *writer) shareStick(i int) string {
	if w.p.Carrier != "" || !w.ownSticks() {
		return w.spec()
	}
	return fmt.Sprintf("dir:SHARE%d", i)
}

// shareTo and shareFrom name the sticks of shares, where the plan does not.
func (w *writer) shareTo(shares ...int) (flags []string) {
	for _, i := range shares {
		if w.p.Carrier == "" && w.ownSticks() {
			flags = append(flags, "--share-to", fmt.Sprintf("%d=%s", i, w.shareStick(i)))
		}
	}
	return flags
}

func (w *writer) shareFrom(shares ...int) (flags []string) {
	for _, i := range shares {
		if w.p.Carrier == "" && w.ownSticks() {
			flags = append(flags, "--from", w.shareStick(i))
		}
	}
	return flags
}

// upTo are the shares 1 to n.
func upTo(n int) (shares []int) {
	for i := 1; i <= n; i++ {
		shares = append(shares, i)
	}
	return shares
}

func (w *writer) to() []string {
	if w.p.Carrier != "" {
		return nil
	}
	return []string{"--to", "dir:STICK"}
}

// spec names the stick where a command always wants a name for it.
func (w *writer) spec() string {
	if w.p.Carrier != "" {
		return w.p.Carrier + ":"
	}
	return "dir:STICK"
}

// gapferry makes a command of words and lists of words.
func gapferry(words string, more ...[]string) command {
	c := append(command{"gapferry"}, strings.Fields(words)...)
	for _, m := range more {
		c = append(c, m...)
	}
	return c
}

// officer is how the script calls a profile.
func (w *writer) officer(profile string) string { return w.p.Officer(profile).String() }

// officersAt are all who have a profile at a coprocessor, in the plan's order.
func (w *writer) officersAt(c *ceremony.Coprocessor) []string {
	var all []string
	for _, p := range w.p.Setup(c).Profiles {
		all = append(all, w.officer(p.Name))
	}
	return all
}

func (w *writer) add(v *room, s step) {
	w.number++
	s.Number = w.number
	v.time = v.time.plus(s.Time)
	for _, t := range s.Turns {
		who := plainOr(t.any, t.Who)
		if !slices.Contains(v.people, who) {
			v.people = append(v.people, who)
		}
	}
	v.steps = append(v.steps, s)
}

// visits walks the shortest route, and collects receipts and journals behind it.
func (w *writer) visits() []*room {
	var rooms []*room
	seen := map[string]bool{}
	enter := func(device string) *room {
		v := &room{number: len(rooms) + 1, device: w.p.Coprocessor(device), nodes: w.p.At(device)}
		rooms = append(rooms, v)
		if !seen[device] {
			seen[device] = true
			w.setUp(v)
		}
		return v
	}
	for _, visit := range w.p.Route() {
		v := enter(visit.Coprocessor)
		for _, stop := range visit.Stops {
			v.phases = append(v.phases, stop.Phase)
			w.phase(v, w.p.Node(stop.Node), stop.Phase)
		}
	}
	last := enter(w.source.Coprocessor)
	w.collect(last, w.source)
	if w.sa.Coprocessor != w.source.Coprocessor {
		last = enter(w.sa.Coprocessor)
		w.collect(last, w.sa)
	}
	w.transcript(last)
	carry(rooms, []thing{form1, form2Filled, evidenced})
	return rooms
}

// page is the paper of one visit: its head, with the first step, and the others.
func (w *writer) page(v *room) []block {
	head := facts{
		{"Coprocessor", fmt.Sprintf("%s, serial %s, EID %q", v.device.Name, v.device.Serial, v.device.EID)},
		{"Must be there", strings.Join(v.people, ", ")},
		{"Is brought in", strings.Join(thingWords(v.bring), "; ")},
		{"Is taken out", strings.Join(thingWords(v.take), "; ")},
		{"Begun, ended", ""},
	}
	if v.time.known {
		head = append(head, [2]string{"Takes", v.time.String()})
	}
	blocks := []block{together{title(fmt.Sprintf("Visit %d: %s", v.number, roomTitle(v))), head, v.steps[0]}}
	for _, s := range v.steps[1:] {
		blocks = append(blocks, s)
	}
	return blocks
}

func roomTitle(v *room) string {
	var nodes, phases []string
	for _, n := range v.nodes {
		nodes = append(nodes, n.Name)
	}
	for _, id := range v.phases {
		phases = append(phases, string(id))
	}
	what := "receipts and journals"
	switch len(phases) {
	case 0:
	case 1:
		what = "phase " + phases[0]
	default:
		what = "phases " + strings.Join(phases, ", ")
	}
	return fmt.Sprintf("the room of %s, %s", strings.Join(nodes, " and "), what)
}
