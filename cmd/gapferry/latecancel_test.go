package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// move carries the files of a pattern from one stick to another, as whoever
// owns the stick can.
func (s *story) move(from, pattern, to string) {
	s.t.Helper()
	found := must(filepath.Glob(filepath.Join(s.dir, from, pattern)))
	if len(found) == 0 {
		s.t.Fatalf("there is no %s on %s", pattern, from)
	}
	for _, path := range found {
		folder := filepath.Join(s.dir, to, filepath.Base(filepath.Dir(path)))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			s.t.Fatal(err)
		}
		if err := os.Rename(path, filepath.Join(folder, filepath.Base(path))); err != nil {
			s.t.Fatal(err)
		}
	}
}

// Who owns the stick holds a cancel back until its target is at work with
// another share set. It touches the set that it names, and nothing else.
func TestLateCancelOfAnOlderSet(t *testing.T) {
	s := sharesOut(t)
	for _, dir := range []string{"held", "new1", "new2"} {
		if err := os.Mkdir(filepath.Join(s.dir, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s.must(s.with("css", "cancel", "--target", "csr1", "--reason", "a stick was lost", "--to", s.stick("stick"), "--yes"))
	s.move("stick", "csr1.db/cancel-*", "held")
	s.move("stick", "csr1.db/statement-*", "held")
	s.must(s.phaseCall("css", "3c", "--target", "csr1", "--share-to", "1="+s.stick("new1"), "--share-to", "2="+s.stick("new2")))
	s.mustFail(s.phaseCall("csr1", "3d", "--from", s.stick("new1")), exitNotYet, "bring 1 more of share 2")

	a := s.must(s.with("csr1", "cancel", "--from", s.stick("held"), "--yes"))
	s.mustSay(a.out+a.err, "nothing of it is installed at csr1")
	if a := s.must(call{args: []string{"status", "--store", s.store("csr1")}}); strings.Contains(strings.ToLower(a.out), "cancelled") {
		t.Errorf("status says that the set which is here was cancelled:\n%s", a.out)
	}
	statement := must(filepath.Glob(filepath.Join(s.dir, "stick", "csr1.db", "statement-*")))[0]
	if a := s.must(call{args: []string{"verify", "--store", s.store("csr1"), "--file", statement}}); strings.Contains(a.out, "REFUSED") {
		t.Errorf("the statement of the set which is here:\n%s", a.out)
	}
	s.must(s.phaseCall("csr1", "3d", "--from", s.stick("new2")))
	for _, room := range []string{"css", "sa"} {
		s.must(s.with(room, "receipts", "--from", s.stick("stick")))
	}
	s.must(s.with("sa", "cancel", "--from", s.stick("held"), "--yes"))
	if a := s.must(call{args: []string{"status", "--store", s.store("sa")}}); strings.Contains(a.out, "CANCELLED") || strings.Contains(a.out, "was cancelled") {
		t.Errorf("status at the SA says that it was cancelled:\n%s", a.out)
	}
	s.mustSay(s.told("late", exitDone), "VERIFIED, with", "csr1 has the master key, "+knownPattern+", EQUAL to the source's")
}
