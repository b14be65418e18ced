package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Records that were cut off at the end: what is left is a good journal, so
// that only the coprocessor knows better.
func TestAuditJournalCut(t *testing.T) {
	t.Parallel()
	r := after(t, "init")
	audit := call{args: []string{"audit", "journal", "--store", r.store("sa"), "--passphrase-fd", "3"}, fds: []string{officers(3)}}
	if a := r.must(audit); !strings.Contains(a.out, "none that was signed is missing at the end: the coprocessor remembers as many") {
		t.Errorf("it says:\n%s", a.out)
	}
	path := filepath.Join(r.store("sa"), "journal.cbor")
	before := must(os.ReadFile(path))
	r.must(call{
		args: []string{"journal", "note", "--store", r.store("sa"), "--profile", "AUDITOR", "--text", "to be forgotten", "--passphrase-fd", "3", "--yes"}, fds: []string{officers(3)},
	})
	if err := os.WriteFile(path, before, 0o600); err != nil {
		t.Fatal(err)
	}
	r.must(call{args: []string{"audit", "journal", "--look", "--store", r.store("sa")}})
	r.mustFail(audit, exitRefused, "records were cut off")
}
