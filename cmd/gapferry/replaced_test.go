package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// oneTarget is a ceremony that is done, receipts and all: 2 of 3, one target.
func oneTarget(t testing.TB) *story {
	s := sharesOut(t)
	s.must(s.phaseCall("csr1", "3d", "--from", s.stick("share1"), "--from", s.stick("share2")))
	for _, room := range []string{"css", "sa"} {
		s.must(s.with(room, "receipts", "--from", s.stick("stick")))
	}
	return s
}

// sharesOut is that ceremony when the shares are handed out.
func sharesOut(t testing.TB) *story {
	s := &story{rooms: after(t, "3c")}
	s.laptop = s.dir
	return s
}

// told is what `transcript verify` prints of the journals as they are now.
func (s *story) told(name string, code int) string {
	s.t.Helper()
	path := filepath.Join(s.laptop, name+".gft")
	for _, room := range []string{"sa", "css", "csr1"} {
		s.must(s.with(room, "journal", "export", "--to", s.stick("stick")))
	}
	s.do(call{args: []string{"transcript", "merge", "--from", s.stick("stick"), "--sa-hash", "-", "--out", path}, stdin: s.hash, dir: s.laptop})
	a := s.do(call{args: []string{"transcript", "verify", "--transcript", path, "--sa-hash", "-"}, stdin: s.hash, dir: s.laptop})
	if a.code != code {
		s.t.Fatalf("%s: exit code %d, want %d\n%s%s", name, a.code, code, a.out, a.err)
	}
	return strings.Join(strings.Fields(a.out), " ")
}

func (s *story) mustSay(screen string, words ...string) {
	s.t.Helper()
	for _, w := range words {
		if !strings.Contains(screen, w) {
			s.t.Errorf("it does not say %q:\n%s", w, screen)
		}
	}
}

// Officers go on working on a target and on the source when all is done. With
// the program as it is, whatever they set is what the transcript, phase 3d and
// status tell from then on; emptying an empty register changes nothing.
func TestReplacedAfterReceipt(t *testing.T) {
	if !long {
		t.Skip("a ceremony of its own; GAPFERRY_LONG=1 plays it")
	}
	s := oneTarget(t)
	s.must(s.with("csr1", "coprocessor", "clear", "--yes"))
	s.mustSay(s.told("cleared", exitDone), "VERIFIED, with", "csr1 has the master key, "+knownPattern+", EQUAL to the source's")
	if a := s.must(s.phaseCall("csr1", "3d")); !strings.Contains(a.out, "Phase 3d is done.") {
		t.Errorf("after the register was cleared:\n%s", a.out)
	}

	s.must(s.with("css", "coprocessor", "generate", "--yes"))
	s.must(s.with("css", "coprocessor", "set", "--yes"))
	source := s.registers("css")["current"].Pattern
	s.mustSay(s.told("source", exitDone), "VERIFIED, with", "pattern "+knownPattern+" then, full "+source+" NOW",
		knownPattern+", EQUAL to the one that the source gave out", "css HAS ANOTHER MASTER KEY than the one that was cloned from it")
	s.mustSay(s.must(call{args: []string{"status", "--store", s.store("css")}}).out, "SOURCE CHANGED", "full "+source)

	s.must(s.with("csr1", "coprocessor", "generate", "--yes"))
	s.must(s.with("csr1", "coprocessor", "set", "--yes"))
	now := s.registers("csr1")["current"].Pattern
	told := s.told("replaced", exitRefused)
	s.mustSay(told, "DOES NOT VERIFY: 1 fault", "csr1 had the master key, has another one now, "+now+", NOT EQUAL to the source's",
		"csr1 DOES NOT HAVE THE MASTER KEY any more", "its current register is full "+now)
	if strings.Contains(told, "EQUAL to the one that the source gave out") {
		t.Errorf("it says EQUAL all the same:\n%s", told)
	}
	a := s.mustFail(s.phaseCall("csr1", "3d"), exitRefused, "the current SYM-MK register is full "+now)
	s.mustSay(a.out, "NOT EQUAL to the source's "+knownPattern, "Phase 3d is NOT finished")
	s.mustFail(call{args: []string{"resend", "--store", s.store("csr1"), "--kind", "receipt", "--to", s.stick("share1")}}, exitRefused, "does not have it as its current one any more")
	s.mustSay(s.must(call{args: []string{"status", "--store", s.store("csr1")}}).out, "ANOTHER MASTER KEY WAS SET since", "the current register is full "+now)

	var verdict struct {
		Verdict   string
		SourceNow string `json:"source_now"`
		Targets   []struct {
			State, Pattern string
			Equal          bool
		}
	}
	j := s.do(call{args: []string{"transcript", "verify", "--transcript", filepath.Join(s.dir, "replaced.gft"), "--sa-hash", "-", "--json"}, stdin: s.hash})
	if err := json.Unmarshal(foundFirst(j), &verdict); err != nil {
		t.Fatal(err)
	}
	if x := verdict.Targets[0]; verdict.Verdict != "bad" || x.Equal || x.Pattern != now || x.State != "had the master key, has another one now" || verdict.SourceNow != "full "+source {
		t.Errorf("%+v", verdict)
	}
	report := filepath.Join(s.dir, "report.txt")
	s.do(call{args: []string{"transcript", "report", "--transcript", filepath.Join(s.dir, "replaced.gft"), "--sa-hash", "-", "--text", report}, stdin: s.hash})
	page := strings.Join(strings.Fields(string(must(os.ReadFile(report)))), " ")
	s.mustSay(page, "NOT EQUAL: another", "was cloned to no target", source)
}
