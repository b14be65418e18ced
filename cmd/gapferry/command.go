package main

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/store"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

// place is where a command was typed: what has to be added to another command
// of the same room, so that it does there what it says.
type place struct {
	store string   // what --store has to name; empty where that may be left out
	from  []string // the carriers that were named
	to    string
}

// placeOf is the place of the command that runs.
func placeOf(ctx *cli.Context) (p place) {
	if store, ok := ctx.Value(storeFlag.Name).(string); ok && store != "" && store != cmp.Or(os.Getenv("GAPFERRY_STORE"), storeFlag.Value) {
		p.store = store
	}
	if from, ok := ctx.Value(fromFlag.Name).(cli.StringSlice); ok {
		p.from = from.Value()
	}
	p.to, _ = ctx.Value(toFlag.Name).(string)
	return p
}

// inBraces finds the commands in a text: see refusal.Error.
var inBraces = regexp.MustCompile(`\{([a-z][^{}]*)\}`)

// spell writes every command of a text out in full.
func (p place) spell(text string) string {
	return inBraces.ReplaceAllStringFunc(text, func(braced string) string {
		return "`" + p.command(braced[1:len(braced)-1]) + "`"
	})
}

// command is a command line as it has to be typed in this place: a phase with
// the carriers that this command was given.
func (p place) command(words string) string {
	args := []string{"gapferry", words}
	if p.store != "" {
		args = append(args, "--store", terminal.Quote(p.store))
	}
	if id, isPhase := strings.CutPrefix(words, "phase "); isPhase {
		for i, from := range p.from {
			// Phase 1 reads nothing, and only 3d the sticks of share officers.
			if id == "3d" || id != "1" && i == 0 {
				args = append(args, "--from", terminal.Quote(from))
			}
		}
		switch {
		case p.to != "":
			args = append(args, "--to", terminal.Quote(p.to))
		case id == "1" && len(p.from) > 0:
			args = append(args, "--to", terminal.Quote(p.from[0]))
		}
	}
	return strings.Join(args, " ")
}

// advised is an error with what to do about it, in the words of the place
// where it happened.
type advised struct {
	error
	advice string
}

func (e *advised) Unwrap() error { return e.error }

// advise gives an error its hint, while it is known where the command ran.
func advise(ctx *cli.Context, err error) error {
	if err == nil || isA[*advised](err) {
		return err
	}
	advice := placeOf(ctx).spell(hint(err))
	switch {
	case errors.Is(err, store.ErrNone):
		advice = noStore(ctx)
	case advice == "" && isA[*terminal.UsageError](err):
		advice = "`" + ctx.Command.HelpName + " --help` says what it takes"
	}
	return &advised{err, advice}
}

// noStore says how this room gets a store, or where it has one.
func noStore(ctx *cli.Context) string {
	store := ctx.String(storeFlag.Name)
	var there []string
	entries, _ := os.ReadDir(".")
	for _, entry := range entries {
		if dir := entry.Name(); dir != store && isStore(dir) {
			there = append(there, "--store "+terminal.Quote(dir))
		}
	}
	if len(there) > 0 {
		return "a store is here, which you name with " + strings.Join(there, " or ")
	}
	nodes := "the node of this room, like sa, css or csr1"
	if text, err := readBounded(planFlag.Value, plan.MaxSize); err == nil {
		if p, err := plan.Parse(text); err == nil {
			nodes = "one of " + nodeNames(p) + ": the plan says which room this is"
		}
	}
	return "if this room has one, name it with --store, or set GAPFERRY_STORE; to make one: " +
		placeOf(ctx).spell("{init --node NODE}") + ", where NODE is " + nodes
}

// isStore reports whether a directory looks like a store.
func isStore(dir string) bool {
	for _, name := range []string{"plan.toml", "journal.cbor", "coprocessor"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}
