package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

// receiptsTaken is receipts for programs.
type receiptsTaken struct {
	Receipts []ceremony.Receipted `json:"receipts"`
}

func receiptsCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "receipts", Usage: "take in the receipts of targets, at the source or at the SA",
		Description: "Each is verified and compared: that the target's current master key is the\nsource's, for the share set that was given out. `gapferry status` shows them.",
		Flags:       []cli.Flag{storeFlag, fromFlag, targetFlag, passphraseFlag, waitFlag, keepFlag, jsonFlag},
		Action: func(ctx *cli.Context) error {
			var all []ceremony.Receipted
			err := e.takeIn(ctx, func(n *ceremony.Node) ([]string, []ceremony.Want) {
				return n.Databases(), n.ReceiptWants(ceremony.Options{Targets: targetsOf(ctx)})
			}, func(n *ceremony.Node, o ceremony.Options, d *console.Desk) (err error) {
				all, err = n.Receipts(o, d)
				return err
			})
			if err != nil {
				return err
			}
			if ctx.Bool(jsonFlag.Name) {
				return e.json(receiptsTaken{all})
			}
			for _, r := range all {
				terminal.Print(e.out, "", receiptLine(r))
			}
			return nil
		},
	}
}

// receiptLine says what a receipt says, in words.
func receiptLine(r ceremony.Receipted) string {
	shares := strings.Trim(strings.ReplaceAll(fmt.Sprint(r.Shares), " ", ", "), "[]")
	verdict := ""
	switch {
	case r.Cancelled:
		verdict = "; ITS SHARE SET WAS CANCELLED"
	case r.Expected == "":
	case r.Expected == r.Pattern && r.SourceNow != "":
		verdict = ", which the source gave out; ITS OWN CURRENT ONE IS NOW " + r.SourceNow
	case r.Expected == r.Pattern:
		verdict = ", EQUAL to the source's"
	default:
		verdict = ", NOT EQUAL to the source's " + r.Expected
	}
	return fmt.Sprintf("%s: current master key %s%s; set by %s with shares %s", r.Target, r.Pattern, verdict, r.By, shares)
}
