package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The auditor's laptop in the middle of a ceremony: what is there is written
// and verified, what is missing is named, and nothing is overwritten.
func TestTranscriptOfHalfACeremony(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("sa", "sa")
	r.init("csr1", "csr1")
	r.phase1("sa")
	r.must(r.phaseCall("csr1", "3a"))
	out := filepath.Join(r.dir, "half.gft")
	merge := func(args ...string) call {
		return call{args: append([]string{"transcript", "merge", "--from", r.stick("stick"), "--sa-hash", "-"}, args...), stdin: r.hash}
	}
	verify := func(path string, args ...string) call {
		return call{args: append([]string{"transcript", "verify", "--transcript", path}, args...), stdin: r.hash}
	}
	r.mustFail(merge(), exitUsage, "needs --out")
	r.mustFail(call{args: []string{"transcript", "merge", "--out", out}}, exitUsage, "nothing to merge")
	r.mustFail(merge("--out", filepath.Join(r.dir, "nowhere", "x.gft")), exitMedium, "nowhere")
	r.mustFail(call{args: []string{"transcript", "verify"}}, exitUsage, "needs --transcript")
	r.mustFail(verify(r.plan), exitRefused, "plan.toml: not a transcript")

	empty := merge("--out", out)
	empty.args[3] = r.stick("share1")
	r.mustFail(empty, exitNotYet, "there is no sa-key among what was brought")
	wrong := merge("--out", out)
	wrong.stdin = strings.Repeat("00", 32) + "\n"
	r.mustFail(wrong, exitRefused, "no sa-key that was brought has the hash of the card")
	if _, err := os.Stat(out); err == nil {
		t.Fatal("a transcript was written of which nothing is known")
	}

	for _, room := range []string{"sa", "csr1"} {
		r.must(call{args: []string{"journal", "export", "--store", r.store(room), "--to", r.stick("stick"), "--passphrase-fd", "3"}, fds: []string{officers(3)}})
	}
	a := r.mustFail(merge("--out", out), exitNotYet, "the transcript is not complete")
	for _, words := range []string{
		"4 bundles are in " + out + "\n\nREHEARSAL, INCOMPLETE: nothing is wrong, 3 points open\n\n",
		"\n  css           MISSING\n",
		"\nopen csr1 record 1 (journal-signer): the journal is not vouched for: the SA certified no key of csr1\n",
		"\nopen css (journal-missing): the journal of coprocessor css is not here: bring it (gapferry journal export)\n",
		"\nopen csr1 (target): csr1 does not have the master key: its key is not certified (phase 3b). If csr1 takes no part, the auditor says so at sa (gapferry journal note --profile AUDITOR --left-out csr1 --text TEXT) and hands that journal out again (gapferry journal export)\n",
	} {
		if !strings.Contains(a.out, words) {
			t.Errorf("no %q in\n%s", words, a.out)
		}
	}
	r.mustFail(merge("--out", out), exitUsage, "is there already")
	again := r.mustFail(verify(out), exitNotYet, "the transcript is not complete")
	if _, verdict, _ := strings.Cut(a.out, "\n\n"); verdict != again.out {
		t.Errorf("merge and verify differ:\n%s\n%s", verdict, again.out)
	}
	withStore := verify(out, "--store", r.store("csr1"), "--passphrase-fd", "3")
	withStore.fds = []string{officers(3)}
	fromStore := r.mustFail(withStore, exitNotYet, "not complete")
	if _, verdict, _ := strings.Cut(fromStore.out, "\n"); verdict != again.out { // after who logs on
		t.Errorf("with the hash of a store:\n%s", fromStore.out)
	}
	r.mustFail(verify(out, "--store", r.store("csr1"), "--sa-hash", "-"), exitUsage, "give one")
	other := verify(out)
	other.stdin = strings.Repeat("00", 32) + "\n"
	bad := r.mustFail(other, exitRefused, "the transcript does not verify")
	if !strings.HasPrefix(bad.out, "DOES NOT VERIFY: 1 fault\n\nFAULT (evidence): no sa-key bundle has the SA key of this hash") {
		t.Errorf("with another card:\n%s", bad.out)
	}
	nobody := verify(out)
	nobody.stdin = ""
	r.mustFail(nobody, exitNotYet, "the SA-key hash was not entered")

	// Out of the transcript itself comes the same one.
	copied := filepath.Join(r.dir, "copy.gft")
	r.mustFail(call{args: []string{"transcript", "merge", "--transcript", out, "--sa-hash", "-", "--out", copied}, stdin: r.hash}, exitNotYet, "not complete")
	if !bytes.Equal(must(os.ReadFile(out)), must(os.ReadFile(copied))) {
		t.Error("merging a transcript alone gives another one")
	}

	var got struct {
		Verdict  string
		Open     int
		Findings []findingJSON
		Journals []transcriptJournalJSON
	}
	j := r.mustFail(verify(out, "--json"), exitNotYet, "not complete")
	if err := json.Unmarshal(foundFirst(j), &got); err != nil {
		t.Fatalf("%v in %s", err, j.out)
	}
	if got.Verdict != "incomplete" || got.Open != 3 || len(got.Findings) < 3 || got.Findings[0].Weight != "open" || len(got.Journals) != 3 || !got.Journals[1].Missing || got.Journals[0].By != "AUDITOR" {
		t.Errorf("%+v", got)
	}
}
