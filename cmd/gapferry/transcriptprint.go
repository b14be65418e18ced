package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/console"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
)

// printTranscript says what verifying a transcript gave: the verdict first, and
// once more at the end.
func printTranscript(w io.Writer, r *transcript.Result) {
	fmt.Fprintf(w, "%s\n\n", r.Headline())
	if r.Plan != nil {
		printVerified(w, r)
	}
	for _, f := range r.Findings {
		at := f.Where()
		if at != "" {
			at += " "
		}
		terminal.Print(w, "", fmt.Sprintf("%s %s(%s): %s", f.Severity, at, f.Rule, f.Text))
	}
	if len(r.Findings) > 0 {
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "SHA-256 of the transcript:\n%s\n", console.Indent(console.CardText(coproc.Thumbprint(r.Digest))))
	fmt.Fprintf(w, "%s\n", r.Headline()) // the first line is gone from a screen by now
}

// printVerified says what was verified.
func printVerified(w io.Writer, r *transcript.Result) {
	p := r.Plan
	terminal.Print(w, "  ceremony  ", p.Title)
	fmt.Fprintf(w, "  id        %s\n", p.Ceremony)
	fmt.Fprintf(w, "  plan      SHA-256 %s…\n", p.Digest().String()[:32])
	pattern := "pattern " + r.Pattern
	if r.Pattern == "" {
		pattern = "its pattern was not obtained"
	}
	if r.Now != "" {
		pattern += " then, " + r.Now + " NOW"
	}
	fmt.Fprintf(w, "  key       %s of %s, %s, %d of %d shares\n", p.Class, p.Source().Name, pattern, p.M, p.N)
	if r.Assurance != "" {
		terminal.PrintWrapped(w, "            ", r.Assurance)
	}
	fmt.Fprintln(w, "\nJournals")
	table := named(w)
	for _, j := range r.Journals {
		fmt.Fprintf(table, "  %s\t%s\n", strings.Join(j.Nodes, "+"), journalLine(j))
	}
	table.Flush()
	fmt.Fprintln(w, "\nTargets")
	table = named(w)
	for _, t := range r.Targets {
		fmt.Fprintf(table, "  %s\t%s\n", t.Node, targetLine(r, t))
	}
	table.Flush()
	fmt.Fprintln(w)
}

// named aligns what is said of nodes behind the longest of their names, of which
// one coprocessor can have several.
func named(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 16, 0, 2, ' ', 0) }

func journalLine(j transcript.Journal) string {
	lost := ""
	if j.Lost != "" {
		lost = "\n\tsays " + media.Escape(j.Lost)
	}
	switch {
	case j.Missing && lost != "":
		return "LOST" + lost
	case j.LeftOut != "":
		return "none: it takes no part\n\tsays " + media.Escape(j.LeftOut)
	case j.Missing:
		return "MISSING"
	}
	const minute = "2006-01-02 15:04"
	at := func(t int64) string { return time.Unix(t, 0).UTC().Format(minute) }
	text := fmt.Sprintf("%6d records, %s to %s UTC", j.Records, at(j.From), at(j.To))
	if !j.Certified {
		text += "\n\tNOT VOUCHED FOR by a certificate"
	}
	if lost != "" {
		text += "\n\twhat came after is LOST" + lost
	}
	return text
}

func targetLine(r *transcript.Result, t transcript.Target) string {
	text := string(t.State)
	if t.Pattern == "" {
		return text
	}
	text += ", " + t.Pattern
	switch {
	case t.State == transcript.ReplacedT:
		text += ", NOT EQUAL to the source's"
	case t.Equal && r.Now != "":
		text += ", EQUAL to the one that the source gave out"
	case t.Equal:
		text += ", EQUAL to the source's"
	default:
		text += ", NOT PROVED EQUAL"
	}
	if len(t.Compared) > 0 {
		text += "\n\tsource's key card compared by " + media.Escape(strings.Join(t.Compared, ", "))
	}
	return text
}

