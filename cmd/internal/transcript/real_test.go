package transcript_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/engine"
	"github.com/gapferry/gapferry/coproc/soft"
)

// hall is a real ceremony, 2 of 2 and one target unless told otherwise, with
// one stick and officers who say yes: what its transcript says is what an
// auditor reads.
type hall struct {
	t       *testing.T
	plan    *plan.Plan
	dir     string
	lives   map[string]int // by coprocessor: how often its store was made anew
	now     time.Time
	hash    coproc.Thumbprint // on the cards of today
	stick   map[string]bundle.Incoming
	exports map[string]bundle.Incoming
}

var softly = store.Backend{
	Create: func(dir string, s coproc.Setup) error {
		return engine.Create(context.Background(), dir, s, soft.Chip{})
	},
	Open: func(dir string, _ chip.Selection) (coproc.Coprocessor, error) {
		return engine.Open(context.Background(), dir, soft.Chip{})
	},
}

func newHall(t *testing.T, targets int) *hall { return newHallWith(t, targets, "") }

// newHallWith has the SA in the coprocessor of another node.
func newHallWith(t *testing.T, targets int, saWith string) *hall {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "gapferry-test-*")
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	plan, err := draft.New(draft.Options{Title: "Test", Class: coproc.SymMK, M: 2, N: 2, Targets: targets, SAWith: saWith, Rehearsal: true})
	if err != nil {
		t.Fatal(err)
	}
	h := &hall{
		t: t, plan: plan, dir: dir, lives: map[string]int{}, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		stick: map[string]bundle.Incoming{}, exports: map[string]bundle.Incoming{},
	}
	for _, d := range plan.Coprocessors {
		h.make(plan.At(d.Name)[0].Name)
	}
	return h
}

func (h *hall) clock() time.Time { return h.now }

func (h *hall) store(node string) string {
	device := h.plan.Node(node).Coprocessor
	return filepath.Join(h.dir, device+strings.Repeat("-anew", h.lives[device]))
}

// make makes the store of a node, or another one in the place of one that is lost.
func (h *hall) make(node string) {
	h.t.Helper()
	if _, err := os.Stat(h.store(node)); err == nil {
		h.lives[h.plan.Node(node).Coprocessor]++
	}
	if err := ceremony.Init(h.store(node), h.plan, h.plan.Node(node).Coprocessor, softly, h, h.clock); err != nil {
		h.t.Fatal(err)
	}
	if h.plan.Node(node).Coprocessor == h.plan.Source().Coprocessor {
		h.load()
	}
}

// load gives the source the same master key each time: its parts are kept.
func (h *hall) load() {
	h.t.Helper()
	class, odd := h.plan.MasterKeyClass(), make([]byte, 24)
	for i := range odd {
		odd[i] = []byte{0x01, 0x02, 0x04, 0x07, 0x08, 0x0b, 0x0d, 0x0e}[i%8] + byte(i/8)*0x10*0
	}
	for i := range odd {
		odd[i] ^= byte(i/8) * 0x30 // an even number of bits: the parity stays odd
	}
	h.at("css", func(n *ceremony.Node) error {
		act := func(task procedure.TaskID, officer func(*plan.Node) string, do func(ceremony.ActSession) error) error {
			_, err := n.RunAct(ceremony.Act{Text: string(task), Task: task, Class: class, Officer: officer,
				Do: func(s ceremony.ActSession) (string, error) { return string(task), do(s) }}, h)
			return err
		}
		return errors.Join(
			act("first-part", func(p *plan.Node) string { return p.Officers.FirstPart }, func(s ceremony.ActSession) error {
				_, err := s.Keys.LoadPart(class, coproc.First, odd)
				return err
			}),
			act("last-part", func(p *plan.Node) string { return p.Officers.LastPart }, func(s ceremony.ActSession) error {
				_, err := s.Keys.LoadPart(class, coproc.Last, make([]byte, 24))
				return err
			}),
			act("set", func(p *plan.Node) string { return p.Officers.Set }, func(s ceremony.ActSession) error {
				_, err := s.Keys.SetMasterKey(class)
				return err
			}),
		)
	})
}

// at opens the store of a node, and wants do to work.
func (h *hall) at(node string, do func(*ceremony.Node) error) {
	h.t.Helper()
	if err := h.try(node, do); err != nil {
		h.t.Fatalf("%s: %v", node, err)
	}
}

func (h *hall) try(node string, do func(*ceremony.Node) error) error {
	h.t.Helper()
	n, err := ceremony.Open(h.store(node), softly, h.clock)
	if err != nil {
		return err
	}
	defer n.Close()
	h.now = h.now.Add(time.Minute)
	return do(n)
}

func (h *hall) options(o ceremony.Options) ceremony.Options {
	o.Deliver = func(out bundle.Outgoing) (bundle.Delivery, error) {
		h.stick[out.Folder+"/"+out.Name] = bundle.Incoming{Folder: out.Folder, Name: out.Name, Data: out.Data}
		return bundle.Delivery{Carrier: "stick"}, nil
	}
	for _, path := range slices.Sorted(maps.Keys(h.stick)) {
		o.Incoming = append(o.Incoming, h.stick[path])
	}
	return o
}

