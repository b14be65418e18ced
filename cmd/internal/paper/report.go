package paper

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

// Report is the auditor's report of what a transcript came to: the verdict
// first, then what has to be known of it, then the evidence.
func Report(r *transcript.Result) *Doc {
	p := r.Plan
	d := &Doc{
		Title: "Transcript of a ceremony that cannot be told", Kind: "Transcript report",
		Reference: "transcript " + r.Digest.Short(),
	}
	if p == nil {
		d.add("Verdict", false, title("Report on a transcript"), verdictOf(r),
			paragraph("Nothing could be verified: the SA key with the hash that was given is not in the transcript."))
		d.add("Findings", false, findings(r)...)
		d.add("Evidence", false, evidence(r)...)
		return d
	}
	d.Title, d.Rehearsal = p.Title, p.Rehearsal
	d.Reference = "ceremony " + p.Ceremony + ", transcript " + r.Digest.Short()
	d.add("Verdict", false, append(verdict(r), findings(r)...)...)
	d.add("Form 1 of 3: responsibilities", true, filledIn(r)...)
	d.add("Form 2 of 3: information worksheet", false, worksheet(p, prefillOf(r))...)
	d.add("Form 3 of 3: hash and keys", false, hashAndKeys(p, prefillOf(r))...)
	d.add("Shares", false, shares(r)...)
	d.add("Bundles", false, bundleTable(r)...)
	d.add("Timeline", false, timeline(r)...)
	d.add("Evidence", false, evidence(r)...)
	return d
}

// verdictBox is the verdict, large.
type verdictBox struct{ Word, Why string }

func (s verdictBox) html() (string, any) { return "verdict", s }

func (s verdictBox) text(out *screen) {
	rule := strings.Repeat("*", screenWidth)
	out.line("")
	out.line(rule)
	out.say("  ", s.Word)
	out.say("  ", s.Why)
	out.line(rule)
	out.line("")
}

func verdictOf(r *transcript.Result) verdictBox {
	exceptions := plural(r.Count(transcript.Exception), "exception", "exceptions")
	switch r.Verdict() {
	case transcript.Verified:
		if r.Count(transcript.Note) > 0 {
			return verdictBox{"VERIFIED", "Every check passed. Notes are below; none is an exception."}
		}
		return verdictBox{"VERIFIED", "Every check passed. There is nothing to tell."}
	case transcript.VerifiedWithExceptions:
		return verdictBox{"VERIFIED with " + exceptions, "Every check passed. The exceptions are told below: each is something that the procedure provides for."}
	case transcript.Incomplete:
		return verdictBox{"INCOMPLETE", "Nothing is wrong, and not everything is here or done: " +
			plural(r.Count(transcript.Open), "thing is open", "things are open") + ", with " + exceptions + "."}
	}
	return verdictBox{"DOES NOT VERIFY", plural(r.Count(transcript.Fault), "fault was found", "faults were found") + ". What else this report says is as the records have it, and must not be relied on."}
}

// verdict is the first page: what was cloned, to where, and how it went.
func verdict(r *transcript.Result) []block {
	p := r.Plan
	var have, others []string
	t := table{Class: "targets", Cols: []column{
		{Head: "Target", Width: "26mm", Class: "mono"}, {Head: "What became of it", Width: "44mm"}, {Head: "Pattern after set", Width: "42mm", Class: "mono"}, {Head: "Compared with the source's"},
	}}
	var rows [][]string
	for _, x := range r.Targets {
		equal := "not compared"
		switch {
		case x.State == transcript.ReplacedT:
			equal = "NOT EQUAL: another master key was set"
			others = append(others, x.Node+" ("+string(x.State)+")")
		case x.Equal:
			equal = "EQUAL, by journal, statement and receipt"
			have = append(have, x.Node)
		case x.Pattern != "":
			equal = "NOT shown to be equal"
			fallthrough
		default:
			others = append(others, x.Node+" ("+string(x.State)+")")
		}
		rows = append(rows, []string{x.Node, string(x.State), orElse(x.Pattern, "none"), equal})
	}
	t.groups = []group{{rows: rows}}
	blocks := []block{
		title("Report on the cloning of a master key"), verdictOf(r),
		facts{
			{"Master-key class", p.Class},
			{"Pattern of the source", sourcePattern(r)},
			{"Shares", fmt.Sprintf("%d needed of %d made, for each target", p.M, p.N)},
			{"Targets that have the key", orElse(strings.Join(have, ", "), "none")},
			{"Targets that do not", orElse(strings.Join(others, ", "), "none")},
			{"Ceremony", groupHex(p.Ceremony)},
			{"Plan", groupHex(p.Digest().String())},
		},
		t,
	}
	return append(blocks, heading("Summary"), paragraph(strings.Join(summary(r, have, others), " ")))
}

