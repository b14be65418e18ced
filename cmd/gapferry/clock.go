package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

// journalClockCommand is what is left to do where a clock was wrong and nobody
// was asked when it was set right.
func journalClockCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "clock", Usage: "account for records that were made while this machine's clock was wrong: an officer signs that, and that it is right now",
		Description: "The transcript then tells those records as an exception, with who signed it. Their\ntimes count as unknown: between those of the signed records around them.",
		Flags: []cli.Flag{
			storeFlag, passphraseFlag,
			&cli.StringFlag{Name: "profile", Usage: "the officer's `PROFILE`"},
			&cli.Uint64Flag{Name: "first", Usage: "the first `RECORD` that was made with the wrong clock"},
			&cli.Uint64Flag{Name: "last", Usage: "the last such `RECORD`; left out, the first one alone"},
		},
		Action: func(ctx *cli.Context) error {
			first, last := ctx.Uint64("first"), ctx.Uint64("last")
			if last == 0 {
				last = first
			}
			if ctx.String("profile") == "" || first == 0 || last < first {
				return terminal.Usagef("journal clock needs --profile, and the records with --first and --last: see %s", placeOf(ctx).spell("{audit journal --look}"))
			}
			return e.atDesk(ctx, func(n *ceremony.Node, d *console.Desk) error {
				return n.AccountForClock(ctx.String("profile"), first, last, d)
			})
		},
	}
}

// sayClock says what is wrong with this machine's clock, as far as the store
// tells without an officer.
func sayClock(w io.Writer, d *ceremony.ClockDoubt) {
	if d == nil {
		return
	}
	for _, text := range d.Text {
		terminal.Print(w, "  ! ", text)
	}
	terminal.Print(w, "    ", "set it right, in UTC; the next officer who logs on is asked")
	fmt.Fprintln(w)
}
