package main

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

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan/route"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
)

// rehearsal is a whole ceremony: rooms, sticks, and the card between them.
type rehearsal struct {
	e     *env
	ctx   context.Context // the rehearsal ends between two officers when it is done
	plan  *plan.Plan
	dir   string
	words io.Writer
	hash  coproc.Thumbprint // what is on the card
	keys  map[string]terminal.Secrets
	step  int
	done  rehearsalResult

	walked map[procedure.PhaseID]bool
}

type rehearsalResult struct {
	Rehearsal bool                       `json:"rehearsal"`
	Phases    []procedure.PhaseID        `json:"phase_ids"`
	Targets   []rehearsalTarget          `json:"targets"`
	Source    rehearsalSource            `json:"source"`
	Bundles   map[bundle.Kind]bundleSize `json:"bundle_sizes"`

	Transcript rehearsalTranscript `json:"transcript"`
}

type rehearsalTarget struct {
	ceremony.Equality
	Registers []registersShape `json:"registers"` // of the class that is cloned
}

type rehearsalSource struct {
	Name    string `json:"node"`
	Pattern string `json:"pattern"`
}

// cardDesk is the desk of a rehearsal: the card is passed on in memory, and
// everybody says yes.
type cardDesk struct {
	console.Desk
	r *rehearsal
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

func (r *rehearsal) desk(coprocessor string) *cardDesk {
	return &cardDesk{Desk: console.Desk{Out: r.words, Secrets: r.keys[coprocessor], Yes: true, Spell: place{}.spell}, r: r}
}

func (r *rehearsal) store(coprocessor string) string {
	return filepath.Join(r.dir, "room-"+coprocessor)
}

func (r *rehearsal) stick(name string) string { return "dir:" + filepath.Join(r.dir, "stick-"+name) }

func (r *rehearsal) run() (*rehearsalResult, error) {
	if err := r.prepare(); err != nil {
		return nil, err
	}
	if err := r.sourceKey(); err != nil {
		return nil, err
	}
	for _, visit := range route.Shortest(r.plan) {
		for _, stop := range visit.Stops {
			if err := r.phase(r.plan.Node(stop.Node), stop.Phase); err != nil {
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
func (r *rehearsal) prepare() error {
	r.done = rehearsalResult{Rehearsal: true, Phases: []procedure.PhaseID{}}
	r.walked = map[procedure.PhaseID]bool{}
	sticks := []string{"database"}
	for i := 1; i <= r.plan.N; i++ {
		sticks = append(sticks, fmt.Sprintf("share%d", i))
	}
	for _, s := range sticks {
		if err := os.Mkdir(strings.TrimPrefix(r.stick(s), "dir:"), 0o700); err != nil {
			return err
		}
	}
	fmt.Fprintf(r.words, "REHEARSAL of a ceremony: %s, %d of %d shares, %d target(s), ceremony %s\n\n", r.plan.Class, r.plan.M, r.plan.N, len(r.plan.Targets()), r.plan.Ceremony)
	r.keys = map[string]terminal.Secrets{}
	for _, c := range r.plan.Coprocessors {
		r.keys[c.Name] = terminal.Secrets{}
		for _, o := range r.plan.Officers {
			b := make([]byte, 16)
			if _, err := rand.Read(b); err != nil {
				return err
			}
			r.keys[c.Name][o.Profile] = []byte(hex.EncodeToString(b))
		}
		if err := ceremony.Init(r.store(c.Name), r.plan, c.Name, backend(r.ctx), r.desk(c.Name), r.e.now); err != nil {
			return err
		}
		fmt.Fprintf(r.words, "Room of coprocessor %s: store made, serial %s, EID %q\n", c.Name, c.Serial, c.EID)
	}
	fmt.Fprintln(r.words)
	return nil
}

// sourceKey gives the source a random master key to be cloned.
func (r *rehearsal) sourceKey() error {
	css := r.plan.Source()
	n, err := ceremony.Open(r.store(css.Coprocessor), backend(r.ctx), r.e.now)
	if err != nil {
		return err
	}
	class := r.plan.MasterKeyClass()
	d := r.desk(css.Coprocessor)
	fmt.Fprintf(r.words, "Before the phases, node %s: a random %s master key\n", css.Name, class)
	_, err = n.RunAct(ceremony.Act{
		Text:    fmt.Sprintf("fill the new register at random (%s)", class),
		Task:    procedure.ActRandom,
		Class:   class,
		Officer: officerOf(procedure.ActRandom),
		Do: func(s ceremony.ActSession) (string, error) {
			regs, err := s.Keys.GenerateMasterKey(class)
			return registersLine(regs), err
		},
	}, d)
	if err == nil {
		var text string
		text, err = n.RunAct(ceremony.Act{
			Text:    fmt.Sprintf("make the new master key current (%s)", class),
			Task:    procedure.ActSet,
			Class:   class,
			Sets:    true,
			Officer: officerOf(procedure.ActSet),
			Do: func(s ceremony.ActSession) (string, error) {
				regs, err := setMasterKey(s, class, &d.Desk)
				r.done.Source = rehearsalSource{css.Name, regs.Current.Pattern.String()}
				return registersLine(regs), err
			},
		}, d)
		fmt.Fprintf(r.words, "    %s\n\n", text)
	}
	return closing(n, err)
}

// phase does one phase, in its room, with the sticks that it needs.
func (r *rehearsal) phase(node *plan.Node, id procedure.PhaseID) error {
	r.step++
	fmt.Fprintf(r.words, "[%d/%d] ", r.step, 5+2*len(r.plan.Targets()))
	from := []string{r.stick("database")}
	var shareTo []string
	for i := 1; i <= r.plan.N; i++ {
		stick := r.stick(fmt.Sprintf("share%d", i))
		switch id {
		case "3c":
			shareTo = append(shareTo, fmt.Sprintf("%d=%s", i, stick))
		case "3d":
			from = append(from, stick)
		}
	}
	c, err := carrier.OpenSet(&carrier.Opener{Out: r.words, Rules: rulesOf(r.plan), Quiet: true},
		carrier.Named{From: from, To: r.stick("database"), ShareTo: shareTo, Shares: id == "3d"}, id != "1")
	if err != nil {
		return err
	}
	n, err := ceremony.Open(r.store(node.Coprocessor), backend(r.ctx), r.e.now)
	if err != nil {
		return err
	}
	result, err := runPhase(r.ctx, r.words, n, id, c, r.desk(node.Coprocessor), ceremony.Options{})
	if err := closing(n, err); err != nil {
		return err
	}
	fmt.Fprintln(r.words)
	r.walked[id] = true
	for _, t := range result.Targets {
		r.done.Targets = append(r.done.Targets, rehearsalTarget{Equality: t})
	}
	return nil
}

// finish reads back every target's registers, as its auditor, and prints the
// table. What a target's phase said is compared with the source once more.
func (r *rehearsal) finish() error {
	w := tabwriter.NewWriter(r.words, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "target\tpattern of source\tpattern of target\t\tnew\tcurrent\told\n")
	for i := range r.done.Targets {
		t := &r.done.Targets[i]
		regs, err := r.registers(r.plan.Node(t.Name))
		if err != nil {
			return err
		}
		t.Registers = append(t.Registers, registersJSON(regs))
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
	if len(r.done.Targets) != len(r.plan.Targets()) {
		return fmt.Errorf("the rehearsal failed: %d of %d targets have the master key", len(r.done.Targets), len(r.plan.Targets()))
	}
	return nil
}

func (r *rehearsal) registers(node *plan.Node) (coproc.Registers, error) {
	var regs coproc.Registers
	err := r.inRoom(node.Coprocessor, func(n *ceremony.Node, d *cardDesk) error {
		report, err := n.Audit(d)
		if err == nil {
			regs = report.Info.Register(r.plan.MasterKeyClass())
		}
		return err
	})
	return regs, err
}
