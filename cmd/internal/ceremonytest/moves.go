package ceremonytest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// move is one kind of move: what honest people do, and what befalls them.
type move struct {
	kind         string
	often, dense int // weights in the usual and in the dense mixture
	do           func(*World, *rand.Rand)
}

func usual(m move) int { return m.often }
func dense(m move) int { return m.dense }

var moves = []move{
	{"next", 34, 20, func(w *World, r *rand.Rand) { w.goOn(r, Faults{}) }},
	{"next, killed", 10, 24, func(w *World, r *rand.Rand) {
		f := Faults{Kill: Kill{1 + r.IntN(28), r.IntN(3) == 0}}
		if r.IntN(3) == 0 {
			f.Torn = 1 + r.IntN(30)
		}
		w.goOn(r, f)
	}},
	{"next, full", 4, 3, func(w *World, r *rand.Rand) { w.goOn(r, Faults{Full: 1 + r.IntN(3)}) }},
	{"next, wrong", 3, 1, func(w *World, r *rand.Rand) {
		who := pick(r, []string{"SHARE1", "SHARE2", "SETTER", "VERIFIER", "AUDITOR", "CERTIFIER", "*"})
		for range 1 + r.IntN(2) {
			w.goOn(r, Faults{Wrong: map[string]bool{who: true}})
		}
	}},
	{"any phase", 12, 8, (*World).anyPhase},
	{"cancel", 5, 10, func(w *World, r *rand.Rand) {
		w.Cancel(pick(r, w.targets()), Faults{Kill: perhaps(r, 3, 12), Hold: r.IntN(3) == 0})
	}},
	{"take cancels", 4, 6, func(w *World, r *rand.Rand) {
		w.TakeCancels(pick(r, w.coprocessors()), Faults{Kill: perhaps(r, 4, 10)})
	}},
	{"revoke", 1, 1, func(w *World, r *rand.Rand) {
		w.Revoke(pick(r, w.targets()), Faults{Kill: perhaps(r, 4, 8), Hold: r.IntN(3) == 0})
	}},
	{"take revokes", 1, 1, func(w *World, r *rand.Rand) {
		w.TakeRevokes(pick(r, w.coprocessors()), Faults{Kill: perhaps(r, 4, 6)})
	}},
	{"renew", 3, 4, func(w *World, r *rand.Rand) {
		w.Phase(w.sa(), "3b", ceremony.Options{Renew: w.targets()}, Faults{Kill: perhaps(r, 4, 14)})
	}},
	{"anew", 3, 5, func(w *World, r *rand.Rand) { w.anewAtRandom(r, false) }},
	{"anew, journal lost", 2, 1, func(w *World, r *rand.Rand) { w.anewAtRandom(r, true) }},
	{"anew, source", 1, 1, func(w *World, r *rand.Rand) {
		if c := w.at(w.source()); len(w.Plan.At(c)) == 1 {
			if err := w.Anew(c, r.IntN(3) == 0, Faults{}); err != nil {
				w.wrong("the source cannot be set up anew: %v", err)
			}
		}
	}},
	{"another card", 2, 1, func(w *World, r *rand.Rand) {
		s := pick(r, []Step{{w.source(), "2a"}, {pick(r, w.targets()), "3a"}, {pick(r, w.targets()), "3a"}})
		w.Phase(s.Node, s.Phase, ceremony.Options{Task: procedure.TaskAudit}, Faults{}, emptyStick())
		w.Phase(s.Node, s.Phase, ceremony.Options{Task: procedure.TaskRegisterHash}, Faults{Card: true, Kill: perhaps(r, 4, 8)}, emptyStick())
	}},
	{"unregister", 1, 1, func(w *World, r *rand.Rand) {
		if c := pick(r, w.coprocessors()); w.otherHash(c) {
			w.Unregister(c, Faults{Kill: perhaps(r, 2, 10)})
		}
	}},
	{"receipts", 4, 4, func(w *World, r *rand.Rand) {
		w.Receipts(w.at(pick(r, []string{w.sa(), w.source()})), Faults{Kill: perhaps(r, 4, 8)})
	}},
	{"resend", 3, 2, func(w *World, r *rand.Rand) {
		which := ceremony.Resend{Kind: pick(r, append(slices.Clone(kinds), bundle.KindShare))}
		if which.Kind == bundle.KindShare {
			which.Share = 1 + r.IntN(w.Plan.N)
		}
		w.Resend(pick(r, w.coprocessors()), which, Faults{Full: r.IntN(4)})
	}},
	{"export", 2, 2, func(w *World, r *rand.Rand) {
		w.Export(pick(r, w.coprocessors()), Faults{Kill: perhaps(r, 3, 9)})
	}},
	{"note", 2, 1, func(w *World, r *rand.Rand) {
		c := pick(r, w.coprocessors())
		w.Note(c, ceremony.Remark{Profile: w.Plan.At(c)[0].Officers.Audit, Text: "the lights went out"}, Faults{Kill: perhaps(r, 4, 5)})
	}},
	{"registers of a target", 5, 6, func(w *World, r *rand.Rand) {
		part := make([]byte, w.class().Size())
		for i := range part {
			part[i] = byte(r.Uint32())
		}
		what := pick(r, []string{"generate", "generate", "clear", "clear", "first", "last", "set"})
		w.MasterKey(pick(r, w.targets()), what, part, Faults{Kill: perhaps(r, 5, 7)})
	}},
	{"new register of the source", 1, 1, func(w *World, r *rand.Rand) {
		w.MasterKey(w.source(), pick(r, []string{"generate", "clear"}), nil, Faults{Kill: perhaps(r, 5, 7)})
	}},
	{"passphrase", 2, 1, func(w *World, r *rand.Rand) {
		c := pick(r, w.coprocessors())
		p := pick(r, w.profiles(c))
		w.ChangePassphrase(c, p, fmt.Sprintf("another passphrase %d", r.Uint32()), Faults{Kill: perhaps(r, 4, 5)})
	}},
	{"unlock", 1, 1, func(w *World, r *rand.Rand) {
		c := pick(r, w.coprocessors())
		w.Unlock(c, pick(r, w.profiles(c)), Faults{Kill: perhaps(r, 4, 5)})
	}},
	{"wrong until locked", 1, 1, func(w *World, r *rand.Rand) {
		c := pick(r, w.coprocessors())
		p := pick(r, w.profiles(c))
		for range 2 {
			w.Note(c, ceremony.Remark{Profile: p, Text: "never written"}, Faults{Wrong: map[string]bool{p: true}})
		}
	}},
	{"lose files", 4, 2, func(w *World, r *rand.Rand) {
		for _, s := range w.everything() {
			for _, f := range inOrder(s.Files) {
				if r.IntN(5) == 0 {
					delete(s.Files, f.path())
				}
			}
		}
	}},
	{"old file", 5, 4, func(w *World, r *rand.Rand) {
		for range 1 + r.IntN(3) {
			if len(w.Shelf) > 0 {
				f := pick(r, w.Shelf)
				s := w.Stick
				if strings.HasPrefix(f.Label, string(bundle.KindShare)) {
					s = pick(r, w.Shares)
				}
				s.Files[f.path()] = f
			}
		}
	}},
	{"fresh sticks", 2, 1, func(w *World, r *rand.Rand) { w.FreshSticks() }},
	{"exchange share sticks", 2, 1, func(w *World, r *rand.Rand) {
		r.Shuffle(len(w.Shares), func(i, k int) { w.Shares[i], w.Shares[k] = w.Shares[k], w.Shares[i] })
	}},
	{"damage", 3, 1, (*World).damage},
	{"clock", 4, 2, func(w *World, r *rand.Rand) {
		room := w.rooms[pick(r, w.coprocessors())]
		room.skew, room.stopped = 0, nil
		day := 24 * time.Hour
		switch r.IntN(9) {
		case 0:
			room.skew = day
		case 1:
			room.skew = -day
		case 2:
			room.skew = 40 * day
		case 3:
			room.skew = -40 * day
		case 4:
			at := time.Date(1970, 1, 1, 0, 0, 9, 0, time.UTC)
			room.stopped = &at
		case 5:
			at := time.Date(2038, 1, 19, 4, 0, 0, 0, time.UTC)
			room.stopped = &at
		case 6:
			room.skew = 3 * time.Hour
		}
		w.say("    the clock of %s says %s, it is %s", room.name, w.clock(room.name)(), w.now)
	}},
	{"later", 3, 1, func(w *World, r *rand.Rand) {
		w.now = w.now.Add(pick(r, []time.Duration{time.Hour, 24 * time.Hour, 10 * 24 * time.Hour, 31 * 24 * time.Hour}))
		w.say("    later: it is %s", w.now)
	}},
}

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

