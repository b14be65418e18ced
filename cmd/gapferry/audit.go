package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/access"
	"github.com/gapferry/gapferry/cmd/internal/journal"

	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
)

func auditCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "audit", Usage: "what the auditor looks at: access controls and journal",
		Subcommands: []*cli.Command{
			{
				Name: "access-controls", Usage: "who could do what here; what differs from the plan or is dangerous is exit code 3",
				Flags:  []cli.Flag{storeFlag, passphraseFlag, jsonFlag},
				Action: e.auditAccess,
			},
			{
				Name: "journal", Usage: "check the journal and print every record; the auditor logs on, so that what was cut off is found too",
				Flags: []cli.Flag{storeFlag, passphraseFlag, jsonFlag, &cli.BoolFlag{
					Name: "look", Usage: "nobody logs on: everything is checked but whether records at the end are missing",
				}},
				Action: e.auditJournal,
			},
		},
	}
}

func (e *env) report(ctx *cli.Context) (*access.Report, error) {
	d, err := e.newDesk(ctx)
	if err != nil {
		return nil, err
	}
	n, err := e.open(ctx)
	if err != nil {
		return nil, err
	}
	report, err := n.Audit(d)
	return report, closing(n, err)
}

func (e *env) auditAccess(ctx *cli.Context) error {
	report, err := e.report(ctx)
	if err != nil {
		return err
	}
	if ctx.Bool(jsonFlag.Name) {
		if err := e.json(accessJSON(report)); err != nil {
			return err
		}
	} else {
		printAccess(e.out, report)
	}
	if len(report.Differences)+len(report.Dangers) > 0 {
		return &refusal.Error{Code: refusal.CodeAccessDiffers, Text: fmt.Sprintf(
			"the access controls of %s: %d differ from the plan, %d are dangerous", report.Coprocessor, len(report.Differences), len(report.Dangers))}
	}
	return nil
}

func registersCommand(e *env) *cli.Command {
	return &cli.Command{
		Name: "registers", Usage: "the master-key registers and their patterns; the auditor logs on",
		Flags: []cli.Flag{storeFlag, passphraseFlag, jsonFlag},
		Action: func(ctx *cli.Context) error {
			report, err := e.report(ctx)
			if err != nil {
				return err
			}
			var all []map[string]any
			for _, r := range report.Info.Registers {
				all = append(all, registersJSON(r))
				fmt.Fprintf(e.words(ctx), "%-8s %s\n", r.Class, registersLine(r))
			}
			if ctx.Bool(jsonFlag.Name) {
				return e.json(map[string]any{"registers": all})
			}
			return nil
		},
	}
}

func (e *env) auditJournal(ctx *cli.Context) error {
	n, err := e.journal(ctx)
	if err != nil {
		return err
	}
	if err := n.Close(); err != nil {
		return err
	}
	if ctx.Bool(jsonFlag.Name) {
		return e.json(journalJSON(n, !ctx.Bool("look")))
	}
	for _, r := range n.Records() {
		line := recordLine(r)
		if !n.Signed(r.Seq) {
			line += " (not signed: nobody was logged on)"
		}
		terminal.Print(e.out, fmt.Sprintf("%4d  %s  ", r.Seq, time.Unix(r.Time, 0).UTC().Format("2006-01-02 15:04:05Z")), line)
	}
	fmt.Fprintf(e.out, "%d records: each follows the one before it, every signature is good", len(n.Records()))
	if unsigned := n.Unsigned(); unsigned > 0 {
		fmt.Fprintf(e.out, "; the last %d wait for the next officer's signature", unsigned)
	}
	fmt.Fprintln(e.out)
	terminal.Print(e.out, "", fmt.Sprintf("%d were written while nobody was logged on, and have no signature of their own: whoever owns the disk can add such records (refused log-ons, copies handed out) and cut them, until an officer signs after them", n.Unattended()))
	if ctx.Bool("look") {
		terminal.Print(e.out, "", "whether signed records at the end are missing is checked without --look only")
		fmt.Fprintln(e.out, ceremony.NotAuthenticated)
	} else {
		terminal.Print(e.out, "", "none that was signed is missing at the end: the coprocessor remembers as many")
	}
	return nil
}

// journalJSON is a journal for programs. authenticated says that it was compared
// with what the coprocessor remembers, which needs a log-on.
func journalJSON(n *ceremony.Node, authenticated bool) map[string]any {
	var all []map[string]any
	for _, r := range n.Records() {
		m := recordJSON(r)
		m["signed"] = n.Signed(r.Seq)
		all = append(all, m)
	}
	return map[string]any{
		"records": all, "unsigned": n.Unsigned(), "unattended": n.Unattended(), "authenticated": authenticated,
	}
}

// journal opens a store whose journal was checked.
func (e *env) journal(ctx *cli.Context) (*ceremony.Node, error) {
	if ctx.Bool("look") {
		return ceremony.Look(ctx.String(storeFlag.Name), e.now)
	}
	d, err := e.newDesk(ctx)
	if err != nil {
		return nil, err
	}
	n, err := e.open(ctx)
	if err != nil {
		return nil, err
	}
	if err := n.AuditJournal(d); err != nil {
		return nil, closing(n, err)
	}
	return n, nil
}

// recordLine is a record in one line of words.
func recordLine(r journal.Record) string {
	parts := []string{fmt.Sprintf("%-8s", r.Event)}
	add := func(format string, a ...any) { parts = append(parts, fmt.Sprintf(format, a...)) }
	if r.Phase != "" {
		add("phase %s", r.Phase)
	}
	if r.Node != "" {
		add("%s", r.Node)
	}
	if r.Profile != "" {
		add("%s", r.Profile)
	}
	if r.Task != "" {
		add("%s", r.Task)
	}
	if r.Kind != "" {
		add("%s", r.Kind)
	}
	if r.Peer != "" {
		add("(%s)", r.Peer)
	}
	if r.Share != 0 {
		add("share %d", r.Share)
	}
	if r.Bundle != nil {
		add("%s", r.Bundle.Short())
	}
	if r.Code != "" {
		add("[%s]", r.Code)
	}
	if words := journal.SubjectWords(r); words != "" && r.Share == 0 {
		add("on %s:", words)
	}
	if r.Text != "" {
		add("%s", r.Text)
	}
	if r.Recovered {
		add("(found done after an interruption)")
	}
	if r.Means != 0 {
		add("(%s)", r.Means)
	}
	return strings.Join(parts, " ")
}

func recordJSON(r journal.Record) map[string]any {
	m := map[string]any{"seq": r.Seq, "time": r.Time, "event": r.Event, "previous": r.Previous.String()}
	put := func(key string, value any, there bool) {
		if there {
			m[key] = value
		}
	}
	put("phase", r.Phase, r.Phase != "")
	put("node", r.Node, r.Node != "")
	put("task", r.Task, r.Task != "")
	put("profile", r.Profile, r.Profile != "")
	put("share", r.Share, r.Share != 0)
	put("peer", r.Peer, r.Peer != "")
	put("kind", r.Kind, r.Kind != "")
	put("code", r.Code, r.Code != "")
	put("accounts_for", journal.SubjectWords(r), journal.SubjectWords(r) != "")
	put("text", r.Text, r.Text != "")
	put("recovered", true, r.Recovered)
	put("by", r.Means.Words(), r.Means != 0)
	if r.Bundle != nil {
		m["bundle"] = r.Bundle.String()
	}
	return m
}
