package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

func journalCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "journal", Usage: "the signed list of everything that happened in this room; see also audit journal",
		Subcommands: []*cli.Command{exportCommand(e), {
			Name: "note", Usage: "keep an officer's remark in the journal, signed: what happened in the room and no record tells",
			Flags: []cli.Flag{
				storeFlag, passphraseFlag, yesFlag,
				&cli.StringFlag{Name: "profile", Usage: "the officer's `PROFILE`"},
				&cli.StringFlag{Name: "text", Usage: "the remark: one line of `TEXT`"},
				&cli.StringFlag{Name: "target", Usage: "with --share: the remark accounts for that share of this `NODE`, which was not installed"},
				&cli.IntFlag{Name: "share", Usage: "the share's `INDEX`"},
				&cli.IntFlag{Name: "copy", Usage: "with --share: which copy of it, where it was handed out more than once: the source's status counts them"},
				&cli.StringFlag{Name: "lost", Usage: "with --certificate: the coprocessor that this `NODE` had was lost, and its journal with it; for the officer who audits here"},
				&cli.IntFlag{Name: "certificate", Usage: "the `NUMBER` of the certificate that it had then: the transcript names it"},
				&cli.StringFlag{Name: "left-out", Usage: "at the SA: this target `NODE`, which was never certified, takes no part; for the officer who audits there"},
			},
			Action: func(ctx *cli.Context) error {
				if ctx.String("profile") == "" || ctx.String("text") == "" {
					return terminal.Usagef("journal note needs --profile and --text")
				}
				err := e.atDesk(ctx, func(n *ceremony.Node, d *console.Desk) error {
					return n.Note(ceremony.Remark{
						Profile: ctx.String("profile"), Text: ctx.String("text"),
						Target: ctx.String("target"), Share: ctx.Int("share"), Copy: ctx.Int("copy"),
						Lost: ctx.String("lost"), Certificate: ctx.Int("certificate"), LeftOut: ctx.String("left-out"),
					}, d)
				})
				if err != nil {
					return err
				}
				fmt.Fprintln(e.out, "the remark is in the journal")
				return nil
			},
		}, journalClockCommand(e)},
	}
}

func exportCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "export", Usage: "hand out the journal, signed by the auditor, for gapferry transcript merge",
		Description: "It is sealed to the SA-key hash: whoever has the hash card can read it. It holds\nno secret, but who did what and when. At the SA, sa-key goes along.",
		Flags:       []cli.Flag{storeFlag, toFlag, passphraseFlag, jsonFlag, waitFlag, keepFlag, replugFlag, typedFlag, cellsFlag, rateFlag},
		Action: func(ctx *cli.Context) error {
			return e.handOut(ctx, func(n *ceremony.Node, o ceremony.Options, d *console.Desk) (*ceremony.Result, error) {
				return n.Export(o, d)
			}, func(w io.Writer) {
				terminal.Print(w, "", "the journal is handed out. What happens here from now on is not in it: export it again then")
			})
		},
	}
}