// sourcePattern is that of the key that was cloned, and what the source has now
// if that is another one.
func sourcePattern(r *transcript.Result) string {
	text := orElse(r.Pattern, "not obtained")
	if r.Now != "" {
		text += " when it was cloned; ITS CURRENT REGISTER IS NOW " + r.Now
	}
	return text
}

// summary tells the ceremony in a few sentences.
func summary(r *transcript.Result, have, others []string) []string {
	p := r.Plan
	var told []string
	say := func(format string, a ...any) { told = append(told, fmt.Sprintf(format, a...)) }
	if p.Rehearsal {
		say("This was a rehearsal: no live master key was cloned.")
	}
	if len(have) > 0 {
		same := "and is the same there"
		if r.Now != "" {
			same = "where it is the one that the source had then, and has no more"
		}
		say("The %s master key of %s was cloned to %s, %s: %s.", p.Class, p.Source().Name,
			fmt.Sprintf("%d of %s", len(have), plural(len(r.Targets), "target", "targets")), same, joinNames(have))
	} else {
		say("The %s master key of %s was cloned to no target.", p.Class, p.Source().Name)
	}
	if len(others) > 0 {
		say("It is not shown to be at %s.", joinNames(others))
	}
	// One that was set up anew has several journals.
	records, devices, here := 0, map[string]bool{}, map[string]bool{}
	var missing, lost, left []string
	for _, j := range r.Journals {
		switch {
		case j.Lost != "":
			lost = append(lost, joinNames(j.Nodes))
		case j.LeftOut != "":
			left = append(left, joinNames(j.Nodes))
		case j.Missing:
			missing = append(missing, joinNames(j.Nodes))
		}
		devices[j.Coprocessor] = true
		here[j.Coprocessor] = here[j.Coprocessor] || !j.Missing
		records += j.Records
	}
	some := 0
	for _, is := range here {
		if is {
			some++
		}
	}
	say("The transcript holds %d records of %d of %s.", records, some, plural(len(devices), "coprocessor", "coprocessors"))
	if len(missing) > 0 {
		say("Missing is the journal of %s.", joinNames(missing))
	}
	if len(left) > 0 {
		say("An officer's remark says that %s takes no part: it was never certified.", joinNames(left))
	}
	if len(lost) > 0 {
		say("LOST is a journal of %s, or its end: what was done there then could not be verified, and an officer's remark alone accounts for it.", joinNames(lost))
	}
	if from, to := span(r.Journals); from != 0 {
		say("By the clocks of the nodes it began %s and ended %s.", moment(from), moment(to))
	}
	by := map[string]bool{}
	done := 0
	for _, row := range r.Rows {
		if row.By != "" {
			by[cmp.Or(p.Officer(row.By).Person, row.By)] = true
			done++
		}
	}
	say("%d rows of the responsibilities were done, by %s.", done, plural(len(by), "person", "persons"))
	return told
}

// span is when the first and the last record were written, by whatever clock.
func span(journals []transcript.Journal) (from, to int64) {
	for _, j := range journals {
		if from == 0 || j.From != 0 && j.From < from {
			from = j.From
		}
		to = max(to, j.To)
	}
	return from, to
}
