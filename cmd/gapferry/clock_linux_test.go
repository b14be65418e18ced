package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// shifted is a call on a machine whose clock is off.
func shifted(c call, by time.Duration) call {
	c.env = append(c.env, clockShift+"="+by.String())
	return c
}

// officersDo has officers do a call at the terminal. yes answers where something is to be
// compared; nil says yes.
func (r *rooms) officersDo(c call, code int, yes func(told string) string) answer {
	r.t.Helper()
	crew := newCrew(sitDown(r.t, 80, 24, nil, byOfficers(c)), r.hash)
	if yes != nil {
		crew.yes = yes
	}
	a := crew.mustWork(code)
	r.words = append(r.words, a.out)
	return a
}

// transcript has every room hand out its journal, and merges them.
func (r *rooms) transcript(n int) answer {
	r.t.Helper()
	for _, room := range []string{"sa", "css", "csr1"} {
		r.must(call{args: []string{"journal", "export", "--store", r.store(room), "--to", r.stick("stick"), "--passphrase-fd", "3"}, fds: []string{officers(3)}})
	}
	out := filepath.Join(r.dir, fmt.Sprintf("%d.gft", n))
	return r.do(call{args: []string{"transcript", "merge", "--from", r.stick("stick"), "--sa-hash", "-", "--out", out}, stdin: r.hash})
}

// A clock runs ahead, a phase is refused because of it, and it is set right: the
// next officer confirms that, and the ceremony verifies.
func TestClockSetRight(t *testing.T) {
	t.Parallel()
	r := after(t, "3b")
	r.mustFail(shifted(r.phaseCall("css", "3c"), (40*24+1)*time.Hour), exitRefused, "outside of its validity")

	const words = "the clock went back by 40 days"
	if a := r.must(call{args: []string{"status", "--store", r.store("css")}}); !strings.Contains(a.out, words) {
		t.Errorf("status:\n%s", a.out)
	}
	r.mustFail(r.phaseCall("css", "3c"), exitNotYet, words)
	r.officersDo(r.phaseCall("css", "3c"), exitNotYet, func(string) string { return "no" })
	a := r.officersDo(r.phaseCall("css", "3c"), exitDone, nil)
	if told := unbroken(controls.ReplaceAllString(a.out, "")); !strings.Contains(told, "about to sign with this machine's clock, which may be wrong: the clock says ") ||
		!strings.Contains(told, words) || !strings.Contains(told, "it was ahead by at least 40 days in records ") {
		t.Errorf("the officer read:\n%s", a.out)
	}
	if strings.Count(a.out, "which may be wrong") != 1 {
		t.Errorf("asked more than once:\n%s", a.out)
	}
	r.must(r.phaseCall("csr1", "3d"))
	for _, room := range []string{"css", "sa"} {
		r.must(call{args: []string{"receipts", "--store", r.store(room), "--from", r.stick("stick"), "--passphrase-fd", "3"}, fds: []string{officers(3)}})
	}
	verdict := r.transcript(1)
	if verdict.code != exitDone || !strings.Contains(verdict.out, "VERIFIED, with ") || !strings.Contains(verdict.out, "confirmed that the clock of this room is right; that it was ahead by at least 40 days") {
		t.Errorf("exit code %d\n%s%s", verdict.code, verdict.out, verdict.err)
	}
}

var namedClock = regexp.MustCompile(`at csr1: gapferry (journal clock --profile AUDITOR --first \d+ --last \d+)`)

// A tired officer says that a clock is right which is two days behind. The
// transcript finds it, and the command that it names accounts for it.
func TestClockAccountedForLater(t *testing.T) {
	t.Parallel()
	if !long {
		t.Skip("a ceremony of its own; GAPFERRY_LONG=1 plays it")
	}
	r := after(t, "2a")
	const behind = -49 * time.Hour
	if time.Now().Add(behind).Before(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)) {
		missing(t, "a clock that is right")
	}
	if err := os.RemoveAll(r.store("csr1")); err != nil {
		t.Fatal(err)
	}
	r.must(shifted(call{
		args: []string{"init", "--plan", r.plan, "--node", "csr1", "--store", r.store("csr1"), "--passphrase-fd", "3"}, fds: []string{officers(5)},
	}, behind)) // nothing there can know
	r.mustFail(shifted(r.phaseCall("csr1", "3a"), behind), exitNotYet, "the sa-key was made by sa on ")
	r.officersDo(shifted(r.phaseCall("csr1", "3a"), behind), exitDone, nil)
	for _, c := range []call{r.phaseCall("sa", "2b"), r.phaseCall("sa", "3b"), r.phaseCall("css", "3c"), r.phaseCall("csr1", "3d")} {
		r.must(c)
	}
	for _, room := range []string{"css", "sa"} {
		r.must(call{args: []string{"receipts", "--store", r.store(room), "--from", r.stick("stick"), "--passphrase-fd", "3"}, fds: []string{officers(3)}})
	}
	verdict := r.transcript(1)
	named := namedClock.FindStringSubmatch(unbroken(verdict.out))
	if verdict.code != exitRefused || named == nil {
		t.Fatalf("exit code %d\n%s%s", verdict.code, verdict.out, verdict.err)
	}
	c := call{args: append(strings.Fields(named[1]), "--store", r.store("csr1"))}
	script := c
	script.args, script.fds = append(script.args, "--passphrase-fd", "3"), []string{officers(3)}
	r.mustFail(script, exitNotYet, "no officer confirmed that the clock was wrong")
	r.officersDo(c, exitDone, nil)
	verdict = r.transcript(2)
	if verdict.code != exitDone || !strings.Contains(verdict.out, "VERIFIED, with ") || !strings.Contains(unbroken(verdict.out), "that it was behind by at most 2 days in records") {
		t.Errorf("exit code %d\n%s%s", verdict.code, verdict.out, verdict.err)
	}
}

// The battery is dead: nothing is made, until somebody sets the clock right.
func TestClockOfADeadBattery(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	dead := -time.Since(time.Unix(180, 0)).Truncate(time.Second)
	init := call{
		args: []string{"init", "--plan", r.plan, "--node", "sa", "--store", r.store("sa"), "--passphrase-fd", "3"}, fds: []string{officers(3)},
	}
	r.mustFail(shifted(init, dead), exitNotYet, "this machine's clock says Thursday 1 January 1970")
	if _, err := os.Stat(r.store("sa")); err == nil {
		t.Error("a store was made")
	}
	r.must(init)
	a := r.mustFail(shifted(r.phaseCall("sa", "1"), dead), exitNotYet, "it cannot be earlier")
	if !strings.Contains(a.err, "date -u -s") {
		t.Errorf("no hint:\n%s", a.err)
	}
	a = r.mustFail(shifted(call{args: []string{"rehearse", "--targets", "1"}}, dead), exitNotYet, "it cannot be earlier")
	if !strings.Contains(a.err, "hint") {
		t.Errorf("no hint:\n%s", a.err)
	}
	status := r.must(shifted(call{args: []string{"status", "--store", r.store("sa")}}, dead))
	if !strings.Contains(status.out, "1970") {
		t.Errorf("status:\n%s", status.out)
	}
	r.phase1("sa")
}
