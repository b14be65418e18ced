package paper

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/journal"
)

// setUp makes the store of a room that is entered for the first time, and the
// master key of the source.
func (w *visitWriter) setUp(v *roomVisit) {
	c := v.device
	officers := w.officersAt(c)
	turns := []logOn{{Who: w.officer(c.Administrator), What: "types the command"}}
	for _, o := range officers {
		turns = append(turns, logOn{Who: o, What: "chooses a passphrase"})
	}
	var nodes []string
	for _, n := range v.nodes {
		nodes = append(nodes, n.Name)
	}
	w.add(v, step{
		What:    "Compare the plan with this script.",
		Command: gapferry("plan check --plan plan.toml"),
		Compare: []string{"the digest on the screen with " + w.digest.Short() + " on this script."},
		uses:    []item{thePlan},
		Expect:  []string{fmt.Sprintf("the plan is good: %s, %d of %d shares, %d target(s), digest %s", w.p.Class, w.p.M, w.p.N, len(w.p.Targets()), w.digest.Short())},
	})
	w.add(v, step{
		What:    fmt.Sprintf("Set up coprocessor %s. Each officer chooses a passphrase of at least eight characters and types it twice. An interrupted init has made nothing: begin again.", c.Name),
		Command: gapferry("init --plan plan.toml --node "+v.nodes[0].Name, store(c.Name)),
		Compare: []string{fmt.Sprintf("each officer, before a passphrase: the words of the plan on the screen with %s here, and %s.", strings.Join(w.p.Words(), " "), w.p.Stakes())},
		LogOns:  turns, uses: []item{thePlan},
		Notes: []string{"Whoever has a profile here has to come now, also for a task that is done later or perhaps not at all, as loading a key in parts: nobody can choose a passphrase afterwards."},
		Expect: []string{fmt.Sprintf("made store room-%s: software coprocessor %s, serial %s, EID %q, m = %d, n = %d, for node %s",
			c.Name, c.Name, c.Serial, c.EID, w.p.M, w.p.N, strings.Join(nodes, " and "))},
	})
	if slices.Contains(v.nodes, w.source) {
		w.masterKey(v)
	}
}

// masterKey gives the source a master key, by the officers that the plan has
// for it: at random or in parts, if it does not have one already.
func (w *visitWriter) masterKey(v *roomVisit) {
	o, at, class := w.source.Officers, store(v.device.Name), w.p.Class
	act := w.durations.of(stepKind{event: journal.EventAct})
	ways := w.keyChoices(at, act)
	if o.Set != "" {
		set := step{
			What: "Set it: the new master key becomes the current one.", Command: gapferry("coprocessor set", at),
			LogOns: []logOn{{Who: w.officer(o.Set), What: "compares and says yes"}}, Time: act,
			Expect: []string{class + ": new empty, current full …, old …"},
		}
		ways = append(ways, []step{set})
	}
	if len(ways) == 0 {
		return
	}
	first := w.number + 2 // the step behind the question
	number := first
	var choices []string
	for i, way := range ways {
		steps := stepNumbers(number, len(way))
		number += len(way)
		switch {
		case way[0].What == madeAtRandom:
			choices = append(choices, steps+", at random")
		case o.Set == "" || i < len(ways)-1:
			choices = append(choices, steps+", in parts")
		}
	}
	leave := fmt.Sprintf("If the screen says \"current full\", the source has its master key: leave out %s.", stepNumbers(first, number-first))
	if len(choices) == 2 {
		leave += fmt.Sprintf(" Otherwise do %s, but not both.", strings.Join(choices, ", or "))
	}
	w.add(v, step{
		What:    fmt.Sprintf("Does the source have its %s master key already?", class),
		Command: gapferry("coprocessor registers", at), Notes: []string{leave},
		LogOns: []logOn{{Who: w.officer(w.source.Officers.Audit), What: "has the registers shown"}},
		Expect: []string{class + " new …, current …"},
	})
	for i, way := range ways {
		for _, s := range way {
			note := "Leave this out if the source had its master key already."
			if len(choices) == 2 && (o.Set == "" || i < len(ways)-1) {
				other := choices[1-i]
				note = fmt.Sprintf("Leave this out if the source had its master key already, or if it does %s.", other)
			}
			s.Notes = append(s.Notes, note)
			w.add(v, s)
		}
	}
}

// stepNumbers is "step 7" or "steps 7 to 9".
func stepNumbers(first, n int) string {
	switch n {
	case 1:
		return fmt.Sprintf("step %d", first)
	case 2:
		return fmt.Sprintf("steps %d and %d", first, first+1)
	}
	return fmt.Sprintf("steps %d to %d", first, first+n-1)
}

const madeAtRandom = "At random: the coprocessor makes the master key, and nobody ever knows it."

// keyChoices are the ways to fill the new register.
func (w *visitWriter) keyChoices(at []string, act estimate) (ways [][]step) {
	o, class := w.source.Officers, w.p.Class
	if o.Random != "" {
		ways = append(ways, []step{{
			What: madeAtRandom, Command: gapferry("coprocessor generate", at), Time: act,
			LogOns: []logOn{{Who: w.officer(o.Random), What: "has the coprocessor make it"}},
			Expect: []string{class + ": new full …, current …"},
		}})
	}
	if o.FirstPart != "" {
		ways = append(ways, []step{{
			What:    "In parts: the first part.",
			Command: gapferry("coprocessor load --part first", at),
			LogOns:  []logOn{{Who: w.officer(o.FirstPart), What: "types the first part, twice; nobody else sees it"}},
			Expect:  []string{class + ": new partial …"},
		}, {
			What:    "In parts: the last part. The parts are XORed.",
			Command: gapferry("coprocessor load --part last", at),
			LogOns:  []logOn{{Who: w.officer(o.LastPart), What: "types the last part, twice; nobody else sees it"}},
			Expect:  []string{class + ": new full …"},
		}})
	}
	return ways
}
