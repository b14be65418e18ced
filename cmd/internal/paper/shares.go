package paper

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

// fate is a state of a share in the matrix: a sign that is told from the others
// without any colour.
type fate struct {
	state transcript.ShareState
	sign  string
}

var fates = []fate{
	{transcript.ShareInstalled, "●"},
	{transcript.ShareSpare, "○"},
	{transcript.ShareKept, "◊"},
	{transcript.ShareLost, "△"},
	{transcript.ShareUnaccounted, "?"},
	{transcript.ShareGivenUp, "×"},
	{transcript.ShareOpen, "–"},
}

func signOf(s transcript.ShareState) string {
	for _, f := range fates {
		if f.state == s {
			return f.sign
		}
	}
	return "?"
}

// shares is the matrix of targets and shares, and what accounts for those that
// were not installed.
func shares(r *transcript.Result) []block {
	t := table{class: "shares", cols: []column{{head: "Target", width: "24mm", class: "mono"}, {head: "Share set", width: "34mm"}}}
	for i := 1; i <= r.Plan.N; i++ {
		t.cols = append(t.cols, column{head: fmt.Sprint(i), class: "sign"})
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
				row := make([]string, len(t.cols))
				row[0], row[1] = target.Node, setName(s)
				rows = append(rows, row)
			}
			if s.Index >= 1 && s.Index <= r.Plan.N {
				rows[at][1+s.Index] = signOf(s.State)
			}
			if s.State != transcript.ShareInstalled || s.Account != "" {
				told = append(told, []string{target.Node, fmt.Sprint(s.Index), short(s.ShareSet), string(s.State), clip(strings.Join(s.Copies, ", ")), clip(s.Account)})
			}
		}
	}
	t.groups = []group{{rows: rows}}
	var legend notes
	for _, f := range fates {
		legend = append(legend, f.sign+"  "+string(f.state))
	}
	blocks := []block{
		title("What became of each share"),
		paragraph(fmt.Sprintf("A column for each share; %d of %d are needed. Those of a cancelled set are void: a node that knows of the cancel refuses them.", r.Plan.M, r.Plan.N)), t, legend,
	}
	if len(told) > 0 {
		account := table{class: "accounts", cols: []column{
			{head: "Target", width: "22mm", class: "mono"}, {head: "Share", width: "12mm"}, {head: "Set", width: "20mm", class: "mono"}, {head: "State", width: "40mm"}, {head: "Handed to", width: "38mm"}, {head: "Accounted for by", below: true},
		}}
		account.groups = []group{{rows: told}}
		blocks = append(blocks, heading("Shares that were not installed"), account)
	}
	return blocks
}

func setName(s transcript.ShareFate) string {
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
