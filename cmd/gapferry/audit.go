package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/access"
	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"

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
	var report *access.Report
	err := e.atDesk(ctx, func(n *ceremony.Node, d *console.Desk) (err error) {
		report, err = n.Audit(d)
		return err
	})
	return report, err
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
			all := registersListed{[]ceremony.MasterKeyRegisters{}}
			for _, r := range report.Info.Registers {
				all.Registers = append(all.Registers, ceremony.RegistersOf(r))
				fmt.Fprintf(e.words(ctx), "%-8s %s\n", r.Class, r)
			}
			if ctx.Bool(jsonFlag.Name) {
				return e.json(all)
			}
			return nil
		},
	}
}

// registersListed is coprocessor registers for programs.
type registersListed struct {
	Registers []ceremony.MasterKeyRegisters `json:"registers"`
}

func (e *env) auditJournal(ctx *cli.Context) error {
	n, err := e.journal(ctx)
	if err != nil {
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

// journalShape is audit journal for programs.
type journalShape struct {
	Records    []recordShape `json:"records"`
	Unsigned   int           `json:"unsigned"`   // at the end, until an officer signs after them
	Unattended int           `json:"unattended"` // have no signature of their own
	// Authenticated says that the journal was compared with what the coprocessor
	// remembers, which needs a log-on.
	Authenticated bool `json:"authenticated"`
}

func journalJSON(n *ceremony.Node, authenticated bool) journalShape {
	all := journalShape{[]recordShape{}, n.Unsigned(), n.Unattended(), authenticated}
	for _, r := range n.Records() {
		all.Records = append(all.Records, recordJSON(r, n.Signed(r.Seq)))
	}
	return all
}

// journal is a store whose journal was checked. It is closed: what was read stays.
func (e *env) journal(ctx *cli.Context) (read *ceremony.Node, err error) {
	if ctx.Bool("look") {
		err = e.lookAt(ctx.String(storeFlag.Name), func(n *ceremony.Node) error {
			read = n
			return nil
		})
		return read, err
	}
	err = e.atDesk(ctx, func(n *ceremony.Node, d *console.Desk) error {
		read = n
		return n.AuditJournal(d)
	})
	return read, err
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

// recordShape is a record of a journal; what it does not have is left out.
type recordShape struct {
	Seq         uint64           `json:"record"`
	Time        int64            `json:"time"`
	Event       journal.Event    `json:"event"`
	Previous    string           `json:"previous"` // digest of the record before
	Phase       string           `json:"phase,omitempty"`
	Node        string           `json:"node,omitempty"`
	Task        procedure.TaskID `json:"task,omitempty"`
	Profile     string           `json:"profile,omitempty"`
	Share       int              `json:"share,omitempty"`
	Peer        string           `json:"peer,omitempty"`
	Kind        bundle.Kind      `json:"kind,omitempty"`
	Digest      string           `json:"digest,omitempty"` // of the bundle
	Code        refusal.Code     `json:"code,omitempty"`
	AccountsFor string           `json:"accounts_for,omitempty"`
	Text        string           `json:"text,omitempty"`
	Recovered   bool             `json:"recovered,omitempty"` // found done after an interruption
	Means       []string         `json:"means,omitempty"`     // by which scripts answered for officers
	Signed      bool             `json:"signed"`
}

func recordJSON(r journal.Record, signed bool) recordShape {
	s := recordShape{
		Seq: r.Seq, Time: r.Time, Event: r.Event, Previous: r.Previous.String(), Phase: r.Phase, Node: r.Node, Task: r.Task, Profile: r.Profile,
		Share: r.Share, Peer: r.Peer, Kind: r.Kind, Code: r.Code, AccountsFor: journal.SubjectWords(r), Text: r.Text, Recovered: r.Recovered,
		Means: r.Means.Words(), Signed: signed,
	}
	if r.Bundle != nil {
		s.Digest = r.Bundle.String()
	}
	return s
}
