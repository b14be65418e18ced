package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/gapferry/gapferry/cmd/internal/plan"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

var planFlag = &cli.StringFlag{
	Name: "plan", Aliases: []string{"p"}, Value: "plan.toml", Usage: "the plan: a `FILE`",
}

// planWork is what the commands do that make a plan and print its papers.
type planWork struct{ *env }

func planCommand(e planWork) *cli.Command {
	return &cli.Command{
		Name: "plan", Usage: "the worksheet of the ceremony, agreed before phase 1",
		Subcommands: []*cli.Command{
			planNewCommand(e), planCheckCommand(e), planPrintCommand(e), planScriptCommand(e), planRouteCommand(e),
		},
	}
}

func readPlan(ctx *cli.Context) (*plan.Plan, error) {
	text, err := readBounded(ctx.String(planFlag.Name), plan.MaxSize)
	if err != nil {
		return nil, planUnread(err)
	}
	return plan.Parse(text)
}

// planUnread says what to do where there is no plan, or none that may be read.
func planUnread(err error) error {
	hint := "name the file of the plan with --plan"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint += ", or make one with `gapferry plan new`"
	case errors.Is(err, fs.ErrPermission):
		hint = "ask whose file it is: this user may not read it"
	}
	return &terminal.UsageError{Text: fmt.Sprintf("the plan cannot be read: %v", err), Hint: hint}
}

// readBounded reads a regular file of at most limit bytes, and one byte more
// of a larger one, so that whoever parses it sees that it is too large.
func readBounded(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", media.Escape(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// Asked for once: a transcript can be large.
	data := make([]byte, min(info.Size(), limit)+1)
	n, err := io.ReadFull(f, data)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return data[:n], err
}
