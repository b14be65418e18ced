package main

import (
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

// takeIn does an act that reads bundles from the carriers of --from.
func (e *env) takeIn(ctx *cli.Context, looksFor func(*ceremony.Node) ([]string, []ceremony.Want), act func(*ceremony.Node, ceremony.Options, *console.Desk) error) error {
	return e.atDesk(ctx, func(n *ceremony.Node, d *console.Desk) (err error) {
		folders, wants := looksFor(n)
		o := ceremony.Options{Targets: targetsOf(ctx)}
		if o.Incoming, err = e.bring(ctx, n, folders, wants); err != nil {
			return err
		}
		return act(n, o, d)
	})
}

// targetsOf are the targets of --target, where a command has that flag.
func targetsOf(ctx *cli.Context) []string {
	if list, ok := ctx.Value(targetFlag.Name).(cli.StringSlice); ok {
		return list.Value()
	}
	return nil
}

// bring reads the carriers of --from, or the plan's.
func (e *env) bring(ctx *cli.Context, n *ceremony.Node, folders []string, wants []ceremony.Want) ([]bundle.Incoming, error) {
	r := e.rack(ctx, n.Plan())
	specs := ctx.StringSlice(fromFlag.Name)
	if len(specs) == 0 && n.Plan().Carrier != "" {
		specs = []string{n.Plan().Carrier + ":"}
	}
	if len(specs) == 0 {
		return nil, terminal.Usagef("no carrier: say with --from what brings it: dir:PATH, usb:, qr:DIR, camera: or wedge:")
	}
	c, err := carrier.OpenNamed(r, specs, "")
	if err != nil {
		return nil, err
	}
	if err := c.Ready(ctx.Context); err != nil {
		return nil, err
	}
	in, err := c.Read(ctx.Context, carrier.Request{
		Folders: folders, Unusable: n.Unfit,
		Missing: func(have []bundle.Incoming) []string { return n.Missing(wants, have) },
	})
	return in, errors.Join(err, r.Release())
}
