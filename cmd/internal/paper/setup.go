package paper

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
)

// setUp makes the store of a room that is entered for the first time, and the
// master key of the source.
func (w *writer) setUp(v *room) {
	c := v.device
	officers := w.officersAt(c)
	v.bring = append(v.bring, "the plan")
	turns := []turn{{who: w.officer(c.Administrator), what: "types the command"}}
	for _, o := range officers {
		turns = append(turns, turn{who: o, what: "chooses a passphrase"})
	}
	var nodes []string
	for _, n := range v.nodes {
		nodes = append(nodes, n.Name)
	}
	w.add(v, step{
		what:    "Compare the plan with this script.",
		command: gapferry("plan check --plan plan.toml"),
		compare: []string{"the digest on the screen with " + w.digest.Short() + " on this script."},
		expect:  []string{fmt.Sprintf("the plan is good: %s, %d of %d shares, %d target(s), digest %s", w.p.Class, w.p.M, w.p.N, len(w.p.Targets()), w.digest.Short())},
	})
	w.add(v, step{
		what:    fmt.Sprintf("Set up coprocessor %s. Each officer chooses a passphrase of at least eight characters and types it twice. An interrupted init has made nothing: begin again.", c.Name),
		command: gapferry("init --plan plan.toml --node "+v.nodes[0].Name, store(c.Name)),
		turns:   turns,
		expect: []string{fmt.Sprintf("made store room-%s: software coprocessor %s, serial %s, EID %q, m = %d, n = %d, for node %s",
			c.Name, c.Name, c.Serial, c.EID, w.p.M, w.p.N, strings.Join(nodes, " and "))},
	})
	if slices.Contains(v.nodes, w.source) {
		w.masterKey(v)
	}
}

// masterKey gives the source a master key, by the officers that the plan has
// for it.
func (w *writer) masterKey(v *room) {
	o, at, class := w.source.Officers, store(v.device.Name), w.p.Class
	already := fmt.Sprintf("Leave this out if the source has its %s master key already: `gapferry coprocessor registers --store room-%s` says current full.", class, v.device.Name)
	act := w.minutes.of(stepKind{event: ceremony.EventAct})
	if o.Random != "" {
		w.add(v, step{
			what: "Make the master key at random. Nobody ever knows it.", command: gapferry("coprocessor generate", at),
			turns: []turn{{who: w.officer(o.Random), what: "has the coprocessor make it"}}, notes: []string{already}, time: act,
			expect: []string{class + ": new full …, current …"},
		})
	}
	if o.FirstPart != "" {
		s := step{
			what:    "Load the master key in parts: the first part.",
			command: gapferry("coprocessor load --part first", at),
			turns:   []turn{{who: w.officer(o.FirstPart), what: "types the first part, twice; nobody else sees it"}},
			notes:   []string{already}, expect: []string{class + ": new partial …"},
		}
		if o.Random != "" {
			s.what = "Or, instead of making it at random, load the master key in parts: the first part."
		}
		w.add(v, s)
		w.add(v, step{
			what:    "The last part. The parts are XORed.",
			command: gapferry("coprocessor load --part last", at),
			turns:   []turn{{who: w.officer(o.LastPart), what: "types the last part, twice; nobody else sees it"}},
			expect:  []string{class + ": new full …"},
		})
	}
	if o.Set != "" {
		w.add(v, step{
			what: "Set it: the new master key becomes the current one.", command: gapferry("coprocessor set", at),
			turns: []turn{{who: w.officer(o.Set), what: "compares and says yes"}}, notes: []string{already}, time: act,
			expect: []string{class + ": new empty, current full …, old …"},
		})
	}
}
