package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

func unregisterCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "unregister-hash", Usage: "take back an SA-key hash that was mistyped or made up, before its SA key is registered; by two officers",
		Description: "The hash officer asks for it, with --reason; then the officer who registers the\nSA key, another person, confirms. Both see the hash, in hex. Until the second has\nconfirmed nothing is changed, and status says that it is asked for. The same\ncommand again goes on. No master key is touched; the phase then asks for the\nhash again.",
		Flags: []cli.Flag{
			storeFlag, reasonFlag, passphraseFlag, yesFlag, jsonFlag,
			&cli.BoolFlag{Name: "withdraw", Usage: "end what was asked for; the hash stays registered"},
		},
		Action: func(ctx *cli.Context) error {
			var u *ceremony.Unregistering
			done := "is not registered any more. The phase asks for a hash again: give its command"
			err := e.atDesk(ctx, func(n *ceremony.Node, d *console.Desk) (err error) {
				if ctx.Bool("withdraw") {
					done = "stays registered: nobody asks to take it back any more"
					u, err = n.WithdrawUnregister(d)
				} else {
					u, err = n.UnregisterHash(ctx.String(reasonFlag.Name), d)
				}
				return err
			})
			if err != nil {
				return err
			}
			terminal.Print(e.words(ctx), "", fmt.Sprintf("the SA-key hash at %s %s", u.Node, done))
			if ctx.Bool(jsonFlag.Name) {
				return e.json(u)
			}
			return nil
		},
	}
}

// unregisteringLine tells of an open request to take a hash back; what confirms it
// comes behind.
func unregisteringLine(u *ceremony.Unregistering) string {
	return fmt.Sprintf("%s asked to take the SA-key hash %s… back that %s registered at %s: %s. Nobody has confirmed it yet: ",
		u.AskedBy, u.Hash[:8], u.RegisteredBy, u.Node, u.Reason)
}
