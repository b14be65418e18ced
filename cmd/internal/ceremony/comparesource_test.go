package ceremony

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// asked is a question to an officer.
type asked struct {
	profile string
	Confirmation
}

// comparing is a room whose officers hold the source's key card against the
// screen: any other words are a no. Those of careless say yes to anything.
type comparing struct {
	*people
	card     string
	careless map[string]bool
	seen     []asked
}

func (c *comparing) Confirm(q Confirmation) (journal.Means, error) {
	profile := c.people.asked[len(c.people.asked)-1]
	c.seen = append(c.seen, asked{profile, q})
	for _, f := range q.Facts {
		if strings.HasPrefix(f[0], "keys of ") && f[1] != c.card && !c.careless[profile] {
			return 0, ErrNoAnswer
		}
	}
	return 0, nil
}

// saw lists who was shown the source's keys, in order.
func (c *comparing) saw() (profiles []string) {
	for _, q := range c.seen {
		if slices.Contains(q.Facts, [2]string{"keys of css", c.card}) {
			profiles = append(profiles, q.profile)
		}
	}
	return profiles
}

// comparing gives csr1's room the card from the source's own room.
func (w *world) comparing() *comparing {
	return &comparing{people: w.people, card: keyCard(w.keys("css")), careless: map[string]bool{}}
}

// tryAt is try with the people of a room.
func (w *world) tryAt(d Desk, node string, id procedure.PhaseID, o Options) (*Result, error) {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	o.Incoming, o.Deliver = read(n.Folders(id), w.stick), w.stick.deliver
	return n.RunPhase(id, o, d)
}

// compared lists who compared, as a node's journal has it.
func (w *world) compared(node string) (profiles []string) {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	for _, r := range n.Records() {
		if r.Event == journal.EventCompared {
			profiles = append(profiles, r.Profile)
		}
	}
	return profiles
}

// A bad certifier certifies a source of their own. The officers of a target
// hold its keys against the card from the source's room and say no, before the
// coprocessor takes in anything; and again before a master key is set.
func TestRogueSource(t *testing.T) {
	w := after(t, small, "3c")
	own := w.secondSource()
	honest := w.stick
	room := w.comparing()
	w.stick = maps.Clone(own)
	for _, o := range []Options{{}, {Task: procedure.TaskInstallShares}, {Shares: []int{2}}, {Task: procedure.TaskInstallShares, Shares: []int{1}}} {
		room.seen = nil
		_, err := w.tryAt(room, "csr1", "3d", o)
		mustRefuse(t, err, refusal.CodeNotConfirmed, "install shares from css: nobody said yes, nothing was done")
		if len(room.seen) != 1 || room.seen[0].With != "the key card that was written in the source's own room" {
			t.Errorf("asked was %+v", room.seen)
		}
	}
	n := w.open("csr1")
	if _, taken := n.History().LastReceived("csr1", bundle.KindStatement, "css"); taken {
		t.Error("the statement was taken in")
	}
	n.Close()
	if info := w.info("csr1"); len(info.Receiving) != 0 || info.Register(coproc.SymMK).New.State != coproc.Empty {
		t.Errorf("the coprocessor has %+v", info)
	}

	// A careless share officer does not make the setter careless.
	lapse := w.snapshot().restore(t)
	lapse.stick = maps.Clone(own)
	room = w.comparing()
	room.people, room.careless["SHARE1"] = lapse.people, true
	_, err := lapse.tryAt(room, "csr1", "3d", Options{})
	mustRefuse(t, err, refusal.CodeNotConfirmed, "set the SYM-MK master key of csr1: nobody said yes, nothing was done")
	_, err = lapse.tryAt(room, "csr1", "3d", Options{Task: procedure.TaskSet})
	mustRefuse(t, err, refusal.CodeNotConfirmed, "set the SYM-MK master key of csr1: nobody said yes, nothing was done")
	if got := lapse.info("csr1").Register(coproc.SymMK).Current; got.State != coproc.Empty {
		t.Errorf("the current register is %s", got)
	}
	if who := lapse.compared("csr1"); !slices.Equal(who, []string{"SHARE1"}) {
		t.Errorf("compared have %v", who)
	}
	n = lapse.open("csr1")
	defer n.Close()
	if _, err := n.RunAct(Act{Text: "set", Task: "set", Class: coproc.SymMK, Sets: true, Officer: func(p *plan.Node) string { return p.Officers.Set }, Do: func(s ActSession) (string, error) {
		_, err := s.Keys.SetMasterKey(coproc.SymMK)
		return "", err
	}}, lapse.people); err == nil {
		t.Error("the act outside of the phases set the key, and nobody compared")
	} else {
		mustRefuse(t, err, refusal.CodeOrder, "was made from shares")
	}

	// The right stick goes through, after all that.
	w.stick = honest
	if r, err := w.tryAt(w.comparing(), "csr1", "3d", Options{}); err != nil || !r.Complete || !r.Targets[0].Equal {
		t.Errorf("%+v, %v", r, err)
	}
}

