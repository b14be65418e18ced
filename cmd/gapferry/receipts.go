package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
)

func receiptsCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "receipts", Usage: "take in the receipts of targets, at the source or at the SA",
		Description: "Each is verified and compared: that the target's current master key is the\nsource's, for the share set that was given out. `gapferry status` shows them.",
		Flags:       []cli.Flag{storeFlag, fromFlag, targetFlag, passphraseFlag, waitFlag, keepFlag, jsonFlag},
		Action: func(ctx *cli.Context) error {
			d, err := e.newDesk(ctx)
			if err != nil {
				return err
			}
			n, err := e.open(ctx)
			if err != nil {
				return err
			}
			all, err := e.receipts(ctx, n, d)
			if err := closing(n, err); err != nil {
				return err
			}
			if ctx.Bool(jsonFlag.Name) {
				return e.json(map[string]any{"receipts": all})
			}
			for _, r := range all {
				fmt.Fprintln(e.out, receiptLine(r))
			}
			return nil
		},
	}
}

func (e *env) receipts(ctx *cli.Context, n *ceremony.Node, d *desk) ([]ceremony.Receipted, error) {
	r := e.rack(ctx, n.Plan())
	o := ceremony.Options{Targets: ctx.StringSlice(targetFlag.Name)}
	specs := ctx.StringSlice(fromFlag.Name)
	if len(specs) == 0 && n.Plan().Carrier != "" {
		specs = []string{n.Plan().Carrier + ":"}
	}
	if len(specs) == 0 {
		return nil, usagef("no carrier: say with --from what brings the receipts: dir:PATH, usb:, qr:DIR, camera: or wedge:")
	}
	c := &carriers{rack: r}
	for _, spec := range specs {
		m, err := r.reader(spec, databasePurposes(n.Plan())...)
		if err != nil {
			return nil, err
		}
		c.from = append(c.from, m)
	}
	if err := c.ready(); err != nil {
		return nil, err
	}
	wants := n.ReceiptWants(o)
	in, err := c.read(wanted{
		folders: n.Folders("3b"), unfit: n.Unfit,
		missing: func(have []ceremony.Incoming) []string { return n.Missing(wants, have) },
	})
	if err := errors.Join(err, r.release()); err != nil {
		return nil, err
	}
	o.Incoming = in
	return n.Receipts(o, d)
}

// receiptLine says what a receipt says, in one line.
func receiptLine(r ceremony.Receipted) string {
	shares := strings.Trim(strings.ReplaceAll(fmt.Sprint(r.Shares), " ", ", "), "[]")
	verdict := ""
	switch {
	case r.Expected == "":
	case r.Expected == r.Pattern:
		verdict = ", EQUAL to the source's"
	default:
		verdict = ", NOT EQUAL to the source's " + r.Expected
	}
	return fmt.Sprintf("%s: current master key %s%s; set by %s with shares %s", r.Target, r.Pattern, verdict, r.By, shares)
}
