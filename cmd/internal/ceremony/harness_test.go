package ceremony

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/engine"
	"github.com/gapferry/gapferry/coproc/soft"
)

// testNow is the time of every test ceremony.
var testNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

var softBackend = store.Backend{
	Create: func(dir string, s coproc.Setup) error {
		return engine.Create(context.Background(), dir, s, soft.Chip{})
	},
	Open: func(dir string, _ chip.Selection) (coproc.Coprocessor, error) {
		c, err := engine.Open(context.Background(), dir, soft.Chip{})
		if err != nil {
			return nil, err
		}
		return c, nil
	},
}

// stick is a carrier in memory: folder/name → bytes.
type stick map[string][]byte

// read gives what a phase reads from sticks.
func read(folders []string, sticks ...stick) []bundle.Incoming {
	var in []bundle.Incoming
	for _, s := range sticks {
		var paths []string
		for path := range s {
			paths = append(paths, path)
		}
		sort.Strings(paths)
		for _, path := range paths {
			folder, name, _ := strings.Cut(path, "/")
			for _, f := range folders {
				if f == folder {
					in = append(in, bundle.Incoming{Folder: folder, Name: name, Data: s[path]})
				}
			}
		}
	}
	return in
}

// people is a desk where everybody answers as the test wants.
type people struct {
	hash       coproc.Thumbprint // on the card
	noHash     bool
	secondCard *coproc.Thumbprint // the key officer's own card, where it is another one
	no         bool               // nobody says yes
	wrong      map[string]bool    // profiles that give a wrong passphrase
	progress   []Progress
	asked      []string       // profiles asked to log on
	means      journal.Means  // by which scripts answer for them
	clocks     []Confirmation // what they were asked about the clock
	wrongClock bool           // they look at a watch, and say no
}

func passphraseOf(profile string) []byte { return []byte("passphrase of " + profile) }

func (p *people) Passphrase(q PassphraseQuestion) ([]byte, journal.Means, error) {
	p.asked = append(p.asked, q.Profile)
	if p.wrong[q.Profile] {
		if q.Attempt > 1 {
			return nil, 0, ErrNoAnswer
		}
		return []byte("not the passphrase"), p.means & journal.PassphraseByDescriptor, nil
	}
	return passphraseOf(q.Profile), p.means & journal.PassphraseByDescriptor, nil
}

func (p *people) SAKeyHash(q HashQuestion) (coproc.Thumbprint, journal.Means, error) {
	if p.noHash || q.Problem != "" {
		return coproc.Thumbprint{}, 0, ErrNoAnswer
	}
	return p.hash, p.means & journal.CardByFile, nil
}

func (p *people) CardWords(q CardQuestion) ([]string, journal.Means, error) {
	if p.noHash || q.Problem != "" {
		return nil, 0, ErrNoAnswer
	}
	hash := p.hash
	if p.secondCard != nil {
		hash = *p.secondCard
	}
	var words []string
	for _, i := range q.Positions {
		words = append(words, coproc.Words(hash)[i-1])
	}
	return words, p.means & journal.CardByFile, nil
}

func (p *people) ShowSAKeyHash(h coproc.Thumbprint) error {
	p.hash = h
	return nil
}

func (p *people) Confirm(c Confirmation) (journal.Means, error) {
	if c.Officer {
		p.clocks = append(p.clocks, c)
	}
	if p.no || c.Officer && (p.wrongClock || p.means&journal.PassphraseByDescriptor != 0) {
		return 0, ErrNoAnswer
	}
	return p.means & journal.YesByFlag, nil
}

func (p *people) Progress(q Progress) { p.progress = append(p.progress, q) }

// told reports whether a line of progress says so, with such a hint.
func (w *world) told(words, hint string) bool {
	return slices.ContainsFunc(w.people.progress, func(p Progress) bool {
		return strings.Contains(p.Text, words) && strings.Contains(p.Hint, hint)
	})
}

// world is a whole test ceremony: rooms, people, and the one stick that is
// carried around unless a test says otherwise.
type world struct {
	t      testing.TB
	plan   *plan.Plan
	dir    string
	people *people
	stick  stick
	now    time.Time

	pattern coproc.Pattern // of the source's master key, where after made the world
}

