package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

// marks are how the board shows a share: one letter, its legend below.
var marks = []struct {
	state ceremony.ShareStatus
	mark  string
}{
	{ceremony.ShareIsOpen, "."},
	{ceremony.ShareIsObtained, "o"},
	{ceremony.ShareIsOut, "H"},
	{ceremony.ShareIsInstalled, "I"},
	{ceremony.ShareIsUnneeded, "-"},
	{ceremony.ShareIsGivenUp, "x"},
}

// printBoard shows the targets and their shares, a line each.
func printBoard(out io.Writer, s ceremony.Status, here place) {
	if len(s.Targets) == 0 {
		return
	}
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	shares := len(s.Targets[0].Shares)
	head := "target\tcertificate"
	if shares > 0 {
		head += "\tshares 1 to " + fmt.Sprint(shares) + "\tstatement"
	}
	fmt.Fprintln(w, head+"\treceipt")
	used := map[ceremony.ShareStatus]bool{}
	for _, t := range s.Targets {
		fmt.Fprintf(w, "%s\t%s", t.Target, certificateWord(t))
		if shares > 0 {
			var row []string
			for _, state := range t.Shares {
				used[state] = true
				row = append(row, markOf(state))
			}
			statement := "none"
			if t.Statement {
				statement = "here"
			}
			fmt.Fprintf(w, "\t%s\t%s", strings.Join(row, " "), statement)
		}
		fmt.Fprintf(w, "\t%s\n", receiptWord(t))
	}
	w.Flush()
	var legend []string
	for _, m := range marks {
		if used[m.state] {
			legend = append(legend, m.mark+" "+string(m.state))
		}
	}
	if len(legend) > 0 {
		fmt.Fprintf(out, "(%s)\n", strings.Join(legend, ", "))
	}
	for _, t := range s.Targets {
		if t.Receipt != nil {
			terminal.Print(out, "  ", receiptLine(*t.Receipt))
		}
		if t.Replaced != nil {
			terminal.Print(out, "  ! ", replacedLine(t.Target, t.Replaced))
		}
		if t.Cancelled != "" {
			terminal.Print(out, "  ", fmt.Sprintf("%s: its share set was cancelled: %s", t.Target, t.Cancelled))
		}
		if t.CancelHere {
			terminal.Print(out, "  ", here.spell(fmt.Sprintf("%s: who has not heard of the cancel is told with {resend --kind cancel --target %s --to …}, then gapferry cancel --from there", t.Target, t.Target)))
		}
		if t.NewRegister != "" {
			terminal.Print(out, "  ! ", newRegisterLine(t.Target, t.NewRegister, here))
		}
		if t.Late {
			terminal.Print(out, "  ! ", fmt.Sprintf("%s: it had set the master key before, and has it. Another share set confirms it: gapferry phase 3c --target %s at the source, then phase 3d there", t.Target, t.Target))
		}
		if t.CancelOpen {
			terminal.Print(out, "  ! ", here.spell(fmt.Sprintf("%s: a cancel for it is not finished, and nobody outside knows of it: {cancel --target %s --to …} ends it", t.Target, t.Target)))
		}
	}
	for _, r := range s.Revoked {
		terminal.Print(out, "  ", revokedLine(r))
	}
	if s.Replaced != nil {
		terminal.Print(out, "  ! ", replacedLine("the source", s.Replaced))
	}
	if s.NewRegister != "" {
		terminal.Print(out, "  ! ", newRegisterLine("the source", s.NewRegister, here))
	}
}

func replacedLine(who string, r *ceremony.Replaced) string {
	return fmt.Sprintf("%s has another master key: %s was cloned, the current register is %s since record %d", who, r.Cloned, r.Current, r.Record)
}

func newRegisterLine(who, register string, here place) string {
	return here.spell(fmt.Sprintf("the new register of %s is %s: set, it would take the place of the key that is cloned, and shares are not installed beside it. {coprocessor clear} empties it", who, register))
}

func markOf(state ceremony.ShareStatus) string {
	for _, m := range marks {
		if m.state == state {
			return m.mark
		}
	}
	return "?"
}

func certificateWord(t ceremony.TargetStatus) string {
	switch {
	case t.Revoked != "":
		return "REVOKED"
	case t.Certificate == 0:
		return "none"
	}
	return fmt.Sprintf("number %d", t.Certificate)
}

func receiptWord(t ceremony.TargetStatus) string {
	switch {
	case t.Receipt == nil && t.Cancelled != "":
		return "none, CANCELLED"
	case t.Receipt == nil:
		return "none"
	case t.Receipt.Cancelled:
		return "here, CANCELLED"
	case t.Receipt.Expected == "":
		return "here"
	case t.Receipt.SourceNow != "":
		return "SOURCE CHANGED"
	case t.Receipt.Expected == t.Receipt.Pattern:
		return "EQUAL"
	}
	return "NOT EQUAL"
}
