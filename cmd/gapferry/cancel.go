package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

func cancelCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "cancel", Usage: "void the shares for a target at the source, so that phase 3c begins anew",
		Description: "For a target that was set up anew after its shares were obtained, or whose shares\nwere lost. Wipe the sticks that carry them; at the target, `coprocessor clear`.",
		Flags: []cli.Flag{
			storeFlag, passphraseFlag, yesFlag,
			&cli.StringFlag{Name: "target", Usage: "the target `NODE`"},
		},
		Action: func(ctx *cli.Context) error {
			target := ctx.String("target")
			if target == "" {
				return usagef("cancel needs --target")
			}
			d, err := e.newDesk(ctx)
			if err != nil {
				return err
			}
			n, err := e.open(ctx)
			if err != nil {
				return err
			}
			if err := closing(n, n.Cancel(target, d)); err != nil {
				return err
			}
			fmt.Fprintf(e.out, "the shares for %s are void: do phase 3c again, and wipe the sticks that carry them\n", escape(target))
			return nil
		},
	}
}
