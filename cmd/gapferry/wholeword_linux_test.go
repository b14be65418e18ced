package main

import (
	"slices"
	"strings"
	"testing"
)

// An officer who types a letter, or Enter, where yes or no is asked has neither
// done nor refused anything: they are asked for the whole word.
func TestWholeWord(t *testing.T) {
	t.Parallel()
	r := after(t, "2a")
	people := newCrew(sitDown(t, 80, 24, nil, byOfficers(r.phaseCall("sa", "2b"))), r.hash)
	slips := []string{"y", "Y", "n", "", "yes"}
	people.yes = func(string) string {
		next := slips[0]
		slips = append(slips[1:], "yes")
		return next
	}
	people.mustWork(exitDone)
	first := slices.IndexFunc(people.asked, func(q string) bool { return strings.HasPrefix(q, "type yes to do it, no to stop:") })
	if first < 0 {
		t.Fatalf("nothing was confirmed: %q", people.asked)
	}
	for _, q := range people.asked[first+1 : first+5] {
		if q != "type the whole word, yes or no:" {
			t.Errorf("after a slip it asks %q", q)
		}
	}
	// Whoever wipes a stick is asked the same way.
	wipe := sitDown(t, 80, 24, nil, call{args: []string{"media", "wipe", "--stick", r.stick("stick")}})
	wipe.sees("Type yes or no: ")
	wipe.types("y\n")
	wipe.sees("type the whole word, yes or no: ")
	wipe.types("no\n")
	if a := wipe.mustLeave(exitRefused); !strings.Contains(a.out, "nothing was wiped") {
		t.Errorf("%q", a.out)
	}
}
