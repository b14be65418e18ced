package paper

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

// shareSign is a state of a share in the matrix: a sign that is told from the others
// without any colour.
type shareSign struct {
	state transcript.ShareState
	sign  string
}

var shareSigns = []shareSign{
	{transcript.ShareInstalled, "●"},
	{transcript.ShareSpare, "○"},
	{transcript.ShareKept, "◊"},
	{transcript.ShareLost, "△"},
	{transcript.ShareUnaccounted, "?"},
	{transcript.ShareGivenUp, "×"},
	{transcript.ShareOpen, "–"},
}

func signOf(s transcript.ShareState) string {
	for _, f := range shareSigns {
		if f.state == s {
			return f.sign
		}
	}
	return "?"
}

// shares is the matrix of targets and shares, and what accounts for those that
// were not installed.
func shares(r *transcript.Result) []block {
	t := table{Class: "shares", Cols: []column{{Head: "Target", Width: "24mm", Class: "mono"}, {Head: "Share set", Width: "34mm"}}}
	for i := 1; i <= r.Plan.N; i++ {
		t.Cols = append(t.Cols, column{Head: fmt.Sprint(i), Class: "sign"})
	}
	var rows [][]string
	var told [][]string
	for _, target := range r.Targets {
		of := map[string]int{} // share set → row
		for _, s := range target.Shares {
			at, there := of[s.ShareSet]
			if !there {
				at = len(rows)
				of[s.ShareSet] = at
				row := make([]string, len(t.Cols))
				row[0], row[1] = target.Node, setName(s)
				rows = append(rows, row)
			}
			if s.Index >= 1 && s.Index <= r.Plan.N {
				rows[at][1+s.Index] = signOf(s.State)
			}
			if s.State != transcript.ShareInstalled || s.Account != "" {
				told = append(told, []string{target.Node, fmt.Sprint(s.Index), short(s.ShareSet), string(s.State), truncate(strings.Join(s.Copies, ", ")), truncate(s.Account)})
			}
		}
	}
	t.groups = []group{{rows: rows}}
	var legend notes
	for _, f := range shareSigns {
		legend = append(legend, f.sign+"  "+string(f.state))
	}
	blocks := []block{
		title("What became of each share"),
		paragraph(fmt.Sprintf("A column for each share; %d of %d are needed. Those of a cancelled set are void: a node that knows of the cancel refuses them.", r.Plan.M, r.Plan.N)), t, legend,
	}
	if len(told) > 0 {
		account := table{Class: "accounts", Cols: []column{
			{Head: "Target", Width: "22mm", Class: "mono"}, {Head: "Share", Width: "12mm"}, {Head: "Set", Width: "20mm", Class: "mono"}, {Head: "State", Width: "40mm"}, {Head: "Handed to", Width: "38mm"}, {Head: "Accounted for by", below: true},
		}}
		account.groups = []group{{rows: told}}
		blocks = append(blocks, heading("Shares that were not installed"), account)
	}
	return blocks
}

func setName(s transcript.ShareOutcome) string {
	switch {
	case s.ShareSet == "":
		return "none"
	case s.Void:
		return short(s.ShareSet) + ", cancelled"
	}
	return short(s.ShareSet)
}

// short is the beginning of a long number, as the screens show it.
func short(hex string) string { return hex[:min(8, len(hex))] }
