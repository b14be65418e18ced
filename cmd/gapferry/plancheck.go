package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
)

func planCheckCommand(e planWork) *cli.Command {
	return &cli.Command{
		Name: "check", Usage: "check a plan, line by line; says which acts are for two persons, and how few persons are enough",
		Flags: []cli.Flag{planFlag, jsonFlag},
		Action: func(ctx *cli.Context) error {
			p, err := readPlan(ctx)
			if err != nil {
				return err
			}
			team := draft.SmallestTeam(p)
			if ctx.Bool(jsonFlag.Name) {
				return e.json(planChecked{
					Ceremony: p.Ceremony, Digest: p.Digest().String(), Unnamed: append([]string{}, draft.Unnamed(p)...), Team: team, Pairs: pairRows(),
				})
			}
			printPairs(e.out)
			printTeam(e.out, team)
			if p.SharesTogether {
				terminal.PrintWrapped(e.out, "  ! ", "shares_together: two shares for one target may go on one stick, and whoever has that stick has both")
			}
			for _, profile := range draft.Unnamed(p) {
				fmt.Fprintf(e.out, "  ! nobody is named for profile %s yet\n", profile)
			}
			fmt.Fprintf(e.out, "the plan is good: %s, %d of %d shares, %d target(s), digest %s\n", p.Class, p.M, p.N, len(p.Targets()), p.Digest().Short())
			return nil
		},
	}
}

// planChecked is plan check for programs.
type planChecked struct {
	Ceremony string     `json:"ceremony"`
	Digest   string     `json:"plan_digest"`
	Unnamed  []string   `json:"unnamed"` // profiles for which nobody is named
	Team     draft.Team `json:"smallest_team"`
	Pairs    []pairRow  `json:"pairs"`
}

// pairRow is two acts that are for two persons.
type pairRow struct {
	One   string       `json:"one"`
	Other string       `json:"other"`
	Scope coproc.Scope `json:"scope"`
	Why   string       `json:"why"`
}

func pairRows() []pairRow {
	var rows []pairRow
	for _, p := range coproc.Pairs {
		rows = append(rows, pairRow{p.One.Text, p.Other.Text, p.Scope, p.Why})
	}
	return rows
}

// printPairs prints which acts are for two persons.
func printPairs(w io.Writer) {
	fmt.Fprint(w, "Acts for two persons. Nobody may be able to do both, whatever their profiles:\n\n")
	for _, p := range coproc.Pairs {
		fmt.Fprintf(w, "  %-46s%s\n", p.One.Text, p.Other.Text)
		terminal.PrintWrapped(w, "      ", string(p.Scope)+": "+p.Why)
	}
}

// printTeam prints how few persons are enough, and as what each of them.
func printTeam(w io.Writer, t draft.Team) {
	if t.Persons == 0 {
		fmt.Fprintln(w)
		return
	}
	fmt.Fprintf(w, "\n%sFor instance:\n\n", atLeast(t))
	for i, profiles := range t.Profiles {
		terminal.PrintWrapped(w, fmt.Sprintf("  %2d  ", i+1), strings.Join(profiles, ", "))
	}
	fmt.Fprintln(w)
}

// atLeast says how few persons are enough, on a line, or nothing where nobody
// counted.
func atLeast(t draft.Team) string {
	switch {
	case t.Persons == 0:
		return ""
	case t.Exact:
		return fmt.Sprintf("%d persons are enough for this plan, and no fewer.\n", t.Persons)
	}
	return fmt.Sprintf("%d persons are enough for this plan; fewer may be.\n", t.Persons)
}
