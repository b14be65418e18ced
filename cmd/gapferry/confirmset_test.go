package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// newSticks makes directories that stand for sticks.
func (s *story) newSticks(names ...string) {
	s.t.Helper()
	for _, name := range names {
		if err := os.Mkdir(filepath.Join(s.dir, name), 0o700); err != nil {
			s.t.Fatal(err)
		}
	}
}

// anotherSet gives out shares for csr1, each on a stick of its own.
func (s *story) anotherSet(one, two string) answer {
	s.t.Helper()
	s.newSticks(one, two, one+"-3")
	return s.must(s.phaseCall("css", "3c", "--target", "csr1", "--share-to", "1="+s.stick(one), "--share-to", "2="+s.stick(two), "--share-to", "3="+s.stick(one+"-3")))
}

// takeNews has the SA and the source take in cancels and receipts.
func (s *story) takeNews() {
	s.t.Helper()
	s.must(s.with("sa", "cancel", "--from", s.stick("stick"), "--yes"))
	for _, room := range []string{"css", "sa"} {
		s.must(s.with(room, "receipts", "--from", s.stick("stick")))
	}
}

// A share set is cancelled when all is done. Every room says what stands there,
// and what it says leads to another receipt and a transcript that verifies.
func TestLateCancelLeadsOn(t *testing.T) {
	s := oneTarget(t)
	s.must(s.with("css", "cancel", "--target", "csr1", "--reason", "a stick was lost", "--to", s.stick("stick"), "--yes"))
	a := s.must(s.with("css", "cancel", "--target", "csr1", "--reason", "another word for it", "--to", s.stick("stick"), "--yes"))
	s.mustSay(unbroken(a.out+a.err), "was cancelled before, by SETTER: a stick was lost", "kept nowhere, the first one stands")
	s.must(s.with("css", "cancel", "--target", "csr1", "--to", s.stick("stick")))
	a = s.must(s.with("csr1", "cancel", "--from", s.stick("stick"), "--yes"))
	s.mustSay(unbroken(a.out), "too late: csr1 has set that master key", "at the source gapferry phase 3c --target csr1, then phase 3d here")
	s.mustSay(unbroken(s.must(call{args: []string{"status", "--store", s.store("csr1")}}).out), "csr1: it had set the master key before, and has it")
	s.mustSay(unbroken(s.must(call{args: []string{"status", "--store", s.store("css")}}).out), "here, CANCELLED", "ITS SHARE SET WAS CANCELLED")
	s.mustSay(s.told("late", exitDone), "csr1 HAS THE MASTER KEY from share set", "VERIFIED, with")

	s.mustFail(s.phaseCall("csr1", "3d"), exitNotYet, "and the share set of it was cancelled after that")
	s.mustFail(s.with("css", "receipts", "--from", s.stick("stick")), exitRefused, "hint: take the cancel to csr1")
	s.anotherSet("again1", "again2")
	a = s.must(s.phaseCall("csr1", "3d", "--from", s.stick("again1"), "--from", s.stick("again2")))
	s.mustSay(unbroken(a.out), "it was the current one already, the new register was cleared", "EQUAL to the source's", "Phase 3d is done.")
	s.takeNews()
	for _, room := range []string{"sa", "css", "csr1"} {
		out := s.must(call{args: []string{"status", "--store", s.store(room)}}).out
		if strings.Contains(strings.ToLower(out), "cancelled") {
			t.Errorf("status at %s:\n%s", room, out)
		}
	}
	s.mustSay(s.told("confirmed", exitDone), "VERIFIED, with", "csr1 has the master key, "+knownPattern+", EQUAL to the source's",
		"csr1 had set the master key from share set", "confirmed it")
}

// The SA alone took the cancel in when the source and the stick are lost: status, the
// transcript and the refused receipt each name what leads on, and it does, to another
// set of a source that was set up anew, which confirms the key.
func TestCancelIsHandedOnInTheRooms(t *testing.T) {
	s := oneTarget(t)
	s.must(s.with("css", "cancel", "--target", "csr1", "--reason", "a stick was lost", "--to", s.stick("stick"), "--yes"))
	s.must(s.with("sa", "cancel", "--from", s.stick("stick"), "--yes"))
	s.mustSay(unbroken(s.told("untold", exitDone)), "To tell csr1: `gapferry resend --kind cancel --target csr1` at css, then `gapferry cancel --from` there")
	if err := os.RemoveAll(s.store("css")); err != nil {
		t.Fatal(err)
	}
	s.newSticks("fresh")
	s.move("stick", "csr1.db/receipt-*", "fresh")
	a := s.mustFail(s.with("sa", "receipts", "--from", s.stick("fresh")), exitRefused, "came all the same")
	s.must(s.heed(a, "`gapferry (resend --kind cancel --target csr1) --to … --store [^`]*` hands it out again", "", "--store", s.store("sa"), "--to", s.stick("fresh")))
	s.must(s.with("csr1", "cancel", "--from", s.stick("fresh"), "--yes"))
	for _, room := range []string{"sa", "csr1"} {
		a := s.must(call{args: []string{"status", "--store", s.store(room)}})
		s.newSticks(room + "-again")
		s.must(s.heed(a, "is told with `gapferry (resend --kind cancel --target csr1) --to … ", "", "--store", s.store(room), "--to", s.stick(room+"-again")))
	}

	s.init("css", "css")
	s.loadKnownKey("css")
	s.must(s.phaseCall("css", "2a"))
	s.must(s.phaseCall("sa", "2b", "--renew", "css"))
	s.must(s.phaseCall("sa", "3b"))
	s.anotherSet("again1", "again2")
	a = s.must(s.phaseCall("csr1", "3d", "--from", s.stick("again1"), "--from", s.stick("again2")))
	s.mustSay(unbroken(a.out), "it was the current one already, the new register was cleared", "EQUAL to the source's", "Phase 3d is done.")
	for _, room := range []string{"css", "sa"} {
		s.must(s.with(room, "receipts", "--from", s.stick("stick")))
	}
	s.mustSay(s.told("confirmed", exitDone), "VERIFIED, with", "csr1 has the master key, "+knownPattern+", EQUAL to the source's", "confirmed it")
}

// Officers set another key at a target that was done. Cancel and another set, and
// what the hints say, lead back to the cloned key.
func TestReplacedLeadsBack(t *testing.T) {
	if !long {
		t.Skip("a ceremony of its own; GAPFERRY_LONG=1 plays it")
	}
	s := oneTarget(t)
	for _, act := range []string{"generate", "set"} {
		s.must(s.with("csr1", "coprocessor", act, "--yes"))
	}
	s.told("replaced", exitRefused)
	s.must(s.with("css", "cancel", "--target", "csr1", "--reason", "another key was set there", "--to", s.stick("stick"), "--yes"))
	s.must(s.with("csr1", "cancel", "--from", s.stick("stick"), "--yes"))
	s.anotherSet("again1", "again2")
	again := s.phaseCall("csr1", "3d", "--from", s.stick("again1"), "--from", s.stick("again2"))
	s.mustFail(again, exitRefused, "is in its OLD register")
	for _, act := range []string{"clear", "generate", "set"} {
		s.must(s.with("csr1", "coprocessor", act, "--yes"))
	}
	s.mustSay(s.must(again).out, "EQUAL to the source's", "Phase 3d is done.")
	s.takeNews()
	s.mustSay(s.told("back", exitDone), "VERIFIED, with", "csr1 has the master key, "+knownPattern+", EQUAL to the source's")
}
