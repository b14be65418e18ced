package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

func journalCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "journal", Usage: "the signed list of everything that happened in this room; see also audit journal",
		Subcommands: []*cli.Command{{
			Name: "note", Usage: "keep an officer's remark in the journal, signed: what happened in the room and no record tells",
			Flags: []cli.Flag{
				storeFlag, passphraseFlag,
				&cli.StringFlag{Name: "profile", Usage: "the officer's `PROFILE`"},
				&cli.StringFlag{Name: "text", Usage: "the remark: one line of `TEXT`"},
			},
			Action: func(ctx *cli.Context) error {
				if ctx.String("profile") == "" || ctx.String("text") == "" {
					return usagef("journal note needs --profile and --text")
				}
				d, err := e.newDesk(ctx)
				if err != nil {
					return err
				}
				n, err := e.open(ctx)
				if err != nil {
					return err
				}
				if err := closing(n, n.Note(ctx.String("profile"), ctx.String("text"), d)); err != nil {
					return err
				}
				fmt.Fprintln(e.out, "the remark is in the journal")
				return nil
			},
		}},
	}
}
