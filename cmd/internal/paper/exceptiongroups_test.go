package paper

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

// Exceptions stand gravest first, each under its heading; the same refusal is
// one row, and no other.
func TestGraveFirst(t *testing.T) {
	r := sampleResult(t, samplePlan(t, nil), "a remark")
	r.Findings, r.Timeline = nil, nil
	r.Targets[0].Revoked = "stolen"
	tell := func(record uint64, rule, text string) {
		ref := transcript.RecordRef{Node: "csr1", Record: record}
		r.Findings = append(r.Findings, transcript.Finding{Severity: transcript.Exception, Rule: rule, Ref: ref, Text: text})
		r.Timeline = append(r.Timeline, transcript.TimelineEntry{RecordRef: ref, Event: journal.EventNote, Profile: "SHARE1"})
	}
	tell(1, "sent-received", "the receipt was never taken in at sa")
	for i := range uint64(10) {
		tell(2+i, "refused", fmt.Sprintf("wrong passphrase (%d since its last log-on, 5 lock it); nothing", i+1))
	}
	tell(12, "refused", "share 2 is damaged")
	tell(13, "refused", "share 3 is damaged")
	tell(14, "remark", "csr1 HAS THE MASTER KEY, says somebody")
	tell(15, "remark", "csr1 HAS THE MASTER KEY, says somebody")
	tell(16, "recovered", "found done")
	tell(17, "act", "load: first part")
	tell(18, "act", "unlock SHARE1")
	tell(19, "refused", "wrong passphrase: it is locked now")
	tell(20, "shares", "share 5 was handed out")
	tell(21, "cancel", "share set 1 was cancelled")
	tell(22, "cancel", "csr2 HAS THE MASTER KEY from share set 1")
	tell(23, "revoke", "the certificate of csr1 was taken back by X")
	tell(24, "revoke", "the certificate of csr2 was taken back by X")
	var got []string
	for _, b := range findings(r) {
		tab, ok := b.(table)
		if !ok {
			continue
		}
		for _, g := range tab.groups {
			got = append(got, "# "+g.Title)
			for _, row := range g.rows {
				got = append(got, row[2]+" "+row[3]+" "+row[4])
			}
		}
	}
	want := []string{
		"# Has the master key, and should not: 2", "22 SHARE1 csr2 HAS THE MASTER KEY from share set 1", "23 SHARE1 the certificate of csr1 was taken back by X",
		"# Cancelled, revoked, set up anew: 2", "21 SHARE1 share set 1 was cancelled", "24 SHARE1 the certificate of csr2 was taken back by X",
		"# Shares that are not accounted for: 1", "20 SHARE1 share 5 was handed out",
		"# Locked profiles: 1", "19 SHARE1 wrong passphrase: it is locked now",
		"# Profiles that were unlocked: 1", "18 SHARE1 unlock SHARE1",
		"# Acts outside of the procedure: 1", "17 SHARE1 load: first part",
		"# Remarks: 2", "14 SHARE1 csr1 HAS THE MASTER KEY, says somebody", "15 SHARE1 csr1 HAS THE MASTER KEY, says somebody",
		"# Found done or repaired after an interruption: 1", "16 SHARE1 found done",
		"# Refusals: 12", "2 SHARE1 10 times, records 2, 3, 4, 5, 6, 7, 8, 9, …: wrong passphrase; nothing",
		"12 SHARE1 share 2 is damaged", "13 SHARE1 share 3 is damaged",
		"# Bundles, receipts and journals: 1", "1 SHARE1 the receipt was never taken in at sa",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the exceptions are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A text of a journal, however long, costs neither the paper nor the time.
func TestLongRecord(t *testing.T) {
	long := strings.Repeat("ü", 5_000_000)
	r := sampleResult(t, samplePlan(t, nil), long)
	r.Rows[0].Result, r.Bundles[0].Copies = long, []string{long}
	d := Report(r)
	text, html := d.Text(), page(t, d)
	if most := 200_000; len(text) > most || len(html) > most {
		t.Errorf("the text has %d bytes, the page %d", len(text), len(html))
	}
	if want := "(4999600 more; see the journal)"; !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
		t.Errorf("the text does not say %q", want)
	}
	if got := truncate(strings.Repeat("ü", maxText)); strings.Contains(got, "…") {
		t.Errorf("a text that fits is clipped: %q", got)
	}
	lines := wrap(long+" end", 70)
	if n := len(lines); n != 5_000_000/70+1 || lines[0] != strings.Repeat("ü", 70) || lines[n-1] != strings.Repeat("ü", 5_000_000%70)+" end" {
		t.Errorf("%d lines, the last %q", n, lines[n-1])
	}
}