// perhaps kills one of so many commands, at one of its first calls.
func perhaps(r *rand.Rand, one, calls int) Kill {
	if r.IntN(one) > 0 {
		return Kill{}
	}
	return Kill{1 + r.IntN(calls), r.IntN(3) == 0}
}

func (w *World) do(m Move) {
	for _, k := range moves {
		if k.kind == m.Kind && !closed[m.Kind] {
			w.say("# %s", m)
			k.do(w, rand.New(rand.NewPCG(m.Seed, 5)))
			return
		}
	}
}

// closed are moves that lead where there is no way out yet.
var closed = map[string]bool{}

// otherHash says whether a coprocessor has a hash registered that is not the one
// on the cards: two officers who see that take it back.
func (w *World) otherHash(coprocessor string) bool {
	h := w.rooms[coprocessor].holds.SAHash
	return h != nil && *h != w.hash
}

func (w *World) profiles(coprocessor string) (all []string) {
	for _, p := range w.Plan.Setup(w.Plan.Coprocessor(coprocessor)).Profiles {
		all = append(all, p.Name)
	}
	return all
}

// open are the phases that a room's own status says are not done.
func (w *World) open() map[Step][]string {
	open := map[Step][]string{}
	for _, c := range w.coprocessors() {
		s, err := w.Status(c)
		if err != nil {
			continue // it was told after the command before
		}
		for _, p := range s.Phases {
			if !p.Done {
				open[Step{p.Node, p.Phase}] = append(open[Step{p.Node, p.Phase}], p.Target)
			}
		}
	}
	return open
}

