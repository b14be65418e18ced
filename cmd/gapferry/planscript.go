package main

import (
	"fmt"
	"os"

	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/paper"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

var minutesFlag = &cli.StringSliceFlag{
	Name: "minutes-from", Usage: "say how long each step takes, as it took in a rehearsal: a store's `DIRECTORY`, or a transcript, for which --sa-hash is needed; may be repeated",
}

func planScriptCommand(e planWork) *cli.Command {
	return &cli.Command{
		Name: "script", Usage: "the ceremony step by step, room by room, with every command, and a sheet for whatever goes wrong",
		Flags: []cli.Flag{planFlag, htmlFlag, paperFlag, minutesFlag, hashFlag, waitFlag},
		Action: func(ctx *cli.Context) error {
			p, err := readPlan(ctx)
			if err != nil {
				return err
			}
			m, err := e.minutes(ctx)
			if err != nil {
				return err
			}
			return e.document(ctx, paper.Script(p, m))
		},
	}
}

func planRouteCommand(e planWork) *cli.Command {
	return &cli.Command{
		Name: "route", Usage: "the shortest walk from room to room, and what is carried on it",
		Flags: []cli.Flag{planFlag, htmlFlag, paperFlag, minutesFlag, hashFlag, waitFlag, jsonFlag},
		Action: func(ctx *cli.Context) error {
			p, err := readPlan(ctx)
			if err != nil {
				return err
			}
			m, err := e.minutes(ctx)
			if err != nil {
				return err
			}
			r := paper.NewRoute(p, m)
			if ctx.Bool(jsonFlag.Name) {
				return e.json(r)
			}
			return e.document(ctx, r.Doc())
		},
	}
}

// minutes learns how long steps took from what --minutes-from names.
func (e planWork) minutes(ctx *cli.Context) (m paper.Durations, err error) {
	for _, from := range ctx.StringSlice(minutesFlag.Name) {
		info, err := os.Stat(from)
		switch {
		case err != nil:
			return m, terminal.Usagef("--minutes-from %s cannot be read: %v", from, err)
		case info.IsDir():
			err = e.minutesOfStore(&m, from)
		default:
			err = e.minutesOfTranscript(ctx, &m, from)
		}
		if err != nil {
			return m, err
		}
	}
	return m, nil
}

func (e planWork) minutesOfStore(m *paper.Durations, dir string) error {
	return e.lookAt(dir, func(n *ceremony.Node) error {
		m.Add(n.Records())
		terminal.Print(e.err, "", fmt.Sprintf("what %s says is %s", dir, ceremony.NotAuthenticated))
		return nil
	})
}

func (e planWork) minutesOfTranscript(ctx *cli.Context, m *paper.Durations, path string) error {
	f, err := readTranscript(path)
	if err != nil {
		return err
	}
	hash, err := e.auditorsHash(ctx, e.looking(ctx))
	if err != nil {
		return err
	}
	r := transcript.Verify(f, hash)
	if r.Plan == nil {
		return &refusal.Error{Code: refusal.CodeTranscript, Text: fmt.Sprintf("%s: the SA-key hash is not of this transcript", path)}
	}
	m.AddTranscript(r)
	return nil
}
