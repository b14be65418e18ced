package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

func anewCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "anew", Usage: "begin anew at a source or target whose SA is lost, or a source whose certificate was taken back; by two officers; the master key stays",
		Description: "The hash officer asks for it, with --reason; then the officer who registers the\nSA key, another person, confirms. Both see which SA key and which keys go. Until\nthe second has confirmed nothing is changed. Then the coprocessor has forgotten the\nSA key, the keys of its node and its share sets; its master-key registers are as\nthey were. Phase 2a (at a target: 3a) is done once more, with the hash cards of\nthe SA that is there now. The same command again goes on.",
		Flags: []cli.Flag{
			storeFlag, reasonFlag, passphraseFlag, yesFlag, jsonFlag,
			&cli.BoolFlag{Name: "withdraw", Usage: "end what was asked for; nothing is changed"},
		},
		Action: func(ctx *cli.Context) error {
			var a *ceremony.Anew
			next := ""
			err := e.atDesk(ctx, func(n *ceremony.Node, d *console.Desk) (err error) {
				if ctx.Bool("withdraw") {
					a, err = n.WithdrawAnew(d)
				} else {
					a, err = n.BeginAnew(ctx.String(reasonFlag.Name), d)
				}
				if err == nil {
					next = nextAfterAnew(n, a)
				}
				return err
			})
			if err != nil {
				return err
			}
			terminal.Print(e.words(ctx), "", next)
			if ctx.Bool(jsonFlag.Name) {
				return e.json(a)
			}
			return nil
		},
	}
}

// nextAfterAnew says what to do after it was done, or withdrawn.
func nextAfterAnew(n *ceremony.Node, a *ceremony.Anew) string {
	if a.ConfirmedBy == "" {
		return "nobody asks to begin anew at " + a.Node + " any more: nothing was changed"
	}
	if a.Node == n.Plan().Source().Name {
		return fmt.Sprintf("%s begins anew, and its master key is as it was. Next: phase 2a here, with the hash cards and the sa-key of the SA; then phase 2b --renew %s there, or phase 2b where the SA itself is new", a.Node, a.Node)
	}
	return fmt.Sprintf("%s begins anew, and its master keys are as they were. Next: phase 3a here, with the hash cards and the sa-key of the SA; then phase 3b --renew %s there, or phase 3b where the SA itself is new", a.Node, a.Node)
}

// anewLine tells of an open request to begin anew; what confirms it comes behind.
// Its reason is from outside, and is not spelled.
func anewLine(a *ceremony.Anew) string {
	return fmt.Sprintf("%s asked to begin anew at %s, without the SA key %s…: %s. Nobody has confirmed it yet: ",
		a.AskedBy, a.Node, a.Hash[:8], a.Reason)
}
