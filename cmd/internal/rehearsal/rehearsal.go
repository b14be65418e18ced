package rehearsal

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/plan/route"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
	"github.com/gapferry/gapferry/coproc"
)

// Rehearsal is a whole ceremony: rooms, sticks, and the card between them.
type Rehearsal struct {
	Plan    *plan.Plan
	Dir     string // an empty directory, for stores and sticks
	Backend store.Backend
	Now     func() time.Time
	Out     io.Writer                      // what people would read
	Spell   func(string) string            // writes the commands of a text out in full
	Verdict func(*transcript.Result) error // prints what verifying came to; what is not verified is an error

	ctx    context.Context   // the rehearsal ends between two officers when it is done
	hash   coproc.Thumbprint // what is on the card
	keys   map[string]terminal.Secrets
	step   int
	done   Outcome
	walked map[procedure.PhaseID]bool
}

// Outcome is what a rehearsal came to, for programs.
type Outcome struct {
	Rehearsal bool                       `json:"rehearsal"`
	Phases    []procedure.PhaseID        `json:"phase_ids"`
	Targets   []TargetOutcome            `json:"targets"`
	Source    SourceOutcome              `json:"source"`
	Bundles   map[bundle.Kind]BundleSize `json:"bundle_sizes"`

	Transcript TranscriptOutcome `json:"transcript"`
}

// TargetOutcome is a target of a rehearsal, as its own auditor reads it back.
type TargetOutcome struct {
	ceremony.Equality
	Registers []ceremony.MasterKeyRegisters `json:"registers"` // of the class that is cloned
}

// SourceOutcome is the source of a rehearsal.
type SourceOutcome struct {
	Name    string `json:"node"`
	Pattern string `json:"pattern"`
}

// cardDesk is the desk of a rehearsal: the card is passed on in memory, and
// everybody says yes.
type cardDesk struct {
	console.Desk
	r *Rehearsal
}

// Passphrase asks nobody any more when the rehearsal is to end.
func (d *cardDesk) Passphrase(q ceremony.PassphraseQuestion) ([]byte, journal.Means, error) {
	if err := d.r.ctx.Err(); err != nil {
		return nil, 0, err
	}
	return d.Desk.Passphrase(q)
}

func (d *cardDesk) ShowSAKeyHash(hash coproc.Thumbprint) error {
	d.r.hash = hash
	return d.Desk.ShowSAKeyHash(hash)
}

func (d *cardDesk) SAKeyHash(ceremony.HashQuestion) (coproc.Thumbprint, journal.Means, error) {
	return d.r.hash, journal.CardByFile, nil
}

func (d *cardDesk) CardWords(q ceremony.CardQuestion) ([]string, journal.Means, error) {
	return console.WordsAt(d.r.hash, q.Positions), journal.CardByFile, nil
}

func (r *Rehearsal) desk(coprocessor string) *cardDesk {
	return &cardDesk{Desk: console.Desk{Out: r.Out, Secrets: r.keys[coprocessor], Yes: true, Spell: r.Spell}, r: r}
}

func (r *Rehearsal) store(coprocessor string) string {
	return filepath.Join(r.Dir, "room-"+coprocessor)
}

func (r *Rehearsal) stick(name string) string { return "dir:" + filepath.Join(r.Dir, "stick-"+name) }

