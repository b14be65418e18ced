package main

import (
	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

// newDesk makes the desk that the flags describe, of a command in which
// officers log on.
func (e *env) newDesk(ctx *cli.Context) (*desk, error) {
	if err := e.onlyOfficersAnswer(ctx); err != nil {
		return nil, err
	}
	s, err := terminal.ReadSecrets(ctx.Int(passphraseFlag.Name))
	if err != nil {
		return nil, err
	}
	d := &desk{words: e.words(ctx), terminal: e.terminal(ctx), secrets: s, yes: ctx.Bool(yesFlag.Name), spell: placeOf(ctx).spell}
	if s == nil && d.terminal != nil {
		// What officers read, compare and write on cards stands where they
		// answer: whoever typed the command may have sent the output elsewhere,
		// or through something that changes it.
		d.words = d.terminal.Out
	}
	return d, nil
}
