package main

import (
	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc/chip"
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

// atDesk opens the store for an act in which officers log on.
func (e *env) atDesk(ctx *cli.Context, act func(*ceremony.Node, *console.Desk) error) error {
	d, err := e.newDesk(ctx)
	if err != nil {
		return err
	}
	return e.withStore(ctx, func(n *ceremony.Node) error { return act(n, d) })
}

// withStore opens the store that the flags name, to work in it, and closes it.
func (e *env) withStore(ctx *cli.Context, do func(*ceremony.Node) error) error {
	n, err := ceremony.Open(ctx.String(storeFlag.Name), backend(ctx.Context, chip.Selection{}), e.now)
	if err != nil {
		return err
	}
	return closing(n, do(n))
}

// lookAt opens a store to read what its journal says, and closes it.
func (e *env) lookAt(dir string, do func(*ceremony.Node) error) error {
	n, err := ceremony.Look(dir, e.now)
	if err != nil {
		return err
	}
	return closing(n, do(n))
}

// closing closes a store and keeps the first error.
func closing(n *ceremony.Node, err error) error {
	if closed := n.Close(); err == nil {
		return closed
	}
	return err
}
