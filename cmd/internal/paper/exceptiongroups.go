package paper

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

// exceptionGroup is a kind of exception. A finding is of the first kind that has its
// rule and, where there is one, its mark in the text.
type exceptionGroup struct {
	title string
	rules []string // any, if empty
	mark  string
}

// hasKey is what a transcript says, in these letters, of a coprocessor that has
// the master key and should not.
const hasKey = "HAS THE MASTER KEY"

// exceptionGroups are the kinds of exceptions as an auditor wants them, gravest first.
var exceptionGroups = []exceptionGroup{
	{title: "Has the master key, and should not", rules: []string{"cancel", "lives", "revoke", "lost"}, mark: hasKey},
	{title: "Lost, and accounted for by a remark alone", rules: []string{"lost"}},
	{title: "Cancelled, revoked, set up anew", rules: []string{"cancel", "revoke", "target", "lives"}},
	{title: "Answered by scripts, not by officers", rules: []string{"answered"}},
	{title: "Shares that are not accounted for", rules: []string{"shares"}},
	{title: "Locked profiles", rules: []string{"refused"}, mark: " is locked"},
	{title: "Profiles that were unlocked", rules: []string{"act"}, mark: "unlock"},
	{title: "SA-key hashes that were taken back", rules: []string{"act"}, mark: "unregister"},
	{title: "Acts outside of the procedure", rules: []string{"act"}},
	{title: "Remarks", rules: []string{"remark"}},
	{title: "Found done or repaired after an interruption", rules: []string{"recovered", "repaired"}},
	{title: "Refusals", rules: []string{"refused"}},
	{title: "Bundles, receipts and journals"},
}

func groupOf(f transcript.Finding, targets []transcript.Target) int {
	text := f.Text
	for _, t := range targets {
		if f.Rule == "revoke" && t.Revoked != "" && t.Pattern != "" && strings.Contains(f.Text, " of "+t.Node+" ") {
			text += hasKey // it set the key; then it was revoked, or the other way round
		}
	}
	return slices.IndexFunc(exceptionGroups, func(g exceptionGroup) bool {
		return (len(g.rules) == 0 || slices.Contains(g.rules, f.Rule)) && strings.Contains(text, g.mark)
	})
}

// bySeverity groups exceptions, gravest first. The same refusal of the same
// officer in the same room is one row.
func bySeverity(all []transcript.Finding, targets []transcript.Target, officer func(transcript.RecordRef) string) (groups []group) {
	of := make([][]transcript.Finding, len(exceptionGroups))
	for _, f := range all {
		g := groupOf(f, targets)
		of[g] = append(of[g], f)
	}
	for g, some := range of {
		if len(some) == 0 {
			continue
		}
		title := fmt.Sprintf("%s: %d", exceptionGroups[g].title, len(some))
		if slices.Contains(exceptionGroups[g].rules, "refused") {
			groups = append(groups, group{title, mergeEqualRows(some, officer)})
		} else {
			groups = append(groups, group{title, findingRows(some, officer)})
		}
	}
	return groups
}

// counted is what tells one wrong passphrase from the next one, and no more.
var counted = regexp.MustCompile(` \([0-9]+ since its last log-on[^)]*\)`)

// maxListed is how many records of a merged row are named.
const maxListed = 8

// mergeEqualRows gives refusals as rows: those that are the same stand where the
// first of them does.
func mergeEqualRows(some []transcript.Finding, officer func(transcript.RecordRef) string) (rows [][]string) {
	type sameness struct{ node, profile, text string }
	var order []sameness
	same := map[sameness][]transcript.Finding{}
	for _, f := range some {
		k := sameness{f.Ref.Node, officer(f.Ref), counted.ReplaceAllString(f.Text, "")}
		if same[k] == nil {
			order = append(order, k)
		}
		same[k] = append(same[k], f)
	}
	for _, k := range order {
		list := same[k]
		row := findingRows(list[:1], officer)[0]
		if len(list) > 1 {
			var records []string
			for _, f := range list[:min(len(list), maxListed)] {
				records = append(records, record(f.Ref))
			}
			if len(list) > maxListed {
				records = append(records, "…")
			}
			row[len(row)-1] = fmt.Sprintf("%d times, records %s: %s", len(list), strings.Join(records, ", "), truncate(k.text))
		}
		rows = append(rows, row)
	}
	return rows
}
