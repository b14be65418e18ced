package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/gapferry/gapferry/cmd/internal/rehearsal"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
	"github.com/gapferry/gapferry/coproc/chip"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
)

func rehearseCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "rehearse", Usage: "do a whole ceremony on this machine, through the same code as the real commands",
		Description: "Every room gets a store of its own, sticks are directories, every officer a random\npassphrase. All of it is marked as a rehearsal and removed at the end, unless --dir keeps it.",
		Flags: []cli.Flag{
			jsonFlag,
			&cli.IntFlag{Name: "targets", Value: 2, Usage: "how many targets"},
			&cli.StringFlag{Name: "shares", Value: "2/3", Usage: "shares needed and made: `M/N`"},
			&cli.StringFlag{Name: "class", Value: string(coproc.SymMK), Usage: "master-key class: SYM-MK or ASYM-MK"},
			&cli.StringFlag{Name: "sa-with", Usage: "the SA is in the coprocessor of `NODE`: css or csr1"},
			&cli.StringFlag{Name: "dir", Usage: "keep stores and sticks in `DIRECTORY`, which must not exist or be empty"},
		},
		Action: func(ctx *cli.Context) error {
			m, n, err := parseShares(ctx.String("shares"))
			if err != nil {
				return err
			}
			class, err := coproc.ParseClass(ctx.String("class"))
			if err != nil {
				return terminal.Usagef("--class: %v", err)
			}
			if w := ctx.String("sa-with"); w != "" && w != "css" && w != "csr1" {
				return terminal.Usagef("--sa-with takes css or csr1")
			}
			p, err := draft.New(draft.Options{
				Title: "Rehearsal", Class: class, M: m, N: n, Targets: ctx.Int("targets"),
				Rehearsal: true, SAWith: ctx.String("sa-with"), Persons: rehearsal.Cast(n),
				LockAfter: draft.DefaultLockAfter,
			})
			if err != nil {
				return err
			}
			dir, done, err := e.rehearsalDir(ctx.String("dir"))
			if err != nil {
				return err
			}
			out := e.words(ctx)
			r := &rehearsal.Rehearsal{
				Plan: p, Dir: dir, Backend: backend(ctx.Context, chip.Selection{}), Now: e.now, Out: out, Spell: place{}.spell,
				Verdict: func(t *transcript.Result) error {
					printTranscript(out, t)
					fmt.Fprintln(out)
					return transcriptRefusal(t)
				},
			}
			result, err := r.Run(ctx.Context)
			if err := errors.Join(err, done()); err != nil {
				return err
			}
			if ctx.String("dir") != "" {
				fmt.Fprintf(out, "stores and sticks are kept in %s\n", media.Escape(dir))
			}
			if ctx.Bool(jsonFlag.Name) {
				return e.json(result)
			}
			return nil
		},
	}
}

// rehearsalDir makes the directory and says how to take it away again.
func (e *env) rehearsalDir(keep string) (dir string, done func() error, err error) {
	if keep == "" {
		dir, err = os.MkdirTemp("", "gapferry-rehearsal-")
		if err != nil {
			return "", nil, err
		}
		e.stop.removes(dir, "the rehearsal was stopped")
		return dir, func() error { return os.RemoveAll(dir) }, nil
	}
	entries, err := os.ReadDir(keep)
	if err == nil && len(entries) > 0 {
		return "", nil, terminal.Usagef("--dir %s is not empty", keep)
	}
	return keep, func() error { return nil }, os.MkdirAll(keep, 0o700)
}
