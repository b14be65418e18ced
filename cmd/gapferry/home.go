package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/media"
)

// atHome writes paths out that begin with ~, of every flag that names a file or a
// directory: a shell does it only where nothing keeps it from it, and a store in a
// directory that is called ~ is what nobody means. Carriers do it themselves.
func atHome(ctx *cli.Context) error {
	for _, f := range ctx.Command.Flags {
		s, ok := f.(*cli.StringFlag)
		if !ok || !strings.Contains(s.Usage, "`FILE`") && !strings.Contains(s.Usage, "`DIRECTORY`") {
			continue
		}
		given := ctx.String(s.Name)
		full, err := media.AtHome(given)
		if err != nil {
			return usagef("--%s: %v", s.Name, err)
		}
		if full != given {
			if err := ctx.Set(s.Name, full); err != nil {
				return err
			}
		}
	}
	return nil
}
