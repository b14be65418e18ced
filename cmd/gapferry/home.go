package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

// atHome writes paths out that begin with ~, of every flag that names a file or a
// directory: a shell does it only where nothing keeps it from it, and a store in a
// directory that is called ~ is what nobody means. Carriers do it themselves.
func atHome(ctx *cli.Context) error {
	for _, f := range ctx.Command.Flags {
		var err error
		switch f := f.(type) {
		case *cli.StringFlag:
			if namesPath(f.Usage) {
				err = oneAtHome(ctx, f.Name)
			}
		case *cli.StringSliceFlag:
			if namesPath(f.Usage) {
				err = allAtHome(ctx, f.Name)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// namesPath reports whether a flag's value is a path, as --help has it.
func namesPath(usage string) bool {
	return strings.Contains(usage, "`FILE`") || strings.Contains(usage, "`DIRECTORY`")
}

func oneAtHome(ctx *cli.Context, name string) error {
	given := ctx.String(name)
	full, err := media.AtHome(given)
	switch {
	case err != nil:
		return terminal.Usagef("--%s: %v", name, err)
	case full != given:
		return ctx.Set(name, full)
	}
	return nil
}

// allAtHome is oneAtHome for a flag that may be repeated.
func allAtHome(ctx *cli.Context, name string) error {
	given := ctx.StringSlice(name)
	var all []string
	for _, path := range given {
		full, err := media.AtHome(path)
		if err != nil {
			return terminal.Usagef("--%s: %v", name, err)
		}
		all = append(all, full)
	}
	if slices.Equal(all, given) {
		return nil
	}
	// Set adds one more; the serialized form is put in place of what is there.
	return ctx.Set(name, cli.NewStringSlice(all...).Serialize())
}
