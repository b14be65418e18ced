package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// signed lists what is in a room's journal, refusals and bundles that came left out.
func (r *rooms) signed(room string) (lines []string) {
	r.t.Helper()
	a := r.must(call{args: []string{"audit", "journal", "--look", "--store", r.store(room), "--json"}})
	var journal struct {
		Records []struct {
			Event, Profile, Text string
		}
	}
	if err := json.Unmarshal([]byte(a.out), &journal); err != nil {
		r.t.Fatal(err)
	}
	for _, rec := range journal.Records {
		if rec.Event != "refused" && rec.Event != "received" {
			lines = append(lines, fmt.Sprint(rec.Event, " ", rec.Profile, " ", rec.Text))
		}
	}
	return lines
}

// Somebody types a remark for an officer: the officer reads all of it, and what
// it accounts for, on their own terminal before they sign it, wherever the
// output goes.
func TestRemarkOfSomebodyElse(t *testing.T) {
	t.Parallel()
	r := after(t, "init")
	text := "destroyed by me, " + strings.Repeat("as two witnesses saw ", 40) + "and there was no copy of it"
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer nowhere.Close()
	for _, c := range []struct {
		answer string
		out    *os.File
		code   int
	}{
		{"no", nil, exitRefused}, {"no", nowhere, exitRefused}, {"yes", nowhere, exitDone}, {"yes", nil, exitDone},
	} {
		before := r.signed("css")
		s := sitDown(t, 80, 24, nil, call{
			args: []string{"journal", "note", "--store", r.store("css"), "--profile", "SHARE2", "--target", "csr1", "--share", "2", "--text", text}, out: c.out,
		})
		people := newCrew(s, "")
		people.yes = func(told string) string {
			screen := unbroken(told)
			if !strings.Contains(screen, "sign this remark as SHARE2") || !strings.Contains(screen, "it accounts for share 2 for csr1") || !strings.Contains(screen, "remark "+text+" ") {
				t.Errorf("SHARE2 is not shown what they sign:\n%s", told)
			}
			if rows := strings.Count(told, "\n"); rows > 22 {
				t.Errorf("it takes %d rows, and its beginning is gone", rows)
			}
			return c.answer
		}
		people.mustWork(c.code)
		if len(people.asked) != 2 {
			t.Errorf("asked was %q", people.asked)
		}
		switch after := r.signed("css"); {
		case c.answer == "no" && !slices.Equal(after, before):
			t.Errorf("after a no the journal has %q", after)
		case c.answer == "yes" && (len(after) != len(before)+1 || !strings.Contains(after[len(before)], text)):
			t.Errorf("after a yes the journal has %q", after)
		}
	}
}

// What a typist chose is on the officer's screen, all of it, and a no stops it.
func TestTypistsChoices(t *testing.T) {
	t.Parallel()
	r := after(t, "3b")
	stick := []string{"--from", r.stick("stick"), "--to", r.stick("stick")}
	for _, c := range []struct {
		room   string
		args   []string
		frames []string // before the question
	}{
		{"css", []string{"coprocessor", "generate", "--class", "ASYM-MK"}, []string{
			"about to fill the new register at random (ASYM-MK), at css:", "new register empty", "current register empty",
		}},
		{"css", []string{"coprocessor", "clear"}, []string{"about to empty the new register (SYM-MK), at css:", "new register empty"}},
		{"csr1", []string{"coprocessor", "unlock", "--profile", "SETTER"}, []string{
			"about to unlock SETTER, who can log on again then:", "officer SETTER (to be named)", "wrong passphrases 0", "is locked no",
		}},
		{"css", append([]string{"phase", "3c", "--give-up", "1", "--share-to", "2=" + r.stick("share2"), "--share-to", "3=" + r.stick("share3")}, stick...), []string{
			"about to give up share 1: it will not be obtained:", "csr1 2 of the 3 shares will be needed",
		}},
		{"sa", append([]string{"revoke", "--node", "csr1", "--reason", "it was \u202eseen in two rooms"}, stick[2:]...), nil},
		{"sa", append([]string{"revoke", "--node", "csr1", "--reason", "it was seen in two rooms"}, stick[2:]...), []string{
			"about to revoke the certificate of csr1:", "certificate 1", "because it was seen in two rooms",
		}},
	} {
		before := r.signed(c.room)
		people := newCrew(sitDown(t, 80, 24, nil, call{args: append(c.args, "--store", r.store(c.room))}), "")
		asked := false
		people.yes = func(told string) string {
			asked = true
			for _, want := range c.frames {
				if !strings.Contains(unbroken(told), want) {
					t.Errorf("%s: %q is not shown:\n%s", strings.Join(c.args, " "), want, told)
				}
			}
			return "no"
		}
		a := people.work()
		refused := strings.Contains(unbroken(a.out), "nobody said yes, nothing was done")
		if c.frames == nil {
			refused = !asked && strings.Contains(a.out, "reason")
		}
		if a.code == exitDone || !refused {
			t.Errorf("%s: exit code %d\n…%q", strings.Join(c.args, " "), a.code, tail(a.out))
		}
		if after := r.signed(c.room); !slices.Equal(before, after) {
			t.Errorf("%s: after a no the journal goes on with %q", strings.Join(c.args, " "), after[len(before):])
		}
	}
}
