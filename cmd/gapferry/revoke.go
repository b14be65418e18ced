package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

// revokesTaken is revoke --from for programs.
type revokesTaken struct {
	Revoked []ceremony.Revoked `json:"revoked"`
}

func revokeCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "revoke", Usage: "take back the certificate of the source or of a target: at the SA with --node, elsewhere with --from",
		Description: "For a coprocessor that was stolen, exchanged or is not to be trusted any more.\nCarry the revoke to every node: one that has taken it in, with --from or in any\nphase, refuses what needs that certificate. At the SA, phase 3b --renew certifies\nthe keys of a target that was set up anew.",
		Flags: []cli.Flag{
			storeFlag, fromFlag, toFlag, passphraseFlag, yesFlag, jsonFlag, waitFlag, keepFlag, replugFlag, typedFlag, cellsFlag, rateFlag,
			&cli.StringFlag{Name: "node", Usage: "at the SA: the `NODE` whose certificate is taken back"}, reasonFlag,
		},
		Action: func(ctx *cli.Context) error {
			node := ctx.String("node")
			if node == "" {
				return e.takeRevokes(ctx)
			}
			if ctx.String(reasonFlag.Name) == "" {
				return terminal.Usagef("revoke needs --reason")
			}
			return e.handOut(ctx, func(n *ceremony.Node, o ceremony.Options, d *console.Desk) (*ceremony.Result, error) {
				return n.Revoke(node, ctx.String(reasonFlag.Name), o, d)
			}, func(w io.Writer) {
				terminal.Print(w, "", fmt.Sprintf("the certificate of %s is revoked. Carry the revoke to every node, where gapferry revoke --from or the next phase takes it in", node))
			})
		},
	}
}

func (e *env) takeRevokes(ctx *cli.Context) error {
	var all []ceremony.Revoked
	err := e.takeIn(ctx, func(n *ceremony.Node) ([]string, []ceremony.Want) {
		return n.Databases()[:1], n.RevokeWants()
	}, func(n *ceremony.Node, o ceremony.Options, d *console.Desk) (err error) {
		all, err = n.TakeRevokes(o, d)
		return err
	})
	if err != nil {
		return err
	}
	if ctx.Bool(jsonFlag.Name) {
		return e.json(revokesTaken{append([]ceremony.Revoked{}, all...)})
	}
	for _, r := range all {
		terminal.Print(e.out, "", revokedLine(r))
	}
	return nil
}

func revokedLine(r ceremony.Revoked) string {
	return fmt.Sprintf("%s: certificate %d and all before it are revoked by %s: %s", r.Node, r.Generation, r.By, r.Reason)
}
