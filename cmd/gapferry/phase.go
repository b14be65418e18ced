package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

// phaseCommand has one command for each row of Table 1.
func phaseCommand(e *env) *cli.Command {
	c := &cli.Command{
		Name: "phase", Usage: "do a phase of the procedure, task by task, officer by officer",
		Description: "The same command again goes on where an interruption ended it, and hands out\nthe same bundles again. Nothing is done twice.",
	}
	for _, row := range procedure.Table1 {
		c.Subcommands = append(c.Subcommands, &cli.Command{
			Name: string(row.Phase), Usage: fmt.Sprintf("%s: %s", row.Node, row.Task), Flags: phaseFlags(row.Phase),
			Action: func(ctx *cli.Context) error { return e.phase(ctx, row.Phase, "") },
		})
	}
	return c
}

func phaseFlags(id procedure.PhaseID) []cli.Flag {
	flags := []cli.Flag{storeFlag, toFlag, passphraseFlag, yesFlag, jsonFlag, waitFlag, keepFlag, replugFlag, typedFlag, cellsFlag, rateFlag}
	if id != "1" {
		flags = append(flags, fromFlag)
	}
	switch id {
	case "1", "2a", "3a":
		flags = append(flags, hashFlag)
	}
	switch id {
	case "1":
		flags = append(flags, cardFlag)
	case "2b":
		flags = append(flags, renewFlag)
	case "3b":
		flags = append(flags, targetFlag, renewFlag)
	case "3c":
		flags = append(flags, targetFlag, shareFlag, giveUpFlag, shareToFlag)
	case "3d":
		flags = append(flags, shareFlag)
	}
	return flags
}

var (
	cardFlag = &cli.StringFlag{
		Name: "card", Usage: "also write the SA-key hash to `FILE`, which must not be on the stick: .html is a page with two cards to print, .png the code alone, all else text",
	}
	targetFlag = &cli.StringSliceFlag{
		Name: "target", Usage: "only target `NODE`; may be repeated",
	}
	renewFlag = &cli.StringSliceFlag{
		Name: "renew", Usage: "certify `NODE` once more: its certificate ended, or it was set up anew; may be repeated",
	}
	shareFlag = &cli.IntSliceFlag{
		Name: "share", Usage: "only share `INDEX`; may be repeated",
	}
	giveUpFlag = &cli.IntSliceFlag{
		Name: "give-up", Usage: "share `INDEX` will not be obtained for these targets; may be repeated",
	}
	shareToFlag = &cli.StringSliceFlag{
		Name: "share-to", Usage: "write one share to a stick of its own: `INDEX=CARRIER`; may be repeated",
	}
	nodeFlag = &cli.StringFlag{
		Name: "node", Usage: "the `NODE`, where this coprocessor holds two",
	}
)

// taskCommand has one command for each task of Table 2.
func taskCommand(e *env) *cli.Command {
	c := &cli.Command{Name: "task", Usage: "do one row of the responsibilities (Table 2) alone"}
	for _, id := range procedure.Tasks() {
		c.Subcommands = append(c.Subcommands, &cli.Command{
			Name: string(id), Usage: taskUsage(id),
			Flags: []cli.Flag{
				storeFlag, fromFlag, toFlag, passphraseFlag, yesFlag, jsonFlag, hashFlag, nodeFlag,
				targetFlag, renewFlag, shareFlag, giveUpFlag, shareToFlag, cardFlag, waitFlag, keepFlag, replugFlag,
				typedFlag, cellsFlag, rateFlag,
			},
			Action: func(ctx *cli.Context) error {
				var phase procedure.PhaseID
				err := e.withStore(ctx, func(n *ceremony.Node) (err error) {
					phase, err = phaseOfTask(n, id, ctx.String(nodeFlag.Name))
					return err
				})
				if err != nil {
					return err
				}
				return e.phase(ctx, phase, id)
			},
		})
	}
	return c
}

func taskUsage(id procedure.TaskID) string {
	var phases []string
	text := ""
	for _, t := range procedure.Table2 {
		if t.Task == id {
			phases = append(phases, string(t.Phase))
			if text == "" {
				text = strings.ReplaceAll(t.Text, "%s", "CSR")
			}
		}
	}
	return fmt.Sprintf("%s (phase %s)", text, strings.Join(phases, ", "))
}