// Run does it all: the source's master key, every phase in the order of the route,
// receipts, journals and transcript.
func (r *Rehearsal) Run(ctx context.Context) (*Outcome, error) {
	r.ctx = ctx
	if err := r.prepare(); err != nil {
		return nil, err
	}
	if err := r.sourceKey(); err != nil {
		return nil, err
	}
	for _, visit := range route.Shortest(r.Plan) {
		for _, stop := range visit.Stops {
			if err := r.phase(r.Plan.Node(stop.Node), stop.Phase); err != nil {
				return nil, err
			}
		}
	}
	if err := r.afterwards(); err != nil {
		return nil, err
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	return &r.done, nil
}

// prepare makes sticks and stores.
func (r *Rehearsal) prepare() error {
	r.done = Outcome{Rehearsal: true, Phases: []procedure.PhaseID{}}
	r.walked = map[procedure.PhaseID]bool{}
	sticks := []string{"database"}
	for i := 1; i <= r.Plan.N; i++ {
		sticks = append(sticks, fmt.Sprintf("share%d", i))
	}
	for _, s := range sticks {
		if err := os.Mkdir(strings.TrimPrefix(r.stick(s), "dir:"), 0o700); err != nil {
			return err
		}
	}
	fmt.Fprintf(r.Out, "REHEARSAL of a ceremony: %s, %d of %d shares, %d target(s), ceremony %s\n\n", r.Plan.Class, r.Plan.M, r.Plan.N, len(r.Plan.Targets()), r.Plan.Ceremony)
	r.keys = map[string]terminal.Secrets{}
	for _, c := range r.Plan.Coprocessors {
		r.keys[c.Name] = terminal.Secrets{}
		for _, o := range r.Plan.Officers {
			b := make([]byte, 16)
			if _, err := rand.Read(b); err != nil {
				return err
			}
			r.keys[c.Name][o.Profile] = []byte(hex.EncodeToString(b))
		}
		if err := ceremony.Init(r.store(c.Name), r.Plan, c.Name, r.Backend, r.desk(c.Name), r.Now); err != nil {
			return err
		}
		fmt.Fprintf(r.Out, "Room of coprocessor %s: store made, serial %s, EID %q\n", c.Name, c.Serial, c.EID)
	}
	fmt.Fprintln(r.Out)
	return nil
}

// sourceKey gives the source a random master key to be cloned.
func (r *Rehearsal) sourceKey() error {
	css, class := r.Plan.Source(), r.Plan.MasterKeyClass()
	return r.inRoom(css.Coprocessor, func(n *ceremony.Node, d *cardDesk) error {
		fmt.Fprintf(r.Out, "Before the phases, node %s: a random %s master key\n", css.Name, class)
		_, err := n.RunAct(ceremony.Act{
			Text:    fmt.Sprintf("fill the new register at random (%s)", class),
			Task:    procedure.ActRandom,
			Class:   class,
			Officer: ceremony.OfficerOf(procedure.ActRandom),
			Do: func(s ceremony.ActSession) (string, error) {
				regs, err := s.Keys.GenerateMasterKey(class)
				return regs.String(), err
			},
		}, d)
		if err != nil {
			return err
		}
		text, err := n.RunAct(ceremony.Act{
			Text:    fmt.Sprintf("make the new master key current (%s)", class),
			Task:    procedure.ActSet,
			Class:   class,
			Sets:    true,
			Officer: ceremony.OfficerOf(procedure.ActSet),
			Do: func(s ceremony.ActSession) (string, error) {
				regs, err := s.Keys.SetMasterKey(class)
				r.done.Source = SourceOutcome{css.Name, regs.Current.Pattern.String()}
				return regs.String(), err
			},
		}, d)
		fmt.Fprintf(r.Out, "    %s\n\n", text)
		return err
	})
}

// phase does one phase, in its room, with the sticks that it needs.
func (r *Rehearsal) phase(node *plan.Node, id procedure.PhaseID) error {
	r.step++
	fmt.Fprintf(r.Out, "[%d/%d] ", r.step, 5+2*len(r.Plan.Targets()))
	from := []string{r.stick("database")}
	var shareTo []string
	for i := 1; i <= r.Plan.N; i++ {
		stick := r.stick(fmt.Sprintf("share%d", i))
		switch id {
		case "3c":
			shareTo = append(shareTo, fmt.Sprintf("%d=%s", i, stick))
		case "3d":
			from = append(from, stick)
		}
	}
	c, err := carrier.OpenSet(&carrier.Opener{Out: r.Out, Rules: console.Rules(r.Plan), Quiet: true},
		carrier.Named{From: from, To: r.stick("database"), ShareTo: shareTo, Shares: id == "3d"}, id != "1")
	if err != nil {
		return err
	}
	var result *ceremony.Result
	err = r.inRoom(node.Coprocessor, func(n *ceremony.Node, d *cardDesk) error {
		result, err = console.RunPhase(r.ctx, r.Out, n, id, c, d, ceremony.Options{})
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(r.Out)
	r.walked[id] = true
	for _, t := range result.Targets {
		r.done.Targets = append(r.done.Targets, TargetOutcome{Equality: t})
	}
	return nil
}

// finish reads back every target's registers, as its auditor, and prints the
// table. What a target's phase said is compared with the source once more.
func (r *Rehearsal) finish() error {
	w := tabwriter.NewWriter(r.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "target\tpattern of source\tpattern of target\t\tnew\tcurrent\told\n")
	for i := range r.done.Targets {
		t := &r.done.Targets[i]
		regs, err := r.registers(r.Plan.Node(t.Name))
		if err != nil {
			return err
		}
		t.Registers = append(t.Registers, ceremony.RegistersOf(regs))
		t.Pattern, t.Expected = regs.Current.Pattern.String(), r.done.Source.Pattern
		t.Equal = regs.Current.State == coproc.Full && t.Pattern == t.Expected
		verdict := "equal"
		if !t.Equal {
			verdict = "NOT EQUAL"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.Name, t.Expected, t.Pattern, verdict, regs.New.State, regs.Current.State, regs.Old.State)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, row := range procedure.Table1 {
		if r.walked[row.Phase] {
			r.done.Phases = append(r.done.Phases, row.Phase)
		}
	}
	if err := r.measure(); err != nil {
		return err
	}
	for _, t := range r.done.Targets {
		if !t.Equal {
			return &refusal.Error{Code: refusal.CodePattern, Text: "the rehearsal failed: the master key of " + t.Name + " is not the source's"}
		}
	}
	if len(r.done.Targets) != len(r.Plan.Targets()) {
		return fmt.Errorf("the rehearsal failed: %d of %d targets have the master key", len(r.done.Targets), len(r.Plan.Targets()))
	}
	return nil
}

func (r *Rehearsal) registers(node *plan.Node) (coproc.Registers, error) {
	var regs coproc.Registers
	err := r.inRoom(node.Coprocessor, func(n *ceremony.Node, d *cardDesk) error {
		report, err := n.Audit(d)
		if err == nil {
			regs = report.Info.Register(r.Plan.MasterKeyClass())
		}
		return err
	})
	return regs, err
}

// Cast names a person for each profile.
func Cast(n int) map[string]string {
	cast := map[string]string{
		"ADMIN": "Ada", "AUDITOR": "Bruno", "KEYGEN": "Carla", "HASH": "Dmitri", "KEYREG": "Elif",
		"CERTIFIER": "Farid", "VERIFIER": "Greta", "SETTER": "Hugo", "PART1": "Ines", "PART2": "Jonas",
	}
	for i := 1; i <= n; i++ {
		cast[fmt.Sprintf("SHARE%d", i)] = fmt.Sprintf("Share holder %d", i)
	}
	return cast
}
