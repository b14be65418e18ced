package ceremonytest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// World is one ceremony: its rooms, people, sticks and cards.
type World struct {
	judging
	sticks

	hash  coproc.Thumbprint // on the cards
	noted string            // the pattern on the worksheet
	parts [2][]byte         // of the source's master key, in a safe
	steps int
	last  error
}

// places are the rooms of a ceremony, and what their clocks say.
type places struct {
	Plan  *plan.Plan
	dir   string
	now   time.Time // the true time
	rooms map[string]*room
}

// room is one coprocessor's.
type room struct {
	name        string
	passphrases map[string]string
	skew        time.Duration // of its clock
	stopped     *time.Time    // what its clock says, if it says always the same
	holds       coproc.Info   // truly
	own         map[string]bool
	before      map[string]string // current pattern, by node, after the step before
	anew        int               // how often it began anew in the same store
	set         int               // how often it was set up
}

func (r *room) passphrase(profile string) string {
	if p, changed := r.passphrases[profile]; changed {
		return p
	}
	return "passphrase of " + profile
}

// begins is when every World begins.
var begins = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// NewWorld makes the rooms of a ceremony in a new directory, which Close
// removes.
func NewWorld(o draft.Options) (*World, error) {
	plan, err := draft.New(o)
	if err != nil {
		return nil, err
	}
	w := &World{
		judging: judging{
			places: places{Plan: plan, now: begins, rooms: map[string]*room{}},
			Codes:  map[string]int{}, cards: map[string]string{}, stated: map[string]bool{}, vouched: map[coproc.Thumbprint]bool{},
		},
		sticks: sticks{each: plan.N, labels: map[coproc.Digest]string{}, made: map[string]int{}, shelved: map[coproc.Digest]bool{}},
	}
	if w.dir, err = tempDir(); err != nil {
		return nil, err
	}
	for i := range w.parts {
		w.parts[i] = make([]byte, w.class().Size())
		for k := range w.parts[i] {
			w.parts[i][k] = byte(31*i + 7*k + 1)
		}
	}
	w.FreshSticks()
	for _, c := range plan.Coprocessors {
		w.rooms[c.Name] = newRoom(c.Name)
		if err := w.SetUp(c.Name, Faults{}); err != nil {
			return nil, errors.Join(err, w.Close())
		}
	}
	return w, nil
}

func newRoom(name string) *room {
	return &room{name: name, passphrases: map[string]string{}, own: map[string]bool{}, before: map[string]string{}}
}

// tempDir is in memory where there is such a place: what is tested is what
// the program does, not what a disk does.
func tempDir() (string, error) {
	if dir, err := os.MkdirTemp("/dev/shm", "gapferry-test-*"); err == nil {
		return dir, nil
	}
	return os.MkdirTemp("", "gapferry-test-*")
}

// Close removes the stores.
func (w *places) Close() error { return os.RemoveAll(w.dir) }

// Clone gives a World of its own that is as this one is now.
func (w *World) Clone() (*World, error) {
	c := *w
	var err error
	if c.dir, err = tempDir(); err != nil {
		return nil, err
	}
	if err := os.CopyFS(c.dir, os.DirFS(w.dir)); err != nil {
		return nil, err
	}
	c.rooms = map[string]*room{}
	for name, r := range w.rooms {
		other := *r
		other.passphrases, other.own, other.before = maps.Clone(r.passphrases), maps.Clone(r.own), maps.Clone(r.before)
		c.rooms[name] = &other
	}
	c.Stick, c.Shares = w.Stick.clone(), nil
	for _, s := range w.Shares {
		c.Shares = append(c.Shares, s.clone())
	}
	c.Shelf, c.Trace, c.Wrong, c.Odd = slices.Clone(w.Shelf), slices.Clone(w.Trace), slices.Clone(w.Wrong), slices.Clone(w.Odd)
	c.Codes, c.cards, c.stated, c.vouched = maps.Clone(w.Codes), maps.Clone(w.cards), maps.Clone(w.stated), maps.Clone(w.vouched)
	c.labels, c.made, c.shelved = maps.Clone(w.labels), maps.Clone(w.made), maps.Clone(w.shelved)
	return &c, nil
}

func (w *places) store(coprocessor string) string { return filepath.Join(w.dir, coprocessor) }

func (w *places) at(node string) string { return w.Plan.Node(node).Coprocessor }

func (w *places) class() coproc.Class { return w.Plan.MasterKeyClass() }

func (w *places) source() string { return w.Plan.Source().Name }

func (w *places) sa() string { return w.Plan.SA().Name }

func (w *places) targets() (all []string) {
	for _, t := range w.Plan.Targets() {
		all = append(all, t.Name)
	}
	return all
}

func (w *places) coprocessors() (all []string) {
	for _, c := range w.Plan.Coprocessors {
		all = append(all, c.Name)
	}
	return all
}

// clock is what a room's clock says.
func (w *places) clock(coprocessor string) func() time.Time {
	return func() time.Time {
		r := w.rooms[coprocessor]
		if r.stopped != nil {
			return *r.stopped
		}
		return w.now.Add(r.skew)
	}
}

