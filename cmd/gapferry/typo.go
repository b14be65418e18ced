package main

import (
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/procedure"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc/outside"
)

// What people type who guess, or slip: an answer that leads on.

// root answers gapferry with no command of its own behind it: help and
// --version are what other programs know.
func (e *env) root(ctx *cli.Context) error {
	switch first := ctx.Args().First(); {
	case ctx.Bool("version"):
		return e.printVersion()
	case first == "help":
		return help(ctx)
	case procedure.Phase(procedure.PhaseID(strings.ToLower(first))) != nil:
		return noCommand(ctx, "phase "+strings.ToLower(first))
	}
	return group(ctx)
}

// help shows the help of the command that is named behind it.
func help(ctx *cli.Context) error {
	commands := ctx.App.Commands
	var found *cli.Command
	for _, word := range ctx.Args().Tail() {
		found = commandNamed(commands, word)
		if found == nil {
			return noCommandAmong(commands, "gapferry", word)
		}
		commands = found.Subcommands
	}
	if found == nil {
		return cli.ShowAppHelp(ctx)
	}
	return ctx.App.Run(append([]string{"gapferry"}, append(ctx.Args().Tail(), "--help")...))
}

func commandNamed(commands []*cli.Command, word string) *cli.Command {
	for _, c := range commands {
		if c.HasName(word) {
			return c
		}
	}
	return nil
}

// group answers a command that needs another word behind it.
func group(ctx *cli.Context) error {
	if ctx.NArg() == 0 {
		return cli.ShowSubcommandHelp(ctx)
	}
	commands := ctx.Command.Subcommands
	if ctx.Command.Name == "" || ctx.Command.Name == ctx.App.Name {
		commands = ctx.App.Commands
	}
	return noCommandAmong(commands, strings.TrimSpace(ctx.Command.HelpName), ctx.Args().First())
}

// noCommandAmong refuses a word that is no command behind others, and names the
// one that was meant, if it can be told.
func noCommandAmong(commands []*cli.Command, before, word string) error {
	err := &terminal.UsageError{
		Text: "there is no command \"" + strings.TrimPrefix(before+" "+word, "gapferry ") + "\"",
		Hint: "`" + before + " --help` lists the commands",
	}
	var meant []string
	for _, c := range commands {
		// The names of phases are one slip from each other: no guess is made.
		slip := len(c.Name) > 2 && outside.OneSlip(c.Name, strings.ToLower(word))
		if slip || strings.EqualFold(c.Name, word) {
			meant = append(meant, "`"+before+" "+c.Name+"`")
		}
	}
	if len(meant) > 0 {
		err.Hint = "did you mean " + strings.Join(meant, " or ") + "?"
	}
	return err
}

func noCommand(ctx *cli.Context, meant string) error {
	return &terminal.UsageError{
		Text: "there is no command \"" + ctx.Args().First() + "\"",
		Hint: "did you mean `gapferry " + meant + "`?",
	}
}

// usage answers a flag that is none, or that has a value which it does not take.
func usage(ctx *cli.Context, err error, _ bool) error {
	text := err.Error()
	var hint string
	if ctx != nil && ctx.Command != nil && ctx.Command.HelpName != "" {
		name := ctx.Command.HelpName
		hint = "`" + name + " --help` says what it takes"
		if flag, undefined := strings.CutPrefix(text, "flag provided but not defined: -"); undefined {
			flag = strings.TrimPrefix(flag, "-")
			text = strings.TrimPrefix(name, "gapferry ") + " has no flag --" + flag
			if meant := nearFlag(ctx.Command.Flags, flag); meant != "" {
				hint = "did you mean --" + meant + "? " + hint
			}
		}
	}
	return &terminal.UsageError{Text: text, Hint: hint}
}

func nearFlag(flags []cli.Flag, typed string) string {
	for _, f := range flags {
		for _, name := range f.Names() {
			if len(name) > 2 && outside.OneSlip(name, typed) {
				return name
			}
		}
	}
	return ""
}