// newWorld makes the rooms. change may change the options of the plan.
// Rehearsal plans are used because their passphrases are cheap to check.
func newWorld(t testing.TB, change func(*draft.Options)) *world {
	t.Helper()
	o := draft.Options{
		Title: "Test", Class: coproc.SymMK, M: 2, N: 3, Targets: 2, Rehearsal: true,
	}
	if change != nil {
		change(&o)
	}
	plan, err := draft.New(o)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, plan: plan, dir: fastDir(t), people: &people{}, stick: stick{}, now: testNow}
	for _, c := range plan.Coprocessors {
		w.init(c.Name)
	}
	return w
}

func (w *world) store(coprocessor string) string { return filepath.Join(w.dir, coprocessor) }

func (w *world) removeStore(node string) {
	w.t.Helper()
	if err := os.RemoveAll(w.store(w.plan.Node(node).Coprocessor)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) clock() time.Time { return w.now }

func (w *world) init(coprocessor string) {
	w.t.Helper()
	if err := Init(w.store(coprocessor), w.plan, coprocessor, softBackend, w.people, w.clock); err != nil {
		w.t.Fatal(err)
	}
}

// open opens the store of a node's coprocessor.
func (w *world) open(node string) *Node {
	w.t.Helper()
	n, err := Open(w.store(w.plan.Node(node).Coprocessor), softBackend, w.clock)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// try does a phase at a node with the world's stick, and any others to read.
func (w *world) try(node string, id procedure.PhaseID, o Options, others ...stick) (*Result, error) {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	if o.Incoming == nil {
		o.Incoming = read(n.Folders(id), append([]stick{w.stick}, others...)...)
	}
	if o.Deliver == nil {
		o.Deliver = w.stick.deliver
	}
	return n.RunPhase(id, o, w.people)
}

func (s stick) deliver(out bundle.Outgoing) (bundle.Delivery, error) {
	path := out.Folder + "/" + out.Name
	if have, ok := s[path]; ok && string(have) != string(out.Data) {
		return bundle.Delivery{}, fmt.Errorf("conflict at %s", path)
	}
	s[path] = out.Data
	return bundle.Delivery{Carrier: "stick"}, nil
}

// phase does a phase that must succeed.
func (w *world) phase(node string, id procedure.PhaseID) *Result {
	w.t.Helper()
	r, err := w.try(node, id, Options{})
	if err != nil {
		w.t.Fatalf("phase %s at %s: %v", id, node, err)
	}
	return r
}

// masterKey gives a node a random current master key.
func (w *world) masterKey(node string) coproc.Pattern {
	w.t.Helper()
	n := w.open(node)
	defer n.Close()
	class := w.plan.MasterKeyClass()
	var after coproc.Registers
	for _, a := range []Act{
		{Text: "generate", Task: "random", Class: class, Officer: func(p *plan.Node) string { return p.Officers.Random },
			Do: func(s ActSession) (string, error) { _, err := s.Keys.GenerateMasterKey(class); return "", err }},
		{Text: "set", Task: "set", Class: class, Officer: func(p *plan.Node) string { return p.Officers.Set },
			Do: func(s ActSession) (string, error) {
				var err error
				after, err = s.Keys.SetMasterKey(class)
				return "", err
			}},
	} {
		if _, err := n.RunAct(a, w.people); err != nil {
			w.t.Fatal(err)
		}
	}
	return after.Current.Pattern
}

// upTo does the phases of the procedure before and including one, for every
// target, and gives the source a master key first.
func (w *world) upTo(last procedure.PhaseID) coproc.Pattern {
	w.t.Helper()
	pattern := w.masterKey(w.plan.Source().Name)
	for _, row := range procedure.Table1 {
		nodes := w.plan.WithRole(row.Role)
		for _, n := range nodes {
			w.phase(n.Name, row.Phase)
		}
		if row.Phase == last {
			break
		}
	}
	return pattern
}

// mustRefuse checks the code and, for want not empty, that the text holds it.
func mustRefuse(t testing.TB, err error, code refusal.Code, want string) {
	t.Helper()
	var why *refusal.Error
	if !errors.As(err, &why) {
		t.Fatalf("want refusal %s, got %v", code, err)
	}
	if why.Code != code {
		t.Fatalf("want refusal %s, got %s: %v", code, why.Code, err)
	}
	if !strings.Contains(why.Text, want) {
		t.Fatalf("refusal %s says %q, want %q in it", code, why.Text, want)
	}
}

// sent finds the bundles on a stick whose name begins so.
func (s stick) sent(prefix string) []string {
	var paths []string
	for path := range s {
		if strings.HasPrefix(path, prefix) {
			paths = append(paths, path)
		}
	}
	sort.Strings(paths)
	return paths
}
