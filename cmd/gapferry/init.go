package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

func initCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "init", Usage: "make this room's store from the plan: the administrator does it, and each officer chooses a passphrase",
		Flags: []cli.Flag{
			storeFlag, planFlag, passphraseFlag, jsonFlag,
			&cli.StringFlag{Name: "node", Usage: "the `NODE` whose coprocessor stands in this room: sa, css, csr1, …"},
			&cli.StringFlag{Name: "coprocessor", Value: "soft", Usage: "the `DEVICE` that it is: " + chip.Forms},
		},
		Action: func(ctx *cli.Context) error {
			if ctx.String("node") == "" {
				return terminal.Usagef("init needs --node: the node whose coprocessor stands in this room")
			}
			device, err := chip.ParseSelection(ctx.String("coprocessor"))
			if err != nil {
				return terminal.Usagef("--coprocessor: %s", strings.TrimPrefix(err.Error(), chip.ErrSelection.Error()+": "))
			}
			p, err := readPlan(ctx)
			if err != nil {
				return err
			}
			node := p.Node(ctx.String("node"))
			if node == nil {
				return &refusal.Error{Code: refusal.CodeNotHere, Text: fmt.Sprintf("the plan has no node %q: it has %s", ctx.String("node"), nodeNames(p))}
			}
			if err := usable(device, ctx.IsSet("coprocessor"), p); err != nil {
				return err
			}
			d, err := e.newDesk(ctx)
			if err != nil {
				return err
			}
			// What is there before all of it is, is no store: see ceremony.Init.
			defer e.stop.untouched("No store was made")()
			d.Choosing = true
			d.About = shortly(p, node)
			printAbout(d.Out, p, node, device)
			if err := ceremony.Init(ctx.String(storeFlag.Name), p, node.Coprocessor, backend(ctx.Context, device), d, e.now); err != nil {
				return err
			}
			return e.initialised(ctx, p, node.Coprocessor, device)
		},
	}
}

// usable refuses a device that is not for the plan, and one that this build has
// nothing for, before anybody chooses a passphrase.
func usable(device chip.Selection, said bool, p *plan.Plan) error {
	if !said && p.Family() != coproc.Software {
		return terminal.Usagef("the plan is for coprocessors of family %s: init needs --coprocessor, which names the one of this room: %s", p.Family(), chip.Forms)
	}
	if err := store.Suits(device, p); err != nil {
		return err
	}
	c, err := chipOf(device)
	if err != nil {
		return err
	}
	return c.Close()
}

func nodeNames(p *plan.Plan) string {
	var names []string
	for _, n := range p.Nodes {
		names = append(names, n.Name)
	}
	return strings.Join(names, ", ")
}

// storeMade is init for programs.
type storeMade struct {
	Store       string   `json:"store"` // the directory, as it was given
	Coprocessor string   `json:"coprocessor"`
	Device      string   `json:"device"` // as --coprocessor has it
	Serial      string   `json:"serial"`
	EID         string   `json:"eid"`
	Nodes       []string `json:"nodes"`
	Plan        string   `json:"plan_digest"`
}

func (e *env) initialised(ctx *cli.Context, p *plan.Plan, coprocessor string, device chip.Selection) error {
	c := p.Coprocessor(coprocessor)
	var nodes []string
	for _, n := range p.At(coprocessor) {
		nodes = append(nodes, n.Name)
	}
	terminal.Print(e.words(ctx), "", fmt.Sprintf("made store %s: %s %s, serial %s, EID %q, m = %d, n = %d, for node %s",
		ctx.String(storeFlag.Name), device.Words(), c.Name, c.Serial, c.EID, p.M, p.N, strings.Join(nodes, " and ")))
	if device == (chip.Selection{}) {
		terminal.Print(e.words(ctx), "", "a software coprocessor is not protected from this machine's operating system: guard the machine as you would the key")
	}
	if source := p.Source(); source.Coprocessor == coprocessor {
		terminal.Print(e.words(ctx), "", fmt.Sprintf("it has no master key yet. In the place of a source that is lost: that one's master key went with it, and nothing brings it back but its parts; load them here again, or what was cloned is all there is. Then phase 2a, and phase 2b --renew %s at the SA", source.Name))
	}
	if sa := p.SA(); sa.Coprocessor == coprocessor {
		terminal.Print(e.words(ctx), "", "in the place of an SA that is lost: after phase 1, source and targets take the new SA in place of the old: gapferry coprocessor anew in their rooms, then their phases again")
	}
	if ctx.Bool(jsonFlag.Name) {
		return e.json(storeMade{ctx.String(storeFlag.Name), c.Name, device.String(), c.Serial, c.EID, nodes, p.Digest().String()})
	}
	return nil
}

// printAbout tells the officers of a room what a store is for, before any of
// them chooses a passphrase: whoever typed the command picked the plan.
func printAbout(w io.Writer, p *plan.Plan, node *plan.Node, device chip.Selection) {
	c := p.Coprocessor(node.Coprocessor)
	var nodes []string
	for _, n := range p.At(c.Name) {
		nodes = append(nodes, n.Name)
	}
	words := p.Words()
	line := func(name, text string) { terminal.PrintWrapped(w, fmt.Sprintf("  %-11s", name), media.Escape(text)) }
	fmt.Fprintln(w, "A new store. Each officer compares with the paper, then chooses a passphrase:")
	line("ceremony", p.Ceremony)
	line("", p.Title)
	line("plan", strings.Join(words[:4], " "))
	line("", strings.Join(words[4:], " "))
	line("room", fmt.Sprintf("coprocessor %s, serial %s, EID %q", c.Name, c.Serial, c.EID))
	line("node", strings.Join(nodes, " and "))
	if device != (chip.Selection{}) {
		line("device", device.String())
	}
	if !p.Rehearsal {
		line("LIVE", "a real master key")
		return
	}
	line("REHEARSAL", "not for a real master key. Passphrases are kept weakly: guessing one on a copy of this store is 256 times cheaper than on a live one. Choose one that you use nowhere else.")
}

// shortly is printAbout in few words, for the screen of each officer.
func shortly(p *plan.Plan, node *plan.Node) string {
	stakes := p.Stakes()
	if p.Rehearsal {
		stakes += " (choose a passphrase that you use nowhere else)"
	}
	return fmt.Sprintf("%s, node %s, plan %s", stakes, node.Name, strings.Join(p.Words(), " "))
}
