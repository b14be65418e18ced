package main

import (
	"fmt"
	"path/filepath"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/plan"

	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/paper"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

var htmlFlag = &cli.StringFlag{
	Name: "html", Usage: "write it as a page to print, which needs nothing but itself: a `FILE`",
}

func planPrintCommand(e planWork) *cli.Command {
	return &cli.Command{
		Name: "print", Usage: "print the forms: responsibilities, information worksheet, and what stays in its room",
		Description: "On paper, with --html, they have room for signatures and times. What stores know\nis filled in: who did what and when, hash, key cards, patterns. Nobody logs on.",
		Flags: []cli.Flag{
			planFlag, htmlFlag, paperFlag, jsonFlag,
			&cli.StringSliceFlag{Name: "store", Aliases: []string{"s"}, Usage: "fill in what this store's journal says: a `DIRECTORY`; may be repeated"},
		},
		Action: func(ctx *cli.Context) error {
			p, err := readPlan(ctx)
			if err != nil {
				return err
			}
			if ctx.Bool(jsonFlag.Name) {
				return e.json(planPrinted{phaseRows(), p.Responsibilities(), p})
			}
			var known paper.Prefill
			for _, dir := range ctx.StringSlice("store") {
				if err := e.learn(&known, p, dir); err != nil {
					return err
				}
			}
			return e.document(ctx, paper.Forms(p, known))
		},
	}
}

// learn reads the journal of a store.
func (e planWork) learn(known *paper.Prefill, p *plan.Plan, dir string) error {
	return e.lookAt(dir, func(n *ceremony.Node) error {
		if err := known.Add(p, stateOf(n)); err != nil {
			return &refusal.Error{Code: refusal.CodePlanDiffers, Text: fmt.Sprintf("%s: %v", dir, err), Err: err}
		}
		terminal.Print(e.err, "", fmt.Sprintf("what %s says is %s", dir, ceremony.NotAuthenticated))
		return nil
	})
}

// stateOf is what a store says, for the forms.
func stateOf(n *ceremony.Node) paper.StoreState {
	s := paper.StoreState{Coprocessor: n.Device().Name, Plan: n.Plan().Digest(), Records: n.Records()}
	if key, err := n.RegisteredSAKey(); err == nil {
		hash := key.Thumbprint()
		s.SAKey = &hash
	}
	for _, phase := range n.Status().Phases {
		for _, t := range phase.Tasks {
			if t.Done {
				s.Done = append(s.Done, paper.DoneTask{
					Task: t.Task, Node: phase.Node, Target: phase.Target, Share: t.Share, Doing: paper.Doing{By: t.By, Time: t.Time, Result: t.Result},
				})
			}
		}
	}
	return s
}

// document prints a document, or writes it to the file of --html.
func (e planWork) document(ctx *cli.Context, d *paper.Doc) error {
	path := ctx.String(htmlFlag.Name)
	if path == "" {
		_, err := fmt.Fprint(e.out, d.Text())
		return err
	}
	page, err := d.HTML(ctx.String(paperFlag.Name))
	if err != nil {
		return err
	}
	if err := writePaper(path, page); err != nil {
		return err
	}
	terminal.Print(e.words(ctx), "", "wrote "+path+": open it in a browser and print it")
	return nil
}

// writePaper writes a new file.
func writePaper(path string, data []byte) error {
	if err := carrier.NeedDir(filepath.Dir(path)); err != nil {
		return err
	}
	if err := noFile(path, "what may be signed"); err != nil {
		return err
	}
	return media.WriteFileNew(path, data)
}

// planPrinted is plan print for programs.
type planPrinted struct {
	Phases           []phaseRow            `json:"phases"`
	Responsibilities []plan.Responsibility `json:"responsibilities"`
	Plan             *plan.Plan            `json:"plan"` // with the keys of the worksheet
}

// phaseRow is a row of the table of phases.
type phaseRow struct {
	Phase procedure.PhaseID `json:"phase"`
	Node  string            `json:"node"`
	Text  string            `json:"text"`
}

func phaseRows() []phaseRow {
	var rows []phaseRow
	for _, r := range procedure.Table1 {
		rows = append(rows, phaseRow{r.Phase, r.Node, r.Task})
	}
	return rows
}