type findingJSON struct {
	Weight string `json:"weight"`
	Rule   string `json:"rule"`
	Node   string `json:"node,omitempty"`
	Record uint64 `json:"record,omitempty"`
	Time   int64  `json:"time,omitempty"`
	Text   string `json:"text"`
}

type targetJSON struct {
	Node         string   `json:"target"`
	State        string   `json:"state"`
	Pattern      string   `json:"pattern,omitempty"`
	Equal        bool     `json:"equal"`
	Compared     []string `json:"source_compared_by"`
	Certificates int      `json:"certificate_count"`
	Cancelled    int      `json:"cancelled_share_sets"`
	Revoked      string   `json:"revoke_reason,omitempty"`
}

type transcriptJournalJSON struct {
	Coprocessor string   `json:"coprocessor"`
	Nodes       []string `json:"nodes"`
	Missing     bool     `json:"missing"`
	LeftOut     string   `json:"left_out,omitempty"`
	Lost        string   `json:"lost,omitempty"`
	Records     int      `json:"record_count"`
	From        int64    `json:"first_time,omitempty"`
	To          int64    `json:"last_time,omitempty"`
	By          string   `json:"handed_out_by,omitempty"`
	Head        string   `json:"head,omitempty"`
	AuditKey    string   `json:"audit_key,omitempty"`
	Certified   bool     `json:"vouched_for"`
}

// verifiedShape is transcript verify for programs.
type verifiedShape struct {
	Verdict    string                  `json:"verdict"` // good, excepted, incomplete or bad
	SAKeyHash  string                  `json:"sa_key_hash"`
	Digest     string                  `json:"digest"`
	Faults     int                     `json:"faults"`
	Open       int                     `json:"open"`
	Exceptions int                     `json:"exceptions"`
	Notes      int                     `json:"notes"`
	Findings   []findingJSON           `json:"findings"`
	Targets    []targetJSON            `json:"targets"`
	Journals   []transcriptJournalJSON `json:"journals"`
	*VerifiedPlan
}

// VerifiedPlan is what is said where the transcript has a plan.
type VerifiedPlan struct {
	Ceremony  string `json:"ceremony"`
	Title     string `json:"title"`
	Plan      string `json:"plan_digest"`
	Rehearsal bool   `json:"rehearsal"`
	Class     string `json:"class"`
	Pattern   string `json:"pattern"`              // of the master key that the source gave out
	Assurance string `json:"assurance,omitempty"`  // what kept the key from going elsewhere
	SourceNow string `json:"source_now,omitempty"` // its current register, where that is another one now
}

func transcriptJSON(r *transcript.Result) verifiedShape {
	all := verifiedShape{
		Verdict: r.Verdict().String(), SAKeyHash: fmt.Sprintf("%x", r.Hash[:]), Digest: r.Digest.String(),
		Faults: r.Count(transcript.Fault), Open: r.Count(transcript.Open), Exceptions: r.Count(transcript.Exception), Notes: r.Count(transcript.Note),
		Findings: []findingJSON{}, Targets: []targetJSON{}, Journals: []transcriptJournalJSON{},
	}
	for _, f := range r.Findings {
		all.Findings = append(all.Findings, findingJSON{
			strings.ToLower(f.Severity.String()), f.Rule, f.Ref.Node, f.Ref.Record, f.Ref.Time, f.Text,
		})
	}
	for _, t := range r.Targets {
		all.Targets = append(all.Targets, targetJSON{t.Node, string(t.State), t.Pattern, t.Equal, append([]string{}, t.Compared...), t.Certificates, len(t.Canceled), t.Revoked})
	}
	for _, j := range r.Journals {
		all.Journals = append(all.Journals, transcriptJournalJSON(j))
	}
	if p := r.Plan; p != nil {
		all.VerifiedPlan = &VerifiedPlan{p.Ceremony, p.Title, p.Digest().String(), p.Rehearsal, p.Class, r.Pattern, r.Assurance, r.Now}
	}
	return all
}
