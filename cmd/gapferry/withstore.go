package main

import (
	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

// newDesk makes the desk that the flags describe, of a command in which
// officers log on.
func (e *env) newDesk(ctx *cli.Context) (*console.Desk, error) {
	if err := e.onlyOfficersAnswer(ctx); err != nil {
		return nil, err
	}
	s, err := terminal.ReadSecrets(ctx.Int(passphraseFlag.Name))
	if err != nil {
		return nil, err
	}
	d := &console.Desk{Out: e.words(ctx), Terminal: e.terminal(ctx), Secrets: s, Yes: ctx.Bool(yesFlag.Name), Spell: placeOf(ctx).spell}
	if s == nil && d.Terminal != nil {
		// What officers read, compare and write on cards stands where they
		// answer: whoever typed the command may have sent the output elsewhere,
		// or through something that changes it.
		d.Out = d.Terminal.Out
	}
	return d, nil
}
