package main

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan/draft"
	"github.com/gapferry/gapferry/cmd/internal/transcript"
	"github.com/gapferry/gapferry/coproc"
)

// What is said of a journal stands below what is said of the others, however many
// nodes are in one coprocessor.
func TestJournalsAligned(t *testing.T) {
	p, err := draft.New(draft.Options{Title: "a key", Class: coproc.SymMK, M: 2, N: 3, Targets: 2})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	print := func(nodes ...string) string {
		out.Reset()
		printVerified(&out, &transcript.Result{Plan: p, Journals: []transcript.Journal{
			{Nodes: []string{"sa"}, Records: 7, Certified: true}, {Nodes: nodes, Missing: true, Lost: "SHARE1"},
		}})
		_, journals, _ := strings.Cut(out.String(), "\nJournals\n")
		journals, _, _ = strings.Cut(journals, "\n\n")
		return journals
	}
	for want, nodes := range map[string][]string{
		"  sa                 7 records, 1970-01-01 00:00 to 1970-01-01 00:00 UTC\n  css           LOST\n                says SHARE1":       {"css"},
		"  sa                   7 records, 1970-01-01 00:00 to 1970-01-01 00:00 UTC\n  css+csr-eleven  LOST\n                  says SHARE1": {"css", "csr-eleven"},
	} {
		if got := print(nodes...); got != want {
			t.Errorf("the journals are\n%s\nwant\n%s", got, want)
		}
	}
}
