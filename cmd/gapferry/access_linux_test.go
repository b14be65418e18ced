package main

import (
	"strings"
	"testing"
)

// At the keyboard: the old passphrase, the new one twice, nothing shown.
func TestPassphraseTyped(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("csr1", "csr1")
	s := sitDown(t, 80, 24, nil, call{args: []string{"coprocessor", "passphrase", "--store", r.store("csr1"), "--profile", "SHARE2"}})
	s.sees("passphrase of SHARE2 (to be named): ")
	s.types("Korrekt Hors SHARE2\n")
	s.sees("checking…")
	s.sees("chooses a passphrase of at least 8 characters: ")
	s.types("kurz\n")
	s.sees("passphrases have at least 8 characters")
	s.until("asked again", func(told string) bool { return strings.Count(told, "chooses a passphrase") == 2 })
	s.types("Neuer Hors\n")
	s.sees("once more: ")
	s.types("Neuer Hors\n")
	a := s.mustLeave(exitDone)
	if strings.Contains(a.out, " Hors") || !strings.Contains(unbroken(a.out), "SHARE2 has a new passphrase at this coprocessor") {
		t.Errorf("the terminal was told %q", a.out)
	}
	note := call{args: []string{"journal", "note", "--store", r.store("csr1"), "--profile", "SHARE2", "--text", "x", "--passphrase-fd", "3", "--yes"}}
	note.fds = []string{"SHARE2:Neuer Hors\n"}
	r.must(note)
}
