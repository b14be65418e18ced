package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

var reasonFlag = &cli.StringFlag{Name: "reason", Usage: "why: one line of `TEXT`, which the journals keep"}

// cancelsTaken is cancel --from for programs.
type cancelsTaken struct {
	Cancelled []ceremony.Cancelled `json:"cancelled"`
}

func cancelCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "cancel", Usage: "void the shares for a target: at the source with --target, at the target and at the SA with --from",
		Description: "At the source: for a target that was set up anew after its shares were obtained,\nor whose shares were lost. It makes a cancel for the target and the SA. Keep\nthe sticks with shares of the old set apart, to be wiped when the auditor has\nthe transcript; phase 3c --target begins a new set.\n" +
			"At the target it clears what was installed; at the SA it is noted. Whatever\ncomes later of that share set is refused.",
		Flags: []cli.Flag{
			storeFlag, fromFlag, toFlag, passphraseFlag, yesFlag, jsonFlag, waitFlag, keepFlag, replugFlag, typedFlag, cellsFlag, rateFlag,
			&cli.StringFlag{Name: "target", Usage: "at the source: the target `NODE`"}, reasonFlag,
		},
		Action: func(ctx *cli.Context) error {
			if ctx.String("target") == "" {
				return e.takeCancels(ctx)
			}
			return e.handOut(ctx, func(n *ceremony.Node, o ceremony.Options, d *console.Desk) (*ceremony.Result, error) {
				if ctx.String(reasonFlag.Name) == "" && n.NeedsReason(ctx.String("target")) {
					return nil, terminal.Usagef("cancel needs --reason")
				}
				return n.Cancel(ctx.String("target"), ctx.String(reasonFlag.Name), o, d)
			}, func(w io.Writer) {
				terminal.Print(w, "", fmt.Sprintf("the shares for %s are void. Carry the cancel to %s and to the SA, where gapferry cancel --from takes it in; keep the sticks with those shares apart, and wipe them when the auditor has the transcript; phase 3c --target %s begins a new share set",
					ctx.String("target"), ctx.String("target"), ctx.String("target")))
			})
		},
	}
}

func (e *env) takeCancels(ctx *cli.Context) error {
	var all []ceremony.Cancelled
	err := e.takeIn(ctx, func(n *ceremony.Node) (folders []string, wants []ceremony.Want) {
		return n.Databases(), n.CancelWants(ceremony.Options{})
	}, func(n *ceremony.Node, o ceremony.Options, d *console.Desk) (err error) {
		all, err = n.TakeCancels(o, d)
		return err
	})
	if err != nil {
		return err
	}
	if ctx.Bool(jsonFlag.Name) {
		return e.json(cancelsTaken{append([]ceremony.Cancelled{}, all...)})
	}
	for _, c := range all {
		fmt.Fprintf(e.out, "%s: share set %s was cancelled by %s\n", c.Target, c.ShareSet[:8], media.Escape(c.By))
		if c.Late {
			terminal.Print(e.out, "  ! ", fmt.Sprintf("too late: %s has set that master key. Tell the source's room; what is to become of the key is for people to decide. If it is to stay, another share set confirms it: at the source gapferry phase 3c --target %s, then phase 3d here", c.Target, c.Target))
		}
	}
	return nil
}

// handedOut is what is printed of it for programs.
type handedOut struct {
	Written   []ceremony.Carried  `json:"written"`
	Cancelled *ceremony.Cancelled `json:"cancelled_before,omitempty"` // before: the same call again
}

// handOut does an act that makes bundles, and puts them on the carrier of --to.
func (e *env) handOut(ctx *cli.Context, act func(*ceremony.Node, ceremony.Options, *console.Desk) (*ceremony.Result, error), done func(io.Writer)) error {
	var result *ceremony.Result
	err := e.atDesk(ctx, func(n *ceremony.Node, d *console.Desk) error {
		c, err := carrier.OpenSet(e.rack(ctx, n.Plan()), carrier.Named{To: ctx.String(toFlag.Name)}, false)
		if err == nil {
			err = c.Ready(ctx.Context)
		}
		if err != nil {
			return err
		}
		result, err = act(n, ceremony.Options{Deliver: c.Deliver(ctx.Context)}, d)
		return errors.Join(err, c.Finish(ctx.Context, err == nil && ctx.Bool(replugFlag.Name)))
	})
	if err != nil {
		return err
	}
	done(e.words(ctx))
	if ctx.Bool(jsonFlag.Name) {
		return e.json(handedOut{append([]ceremony.Carried{}, result.Written...), result.Cancelled})
	}
	return nil
}