// The first share officer and the setter compare, each once, whoever of the
// share officers is first and however often they come.
func TestSourceComparedOnce(t *testing.T) {
	for _, c := range []struct {
		name string
		runs []Options
		want []string
	}{
		{"in one go", []Options{{}}, []string{"SHARE1", "SETTER"}},
		{"share by share", []Options{{Shares: []int{2}}, {Shares: []int{1}}, {}}, []string{"SHARE2", "SETTER"}},
		{"task by task", []Options{
			{Task: procedure.TaskInstallShares, Shares: []int{2}}, {Task: procedure.TaskInstallShares}, {Task: procedure.TaskVerify}, {Task: procedure.TaskSet}, {},
		}, []string{"SHARE2", "SETTER"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := after(t, small, "3c")
			room := w.comparing()
			for i, o := range c.runs {
				if _, err := w.tryAt(room, "csr1", "3d", o); err != nil && i == len(c.runs)-1 {
					t.Fatal(err)
				}
			}
			if who := room.saw(); !slices.Equal(who, c.want) {
				t.Errorf("asked were %v, want %v", who, c.want)
			}
			if who := w.compared("csr1"); !slices.Equal(who, c.want) {
				t.Errorf("the journal has %v, want %v", who, c.want)
			}
		})
	}
}

// A kill between the answer and the act: who has said yes, and is in the
// journal with it, is not asked once more for the same source.
func TestSourceComparedBeforeKill(t *testing.T) {
	for _, call := range []string{"accept statement", "install"} {
		w := after(t, small, "3c")
		killed := false
		for at := 1; !killed; at++ {
			k := &killer{at: at}
			again := w.snapshot().restore(t)
			if err := again.killed("csr1", "3d", k); err == nil {
				t.Fatalf("%s was never called", call)
			}
			if k.last != call {
				continue
			}
			killed = true
			room := w.comparing()
			room.people = again.people
			if _, err := again.tryAt(room, "csr1", "3d", Options{}); err != nil {
				t.Fatalf("after %s: %v", call, err)
			}
			if who := room.saw(); !slices.Equal(who, []string{"SETTER"}) {
				t.Errorf("killed after %s: asked were %v", call, who)
			}
			if who := again.compared("csr1"); !slices.Equal(who, []string{"SHARE1", "SETTER"}) {
				t.Errorf("killed after %s: the journal has %v", call, who)
			}
		}
	}
}

// Another share set, or another certificate, is compared anew.
func TestSourceComparedAnew(t *testing.T) {
	w := after(t, small, "3c")
	room := w.comparing()
	if _, err := w.tryAt(room, "csr1", "3d", Options{Task: procedure.TaskInstallShares, Shares: []int{1}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.cancel("csr1"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.takeCancels("csr1"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.try("css", "3c", Options{Targets: []string{"csr1"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.tryAt(room, "csr1", "3d", Options{}); err != nil {
		t.Fatal(err)
	}
	if who := room.saw(); !slices.Equal(who, []string{"SHARE1", "SHARE1", "SETTER"}) {
		t.Errorf("asked were %v", who)
	}

	n := w.open("csr1")
	defer n.Close()
	r := install(n.newRun(procedure.Phase("3d"), w.plan.Node("csr1"), Options{}, nil))
	r.info = w.info("csr1")
	source, s, _, err := r.stated()
	if err != nil {
		t.Fatal(err)
	}
	officers := r.node.Officers.InstallShares
	renewed := w.certify("css", source.Claims().Keys, source.Claims().Answers, func(c *coproc.Claims) { c.Generation = 2 })
	if !r.comparedBy(source, s.ShareSet, officers) || r.comparedBy(renewed, s.ShareSet, officers) || r.comparedBy(source, s.ShareSet, []string{"SHARE2"}) {
		t.Error("what one officer compared counts for another certificate, or for another officer")
	}
}
