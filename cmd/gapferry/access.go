package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

var profileFlag = &cli.StringFlag{Name: "profile", Usage: "the officer's `PROFILE`"}

func unlockCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "unlock", Usage: "let an officer log on again after too many wrong passphrases; the administrator logs on",
		Flags: []cli.Flag{storeFlag, profileFlag, passphraseFlag, yesFlag},
		Action: func(ctx *cli.Context) error {
			profile := ctx.String(profileFlag.Name)
			return e.withProfile(ctx, func(n *ceremony.Node, d *console.Desk) error {
				was, err := n.Unlock(profile, d)
				if err != nil {
					return err
				}
				state := "it was not locked"
				if was.Locked {
					state = "it is not locked any more"
				}
				fmt.Fprintf(e.out, "the count of wrong passphrases of %s was %d and is 0: %s\n", media.Escape(profile), was.Failures, state)
				return nil
			})
		},
	}
}

func passphraseCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "passphrase", Usage: "an officer changes their passphrase at this coprocessor",
		Description: "It is asked for at the keyboard: the old one, then the new one twice. Scripts give both\nwith --passphrase-fd: a line PROFILE:OLD and a line new:NEW. Other rooms have passphrases\nof their own.",
		Flags:       []cli.Flag{storeFlag, profileFlag, passphraseFlag},
		Action: func(ctx *cli.Context) error {
			profile := ctx.String(profileFlag.Name)
			return e.withProfile(ctx, func(n *ceremony.Node, d *console.Desk) error {
				if err := n.ChangePassphrase(profile, d); err != nil {
					return err
				}
				fmt.Fprintf(e.out, "%s has a new passphrase at this coprocessor, and the old one opens nothing any more\n", media.Escape(profile))
				return nil
			})
		},
	}
}

// withProfile opens the store for an act on the profile that --profile names.
func (e *env) withProfile(ctx *cli.Context, act func(*ceremony.Node, *console.Desk) error) error {
	if ctx.String(profileFlag.Name) == "" {
		return terminal.Usagef("%s needs --profile", ctx.Command.Name)
	}
	return e.atDesk(ctx, act)
}

// parseActive reads the days of --active. Whether they are days is found out
// where the plan is checked.
func parseActive(s string) (from, until string, err error) {
	if s == "" {
		return "", "", nil
	}
	from, until, ok := strings.Cut(s, "..")
	if !ok || from == "" && until == "" {
		return "", "", terminal.Usagef("--active takes FROM..UNTIL, like 2026-11-24..2026-12-01; one of the two may be left out")
	}
	return from, until, nil
}
