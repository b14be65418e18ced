package ceremonytest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// Walk is one random ceremony: where it begins, and what is done in it. Each
// move has a seed of its own, so that leaving one out leaves the others as they
// are.
type Walk struct {
	Seed  uint64
	Plan  string // of plans
	Stage int    // how many phases of the route were done without a fault before
	Moves []Move
}

// Move is one thing that is done or that happens.
type Move struct {
	Kind string
	Seed uint64
}

func (m Move) String() string { return fmt.Sprintf("%s/%x", m.Kind, m.Seed) }

func (k Walk) String() string {
	var moves []string
	for _, m := range k.Moves {
		moves = append(moves, m.String())
	}
	return fmt.Sprintf("seed %d: plan %q, %d phases done; %s", k.Seed, k.Plan, k.Stage, strings.Join(moves, " "))
}

// plans are what walks are made over.
var plans = map[string]draft.Options{
	"two":      {M: 2, N: 3, Targets: 2},
	"one":      {M: 2, N: 3, Targets: 1},
	"five":     {M: 2, N: 2, Targets: 5},
	"three":    {M: 3, N: 4, Targets: 3},
	"SA, css":  {M: 2, N: 3, Targets: 2, SAWith: "css"},
	"SA, csr1": {M: 2, N: 3, Targets: 2, SAWith: "csr1"},
}

func options(plan string) draft.Options {
	o := plans[plan]
	o.Title, o.Class, o.Rehearsal, o.LockAfter = "A ceremony at random", coproc.SymMK, true, 5
	return o
}

// Step is one phase at one node.
type Step struct {
	Node  string
	Phase procedure.PhaseID
}

// route is Table 1 for a plan's nodes.
func (w *World) route() (steps []Step) {
	for _, row := range procedure.Table1 {
		for _, n := range w.Plan.WithRole(row.Role) {
			steps = append(steps, Step{n.Name, row.Phase})
		}
	}
	return steps
}

// stages are the Worlds of a plan after each phase of the route, made once:
// making rooms takes longer than most walks.
type stages struct {
	once   sync.Once
	worlds []*World
	err    error
}

var (
	begun   = map[string]*stages{}
	begunMu sync.Mutex
)

// Begin gives a World in which so many phases of the route are done, after the
// source has got its master key.
func Begin(plan string, phases int) (*World, error) {
	if _, known := plans[plan]; !known {
		return nil, fmt.Errorf("there is no plan %q", plan)
	}
	begunMu.Lock()
	s := begun[plan]
	if s == nil {
		s = &stages{}
		begun[plan] = s
	}
	begunMu.Unlock()
	s.once.Do(func() { s.worlds, s.err = everyStage(plan) })
	if s.err != nil {
		return nil, s.err
	}
	w, err := s.worlds[min(phases, len(s.worlds)-1)].Clone()
	if err == nil {
		w.Trace, w.steps = nil, 0
	}
	return w, err
}

// CloseStages removes what Begin keeps.
func CloseStages() {
	begunMu.Lock()
	defer begunMu.Unlock()
	for plan, s := range begun {
		for _, w := range s.worlds {
			_ = w.Close()
		}
		delete(begun, plan)
	}
}

func everyStage(plan string) (all []*World, err error) {
	w, err := NewWorld(options(plan))
	if err != nil {
		return nil, err
	}
	keep := func() {
		if err == nil {
			var c *World
			c, err = w.Clone()
			all = append(all, c)
		}
	}
	if err = w.LoadSource(); err != nil {
		return nil, err
	}
	keep()
	for _, s := range w.route() {
		if err == nil {
			_, err = w.Phase(s.Node, s.Phase, ceremony.Options{}, Faults{})
		}
		keep()
	}
	if err == nil && len(w.Wrong) > 0 {
		err = fmt.Errorf("the plain ceremony went wrong: %s", strings.Join(w.Wrong, "; "))
	}
	_ = w.Close()
	return all, err
}

// NewWalk is the walk of a seed.
func NewWalk(seed uint64) Walk {
	rng := rand.New(rand.NewPCG(seed, 1))
	names := []string{"two", "two", "two", "one", "one", "three", "five", "SA, css", "SA, css", "SA, csr1"}
	k := Walk{Seed: seed, Plan: names[rng.IntN(len(names))], Stage: rng.IntN(11)}
	weight := usual
	length := 3 + rng.IntN(16)
	if rng.IntN(3) == 0 {
		// Crashes on crashes, where most is at stake.
		weight, length = dense, 6+rng.IntN(22)
		k.Stage = 4 + rng.IntN(7)
	}
	total := 0
	for _, m := range moves {
		total += weight(m)
	}
	for range length {
		x := rng.IntN(total)
		for _, m := range moves {
			if x -= weight(m); x < 0 {
				k.Moves = append(k.Moves, Move{m.kind, rng.Uint64()})
				break
			}
		}
	}
	return k
}

// Report is what became of a walk.
type Report struct {
	Walk
	Wrong  []string // what must never be
	Dead   string   // why the operator did not come to the end; "" where they did
	Unled  []string // where they went on by what nothing in the program says
	Odd    []string // what a person would wonder at
	Codes  map[string]int
	Steps  int // in the walk and afterwards
	Trace  []string
	Verify string // the headline at the end
}

// Bad says whether anything is not as it must be.
func (r Report) Bad() bool { return len(r.Wrong)+len(r.Odd) > 0 || r.Dead != "" }

// Run does a walk, and lets an operator bring it to its end. hint gives the
// program's hint for an error, as it prints it below the error; it may be nil.
func (k Walk) Run(hint func(error) string) (r Report, err error) {
	w, err := Begin(k.Plan, k.Stage)
	if err != nil {
		return r, err
	}
	defer w.Close()
	r.Walk = k
	for _, m := range k.Moves {
		w.do(m)
		if m.Seed%9 == 0 {
			if err := w.auditorLooks(); err != nil {
				return r, err
			}
		}
	}
	o := &operator{w: w, hint: hint}
	r.Dead = o.finish()
	r.Unled, r.Verify = o.unled, o.headline
	r.Wrong, r.Odd, r.Codes, r.Steps, r.Trace = w.Wrong, w.Odd, w.Codes, w.steps, w.Trace
	return r, nil
}

// Minimise leaves out moves as long as what is bad stays bad in the same way,
// by at most so many tries.
func (k Walk) Minimise(hint func(error) string, tries int) (Report, error) {
	best, err := k.Run(hint)
	if err != nil || !best.Bad() {
		return best, err
	}
	for size := max(1, len(best.Moves)/2); size > 0; size /= 2 {
		for at := 0; at+size <= len(best.Moves) && tries > 0; {
			tries--
			less := best.Walk
			less.Moves = append(append([]Move(nil), best.Moves[:at]...), best.Moves[at+size:]...)
			r, err := less.Run(hint)
			if err != nil {
				return best, err
			}
			if r.Bad() && r.sort() == best.sort() {
				best = r
				continue
			}
			at += size
		}
	}
	return best, nil
}

// sort is what is bad, without what differs from run to run.
func (r Report) sort() string {
	switch {
	case len(r.Wrong) > 0:
		return "wrong: " + Same(r.Wrong[0])
	case r.Dead == "" && len(r.Odd) > 0:
		return "odd: " + Same(r.Odd[0])
	}
	return "dead end: " + Same(r.Dead)
}