func (w *judging) say(format string, a ...any) {
	w.Trace = append(w.Trace, fmt.Sprintf(format, a...))
}

// wrong keeps what must never be.
func (w *judging) wrong(format string, a ...any) {
	w.Wrong = append(w.Wrong, fmt.Sprintf(format, a...))
	w.say("  !! "+format, a...)
}

// Faults are what goes wrong during one command.
type Faults struct {
	Kill  Kill
	Torn  int             // bytes of a record that the kill left behind in the journal
	Full  int             // the delivery at which the stick is full, from 1
	Wrong map[string]bool // profiles who give a wrong passphrase
	Card  bool            // the hash officer has the card of another ceremony
	Nods  bool            // officers say yes to whatever the clock says
	Hold  bool            // what is delivered stays away from everybody's sticks
	To    *Stick          // another stick
	pass  string          // that an officer chooses
}

func (f Faults) String() string {
	var s []string
	if f.Kill.At > 0 {
		word := "after"
		if f.Kill.Before {
			word = "before"
		}
		s = append(s, fmt.Sprintf("killed %s call %d", word, f.Kill.At))
	}
	if f.Torn > 0 {
		s = append(s, fmt.Sprintf("%d bytes torn", f.Torn))
	}
	if f.Full > 0 {
		s = append(s, fmt.Sprintf("full at %d", f.Full))
	}
	if len(f.Wrong) > 0 {
		s = append(s, fmt.Sprintf("wrong passphrase %v", slices.Sorted(maps.Keys(f.Wrong))))
	}
	if f.Card {
		s = append(s, "another ceremony's card")
	}
	if f.Nods {
		s = append(s, "nobody has a watch")
	}
	if f.Hold {
		s = append(s, "held back")
	}
	if len(s) == 0 {
		return ""
	}
	return " {" + strings.Join(s, ", ") + "}"
}

// seen is what a coprocessor truly holds, as the World keeps it.
type seen struct {
	w *World
	r *room
}

func (s seen) sees(i coproc.Info)      { s.r.holds = i }
func (s seen) loads(g coproc.Register) { s.r.own[g.Pattern.String()] = true }
func (s seen) certified(k coproc.Keys) { s.w.vouched[k.Audit.Thumbprint()] = true }
func (s seen) states(target string) {
	s.w.stated[target+" "+s.r.holds.Register(s.w.class()).Current.Pattern.String()] = true
}

type deliver = func(bundle.Outgoing) (bundle.Delivery, error)

// command does something with the store of a room, and checks afterwards what
// must hold after everything.
func (w *World) command(coprocessor, what string, f Faults, do func(*ceremony.Node, *people, deliver) error) (err error) {
	w.now = w.now.Add(7 * time.Second)
	w.steps++
	r := w.rooms[coprocessor]
	p := &people{w: w, room: r, wrong: f.Wrong, chosen: f.pass, otherCard: f.Card, careless: f.Nods}
	k := &killer{Kill: f.Kill}
	d := &delivery{w: w, k: k, fault: f}
	func() {
		defer func() {
			if v := recover(); v != nil {
				w.wrong("panic in %s at %s: %v\n%s", what, coprocessor, v, debug.Stack())
				err = ErrKilled
			}
		}()
		var n *ceremony.Node
		if n, err = ceremony.Open(w.store(coprocessor), backend(k, seen{w, r}), w.clock(coprocessor)); err != nil {
			return
		}
		err = errors.Join(do(n, p, d.take), n.Close())
	}()
	if k.dead {
		err = ErrKilled
		w.tear(coprocessor, f.Torn)
	}
	text := outcome(err)
	if k.dead {
		text += " at call " + fmt.Sprint(k.calls) + ", " + k.last
	}
	if p.said != "" {
		text += "; an officer said no: " + p.said
	}
	w.say("%3d %s %s%s: %s", w.steps, coprocessor, what, f, text)
	for _, x := range p.warnings {
		w.say("        warning: %s", x)
	}
	w.judgeError(what, err)
	w.judgeStore(coprocessor, what)
	w.last = err
	return err
}

// Code is the code of a refusal, or a word for the fault that was injected.
func Code(err error) string {
	var why *refusal.Error
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrKilled):
		return "KILLED"
	case errors.Is(err, ErrFull):
		return "FULL"
	case errors.Is(err, ErrConflict):
		return "CONFLICT"
	case errors.As(err, &why):
		return string(why.Code)
	}
	return "OTHER"
}

func outcome(err error) string {
	switch c := Code(err); c {
	case "ok", "KILLED", "FULL":
		return c
	default:
		return fmt.Sprintf("[%s] %v", c, err)
	}
}

// tear leaves the beginning of a record at the end of a journal, as a power
// failure may: the file's own beginning is one.
func (w *judging) tear(coprocessor string, bytes int) {
	path := filepath.Join(w.store(coprocessor), "journal.cbor")
	b, err := os.ReadFile(path)
	if bytes == 0 || err != nil || len(b) == 0 {
		return
	}
	if err := os.WriteFile(path, append(slices.Clone(b), b[:min(bytes, len(b), 40)]...), 0o600); err != nil {
		w.wrong("tear %s: %v", path, err)
	}
}
