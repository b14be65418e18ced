package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var cardShown = regexp.MustCompile(`key cards of css, one for the SA and one for the rooms of the targets: CSS keys ([a-z]+(?: [a-z]+){7} \([0-9a-f]{8}(?: [0-9a-f]{8}){2}\))`)

// rogueSource is a ceremony in which a bad certifier has certified a source of
// the typist's own. It gives the key card that was shown in the real source's
// room.
func rogueSource(t *testing.T) (r *rooms, card string) {
	t.Helper()
	r = after(t, "2a")
	shown := cardShown.FindStringSubmatch(unbroken(strings.Join(r.words, "\n")))
	if shown == nil {
		t.Fatal("no key card was shown for the rooms of the targets")
	}
	honest, err := filepath.Glob(filepath.Join(r.dir, "stick", "sa.db", "css-key*"))
	if err != nil || len(honest) != 1 {
		t.Fatalf("%v, %v", honest, err)
	}
	if err := os.Remove(honest[0]); err != nil {
		t.Fatal(err)
	}
	r.init("own", "css")
	r.temporaryKey("own")
	for _, c := range []struct{ room, phase string }{{"own", "2a"}, {"sa", "2b"}, {"csr1", "3a"}, {"sa", "3b"}, {"own", "3c"}} {
		r.must(r.phaseCall(c.room, c.phase))
	}
	return r, shown[1]
}

// holdingCard are officers who type yes only where the keys on the screen are
// those on the card; those of careless always do.
func holdingCard(s *seat, card string, careless ...string) *crew {
	c := newCrew(s, "")
	c.yes = func(told string) string {
		if strings.Contains(unbroken(told), "keys of css "+card) || slices.Contains(careless, c.profile) {
			return "yes"
		}
		return "no"
	}
	return c
}

// A bad certifier and whoever types the commands: the officers of the target
// compare the source's keys, and their room has the card of the real one.
func TestRogueSourceAtTheTerminal(t *testing.T) {
	t.Parallel()
	r, card := rogueSource(t)
	people := holdingCard(sitDown(t, 80, 24, nil, byOfficers(r.phaseCall("csr1", "3d"))), card)
	a := people.mustWork(exitRefused)
	if told := unbroken(a.out); !strings.Contains(told, "compare with the key card that was written in the source's own room") ||
		!strings.Contains(told, "install shares from css: nobody said yes, nothing was done") {
		t.Errorf("…%q", tail(a.out))
	}
	if people.profile != "SHARE1" {
		t.Errorf("%s was asked to log on after the no", people.profile)
	}
	if regs := r.registers("csr1"); regs["new"].State != "empty" || regs["current"].State != "empty" {
		t.Errorf("csr1 has %v", regs)
	}

	// A share officer who does not look leaves the setter, who does.
	people = holdingCard(sitDown(t, 80, 24, nil, byOfficers(r.phaseCall("csr1", "3d"))), card, "SHARE1")
	a = people.mustWork(exitRefused)
	if !strings.Contains(unbroken(a.out), "set the SYM-MK master key of csr1: nobody said yes, nothing was done") || people.profile != "SETTER" {
		t.Errorf("…%q", tail(a.out))
	}
	c := call{args: []string{"coprocessor", "set", "--store", r.store("csr1")}}
	people = newCrew(sitDown(t, 80, 24, nil, c), "")
	if a := people.mustWork(exitNotYet); !strings.Contains(unbroken(a.out), "was made from shares: its officer compares it, and sets it in phase 3d") {
		t.Errorf("…%q", tail(a.out))
	}
	if regs := r.registers("csr1"); regs["current"].State != "empty" {
		t.Errorf("csr1 has %v", regs)
	}
}
