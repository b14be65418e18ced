package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// noteCommand is what the transcript says to type about a lost journal.
var noteCommand = regexp.MustCompile(`\(gapferry (journal note --profile AUDITOR --lost csr1 --certificate [0-9]+ --text) TEXT\)`)

// A certified target burns down before its journal was handed out, another one
// gets the master key in its place, and the first one's request is on a stick.
// The transcript names what closes it; typed as it stands there, it does.
func TestLostJournalIsAccountedFor(t *testing.T) {
	t.Parallel()
	r := after(t, "3b")
	old := filepath.Join(r.dir, "old", "csr1.db")
	if err := os.MkdirAll(filepath.Dir(old), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(r.dir, "stick", "csr1.db"), old); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(r.store("csr1")); err != nil {
		t.Fatal(err)
	}
	r.init("csr1", "csr1")
	r.must(r.phaseCall("csr1", "3a"))
	r.must(r.phaseCall("sa", "3b", "--renew", "csr1"))
	r.must(r.phaseCall("css", "3c", "--share-to", "1="+r.stick("share1"), "--share-to", "2="+r.stick("share2"), "--share-to", "3="+r.stick("share3")))
	r.must(r.phaseCall("csr1", "3d", "--from", r.stick("share1"), "--from", r.stick("share2")))
	for _, room := range []string{"css", "sa"} {
		r.must(call{args: []string{"receipts", "--store", r.store(room), "--from", r.stick("stick"), "--passphrase-fd", "3"}, fds: []string{officers(5)}})
	}
	export := func(room string) {
		r.must(call{args: []string{"journal", "export", "--store", r.store(room), "--to", r.stick("stick"), "--passphrase-fd", "3"}, fds: []string{officers(5)}})
	}
	for _, room := range []string{"sa", "css", "csr1"} {
		export(room)
	}
	merge := func(name string) call {
		return call{args: []string{"transcript", "merge", "--from", r.stick("stick"), "--from", r.stick("old"), "--sa-hash", "-", "--out", filepath.Join(r.dir, name)}, stdin: r.hash}
	}
	open := r.mustFail(merge("open.gft"), exitNotYet, "the transcript is not complete")
	if strings.Contains(open.out, "FAULT") || !strings.Contains(open.out, "\n  csr1 (old)    MISSING\n") {
		t.Fatalf("before the remark:\n%s", open.out)
	}
	typed := noteCommand.FindStringSubmatch(open.out)
	if typed == nil {
		t.Fatalf("no command in\n%s", open.out)
	}
	note := append(strings.Fields(typed[1]), "it burnt down on Friday", "--store", r.store("sa"), "--passphrase-fd", "3", "--yes")
	r.must(call{args: note, fds: []string{officers(5)}})
	export("sa")
	done := r.must(merge("done.gft"))
	for _, words := range []string{
		"REHEARSAL, VERIFIED, with ", "; 1 journal LOST\n",
		"\n  csr1 (old)    LOST\n                says AUDITOR (to be named), record ",
		`the journal that csr1 had under certificate 1 is lost, says AUDITOR (to be named): "it burnt down on Friday". What csr1 did then is not known. No share was obtained for it.`,
		"has the master key, " + knownPattern + ", EQUAL",
	} {
		if !strings.Contains(done.out, words) {
			t.Errorf("no %q in\n%s", words, done.out)
		}
	}
	text := filepath.Join(r.dir, "report.txt")
	r.must(call{args: []string{"transcript", "report", "--transcript", filepath.Join(r.dir, "done.gft"), "--sa-hash", "-", "--text", text}, stdin: r.hash})
	report := string(must(os.ReadFile(text)))
	for _, words := range []string{"LOST is a journal of csr1 (old)", "Lost, and accounted for by a remark alone: "} {
		if !strings.Contains(unbroken(report), words) {
			t.Errorf("no %q in the report:\n%s", words, report)
		}
	}
}
