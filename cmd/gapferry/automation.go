package main

import (
	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

// Whoever types the command line is no officer. What they type answers for one
// only where the passphrases come that way, too: who has those could answer at
// the terminal as well, and the journal says that it was done so.

// onlyOfficersAnswer refuses flags that would answer for officers who log on at
// the terminal, before anybody does.
func (e *env) onlyOfficersAnswer(ctx *cli.Context) error {
	if ctx.Int(passphraseFlag.Name) >= 0 {
		return nil
	}
	const only = "%s is for scripts, which give passphrases with --passphrase-fd. Leave it out: %s"
	switch card := ctx.String(hashFlag.Name); {
	case ctx.Bool(yesFlag.Name):
		return terminal.Usagef(only, "--yes", "each officer is asked at the terminal, and says yes for themself")
	case ctx.IsSet(keyPartFlag.Name) && ctx.Int(keyPartFlag.Name) >= 0:
		return terminal.Usagef(only, "--key-part-fd", "the officer types their part at the terminal")
	case card != "" && !e.shownByOfficers(card):
		return terminal.Usagef(only, "--sa-hash "+media.Escape(card), "each officer types words of their own card at the terminal, or scans it there (--sa-hash camera: or wedge:)")
	}
	return nil
}

// shownByOfficers reports whether a card of --sa-hash is one that an officer
// holds before a camera or a scanner in this room: no file, and no pipe.
func (e *env) shownByOfficers(card string) bool {
	spec, err := media.ParseSpec(card)
	if err != nil {
		return false
	}
	switch spec.Scheme {
	case "camera":
		return spec.Rest != "-"
	case "wedge":
		return e.typedAt()
	}
	return true // no card at all: cardReader says so
}

// typedAt reports whether standard input is a terminal.
func (e *env) typedAt() bool {
	return terminal.IsTerminal(e.in)
}