// phaseOfTask finds the phase in which a task is done at this store.
func phaseOfTask(n *ceremony.Node, id procedure.TaskID, node string) (procedure.PhaseID, error) {
	var phases []procedure.PhaseID
	for _, p := range n.Plan().At(n.Device().Name) {
		for _, t := range procedure.Table2 {
			if t.Task == id && t.At == p.Role && (node == "" || node == p.Name) {
				phases = append(phases, t.Phase)
			}
		}
	}
	switch len(phases) {
	case 1:
		return phases[0], nil
	case 0:
		return "", &refusal.Error{Code: refusal.CodeNotHere, Text: fmt.Sprintf("task %s is not done at coprocessor %q", id, n.Device().Name)}
	}
	return "", terminal.Usagef("coprocessor %q holds two nodes with task %s: say --node", n.Device().Name, id)
}

// phase does a phase, or one task of it.
func (e *env) phase(ctx *cli.Context, id procedure.PhaseID, task procedure.TaskID) error {
	var result *ceremony.Result
	err := e.atDesk(ctx, func(n *ceremony.Node, d *console.Desk) (err error) {
		result, err = e.phaseAt(ctx, n, id, task, d)
		return err
	})
	if err != nil {
		return err
	}
	if ctx.Bool(jsonFlag.Name) {
		return e.json(result)
	}
	return nil
}

// phaseAt does it at an open store.
func (e *env) phaseAt(ctx *cli.Context, n *ceremony.Node, id procedure.PhaseID, task procedure.TaskID, d *console.Desk) (*ceremony.Result, error) {
	o := ceremony.Options{
		Task:    task,
		Shares:  ctx.IntSlice(shareFlag.Name),
		GiveUp:  ctx.IntSlice(giveUpFlag.Name),
		Targets: ctx.StringSlice(targetFlag.Name),
		Renew:   ctx.StringSlice(renewFlag.Name),
	}
	if first, err := n.Ready(id, o, d); err != nil {
		if first != nil {
			console.PrintResult(d.Out, first, err, "")
		}
		return nil, err
	}
	sticks := e.rack(ctx, n.Plan())
	c, err := carrier.OpenSet(sticks, carrier.Named{
		From: ctx.StringSlice(fromFlag.Name), To: ctx.String(toFlag.Name), ShareTo: ctx.StringSlice(shareToFlag.Name), Shares: id == "3d",
	}, id != "1")
	if err != nil {
		return nil, err
	}
	c.Writes = n.Open(id, o)
	if err := c.Ready(ctx.Context); err != nil {
		return nil, err
	}
	d.Sticks, d.Plan = sticks, n.Plan()
	c.Asks = d.Secrets == nil && sticks.Terminal != nil
	// Standard input is nobody's card where officers log on at the terminal.
	if card := ctx.String(hashFlag.Name); card != "" || d.Secrets != nil {
		if d.Reader, err = console.NewCardReader(ctx.Context, card, e.in, sticks); err != nil {
			return nil, err
		}
	}
	if d.CardFile = ctx.String(cardFlag.Name); d.CardFile != "" {
		if stick := sticks.PathOnStick(d.CardFile); stick != "" {
			return nil, console.CardOnStick(stick)
		}
	}
	result, err := console.RunPhase(ctx.Context, d.Out, n, id, c, d, o)
	if err == nil && d.CardFile != "" && !d.CardWritten {
		terminal.Print(d.Out, "  ! ", "no card was written: the hash is registered already. "+placeOf(ctx).spell(cardAgain(d.CardFile)))
	}
	return result, errors.Join(err, c.Finish(ctx.Context, err == nil && ctx.Bool(replugFlag.Name)))
}

// cardAgain is the command that makes a card once more. Braces would end it.
func cardAgain(file string) string {
	if file = terminal.Quote(file); strings.ContainsAny(file, "{}") {
		file = "…"
	}
	return fmt.Sprintf("Make a card with {qr card --out %s}", file)
}