// goOn does the next phase, as somebody does who looks at `gapferry status`;
// now and then one further on.
func (w *World) goOn(r *rand.Rand, f Faults) {
	var todo []Step
	open := w.open()
	for _, s := range w.route() {
		if _, is := open[s]; is {
			todo = append(todo, s)
		}
	}
	if len(todo) == 0 {
		todo = []Step{pick(r, w.route())}
	}
	s := todo[0]
	if r.IntN(4) == 0 {
		s = todo[min(len(todo)-1, r.IntN(3))]
	}
	o := ceremony.Options{}
	if s.Phase == "3c" && r.IntN(3) == 0 {
		o.Targets = []string{pick(r, w.targets())}
	}
	if s.Phase == "3c" && r.IntN(6) == 0 {
		o.GiveUp = []int{1 + r.IntN(w.Plan.N)}
	}
	if (s.Phase == "3c" || s.Phase == "3d") && r.IntN(5) == 0 {
		o.Shares = w.someShares(r)
	}
	f.Nods = r.IntN(4) == 0
	w.Phase(s.Node, s.Phase, o, f)
}

func (w *World) someShares(r *rand.Rand) (some []int) {
	for i := range w.Plan.N {
		if r.IntN(2) == 0 {
			some = append(some, i+1)
		}
	}
	return some
}

// anyPhase is a phase at any time, with whatever options and sticks.
func (w *World) anyPhase(r *rand.Rand) {
	s := pick(r, w.route())
	o := ceremony.Options{}
	if r.IntN(3) == 0 {
		o.Shares = w.someShares(r)
	}
	if r.IntN(6) == 0 {
		o.GiveUp = w.someShares(r)
	}
	if r.IntN(3) == 0 {
		o.Targets = []string{pick(r, w.targets())}
	}
	if r.IntN(6) == 0 {
		o.Renew = []string{pick(r, w.targets())}
	}
	if r.IntN(6) == 0 {
		o.Task = pick(r, procedure.Tasks())
	}
	sticks := w.everything()
	switch r.IntN(5) {
	case 0: // everything there ever was
		all := &Stick{"all there ever was", map[string]File{}}
		for _, f := range w.Shelf {
			all.Files[f.path()] = f
		}
		sticks = []*Stick{all}
	case 1: // some of it
		some := &Stick{"some of all there ever was", map[string]File{}}
		for _, f := range w.Shelf {
			if r.IntN(100) < 60 {
				some.Files[f.path()] = f
			}
		}
		sticks = []*Stick{some}
	case 2: // a share stick is missing
		i := 1 + r.IntN(len(sticks)-1)
		sticks = append(slices.Clone(sticks[:i]), sticks[i+1:]...)
	}
	w.Phase(s.Node, s.Phase, o, Faults{Kill: perhaps(r, 6, 28)}, sticks...)
}

func (w *World) anewAtRandom(r *rand.Rand, lost bool) {
	t := pick(r, w.targets())
	if len(w.Plan.At(w.at(t))) > 1 {
		return // it would be the SA, too
	}
	if err := w.Anew(w.at(t), lost, Faults{Kill: perhaps(r, 4, 9)}); err != nil {
		w.wrong("%s cannot be set up anew: %v", t, err)
	}
}

// damage changes a file on the stick that is carried around.
func (w *World) damage(r *rand.Rand) {
	stick := pick(r, w.everything())
	files := inOrder(stick.Files)
	if len(files) == 0 {
		return
	}
	w.damaged = true
	f := pick(r, files)
	b := slices.Clone(f.Data)
	switch r.IntN(5) {
	case 0:
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
	case 1:
		b = b[:r.IntN(len(b))]
	case 2: // two files change places
		g := pick(r, files)
		b = slices.Clone(g.Data)
		g.Data = f.Data
		stick.Files[g.path()] = g
	case 3: // a copy beside it
		f.Name += "x"
	case 4: // a copy in another database
		f.Folder = pick(r, append(w.targets(), "sa")) + ".db"
	}
	f.Data = b
	stick.Files[f.path()] = f
	w.say("    %s is damaged on %s", f.Label, stick.Name)
}