// phase does a phase with what is on the stick.
func (h *hall) phase(node string, id procedure.PhaseID, o ceremony.Options) {
	h.t.Helper()
	if err := h.tryPhase(node, id, o); err != nil {
		h.t.Fatalf("phase %s at %s: %v", id, node, err)
	}
}

func (h *hall) tryPhase(node string, id procedure.PhaseID, o ceremony.Options) error {
	h.t.Helper()
	return h.try(node, func(n *ceremony.Node) error {
		_, err := n.RunPhase(id, h.options(o), h)
		return err
	})
}

// phases does phases that must work: "sa 1", "csr1 3a".
func (h *hall) phases(steps ...string) {
	h.t.Helper()
	for _, s := range steps {
		node, id, _ := strings.Cut(s, " ")
		id, renew, _ := strings.Cut(id, " --renew ")
		var o ceremony.Options
		if renew != "" {
			o.Renew = []string{renew}
		}
		h.phase(node, procedure.PhaseID(id), o)
	}
}

// refused wants a phase to be refused with a code, and words.
func (h *hall) refused(step string, code refusal.Code, words string) {
	h.t.Helper()
	node, id, _ := strings.Cut(step, " ")
	var why *refusal.Error
	err := h.tryPhase(node, procedure.PhaseID(id), ceremony.Options{})
	if !errors.As(err, &why) || why.Code != code || !strings.Contains(why.Text+"; "+why.Hint, words) {
		h.t.Fatalf("phase %s at %s: %v, want %s with %q", id, node, err, code, words)
	}
}

func (h *hall) receipts(nodes ...string) {
	h.t.Helper()
	for _, node := range nodes {
		h.at(node, func(n *ceremony.Node) error {
			_, err := n.Receipts(h.options(ceremony.Options{}), h)
			return err
		})
	}
}

// export hands out the journal of a node as it is now.
func (h *hall) export(nodes ...string) {
	h.t.Helper()
	for _, node := range nodes {
		h.at(node, func(n *ceremony.Node) error {
			o := h.options(ceremony.Options{})
			o.Deliver = func(out bundle.Outgoing) (bundle.Delivery, error) {
				h.exports[out.Name] = bundle.Incoming{Folder: out.Folder, Name: out.Name, Data: out.Data}
				return bundle.Delivery{Carrier: "auditor"}, nil
			}
			_, err := n.Export(o, h)
			return err
		})
	}
}

// transcript is what the auditor makes of everything, with the card.
func (h *hall) transcript() *transcript.Result {
	h.t.Helper()
	for _, d := range h.plan.Coprocessors {
		h.export(h.plan.At(d.Name)[0].Name)
	}
	var files []bundle.Incoming
	for _, all := range []map[string]bundle.Incoming{h.stick, h.exports} {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			files = append(files, all[name])
		}
	}
	c, err := transcript.Collect(files, nil, h.hash)
	if err != nil {
		h.t.Fatal(err)
	}
	r := transcript.Verify(c.File, h.hash)
	transcript.NoteWeights(r)
	return r
}

// verified wants a transcript with nothing wrong and nothing open, and each of
// the words among its findings.
func (h *hall) verified(words ...string) {
	h.t.Helper()
	r := h.transcript()
	var all []string
	for _, f := range r.Findings {
		all = append(all, f.Rule+": "+f.Text)
		if f.Severity == transcript.Fault || f.Severity == transcript.Open {
			h.t.Errorf("%v", f)
		}
	}
	for _, w := range words {
		if !strings.Contains(strings.Join(all, "\n"), w) {
			h.t.Errorf("no %q in\n%s", w, strings.Join(all, "\n"))
		}
	}
}

// The officers, who are honest and have what they need.

func (h *hall) Passphrase(q ceremony.PassphraseQuestion) ([]byte, journal.Means, error) {
	return []byte("passphrase of " + q.Profile), 0, nil
}

func (h *hall) SAKeyHash(q ceremony.HashQuestion) (coproc.Thumbprint, journal.Means, error) {
	if q.Problem != "" {
		return coproc.Thumbprint{}, 0, ceremony.ErrNoAnswer
	}
	return h.hash, 0, nil
}

func (h *hall) CardWords(q ceremony.CardQuestion) ([]string, journal.Means, error) {
	if q.Problem != "" {
		return nil, 0, ceremony.ErrNoAnswer
	}
	var words []string
	for _, i := range q.Positions {
		words = append(words, coproc.Words(h.hash)[i-1])
	}
	return words, 0, nil
}

func (h *hall) ShowSAKeyHash(hash coproc.Thumbprint) error {
	h.hash = hash
	return nil
}

func (h *hall) Confirm(ceremony.Confirmation) (journal.Means, error) { return 0, nil }

func (h *hall) Progress(p ceremony.Progress) {
	if p.State == ceremony.Warning {
		h.t.Log(p.Node, p.Text)
	}
}
