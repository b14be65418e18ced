package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
)

// The hash officer alone registers a hash that no key has, at a source whose
// master key was made at random and is nowhere else. The source is not lost:
// hash and key officer take the hash back, each at the terminal, and what goes
// to the target is that master key.
func TestMadeUpHashDoesNotEndTheSource(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	for _, room := range []string{"sa", "css", "csr1"} {
		r.init(room, room)
	}
	in := func(words string, args ...string) call {
		return call{args: append(strings.Fields(words), append([]string{"--store", r.store("css"), "--passphrase-fd", "3"}, args...)...), fds: []string{officers(5)}}
	}
	r.must(in("coprocessor generate --yes"))
	r.must(in("coprocessor set --yes"))
	pattern := r.registers("css")["current"].Pattern
	r.phase1("sa")

	unregister := in("coprocessor unregister-hash")
	r.mustFail(unregister, exitNotYet, "no SA-key hash is registered at css: there is nothing to take back")
	empty := r.stick("share1")
	r.must(in("task audit", "--from", empty))
	madeUp := in("task register-hash", "--from", empty, "--sa-hash", "-")
	madeUp.stdin = strings.Repeat("ba", 32)
	r.must(madeUp)
	a := r.mustFail(r.phaseCall("css", "2a"), exitRefused, "it brings another SA key than the one whose hash is registered")
	if !strings.Contains(a.err, "two officers take it back: `gapferry coprocessor unregister-hash --store ") || strings.Contains(a.err, "coprocessor anew") {
		t.Errorf("what to do is not said:\n%s", a.err)
	}

	// HASH asks, KEYREG says no.
	r.mustFail(unregister, exitRefused, "say with --reason why, in one line")
	byHand := byOfficers(in("coprocessor unregister-hash", "--reason", "nobody has that key"))
	people := newCrew(sitDown(t, 80, 24, nil, byHand), r.hash)
	people.yes = func(string) string { return map[string]string{"HASH": "yes", "KEYREG": "no"}[people.profile] }
	screen := unbroken(people.mustWork(exitRefused).out)
	for _, facts := range []string{
		"about to ask to unregister the SA-key hash: SA-key hash babababa babababa babababa babababa babababa babababa babababa babababa registered by HASH (to be named), 2",
		"about to unregister the SA-key hash: SA-key hash babababa babababa babababa babababa babababa babababa babababa babababa registered by HASH (to be named), 2",
		"asked by HASH (to be named), 2", "because nobody has that key",
	} {
		if !strings.Contains(screen, facts) {
			t.Errorf("the officers do not see %q:\n%s", facts, screen)
		}
	}
	status := r.must(call{args: []string{"status", "--store", r.store("css")}}).out
	if !strings.Contains(status, "\nHASH asked to take the SA-key hash babababa… back that HASH registered at css: nobody has that key. Nobody has confirmed it yet: `gapferry coprocessor unregister-hash --store "+r.store("css")+"`\n") ||
		!strings.Contains(status, "done     Register SA-key hash, by HASH") {
		t.Errorf("status does not say that it is asked for, or more:\n%s", status)
	}
	if audit := unbroken(r.must(in("audit access-controls")).out); !strings.Contains(audit, "ATTENTION: HASH asked to unregister the SA-key hash babababa babababa babababa babababa, and nobody has confirmed it yet") ||
		!strings.Contains(audit, "ask to unregister SA-key hash HASH (to be named)") || !strings.Contains(audit, " unregister SA-key hash KEYREG (to be named)") {
		t.Errorf("the audit does not say who asked and who could:\n%s", audit)
	}
	r.mustFail(r.phaseCall("css", "2a"), exitRefused, "it brings another SA key than the one whose hash is registered")

	// The same command goes on with KEYREG, who says yes.
	people = newCrew(sitDown(t, 80, 24, nil, byHand), r.hash)
	if out := people.mustWork(exitDone).out; strings.Contains(out, "passphrase of HASH") || !strings.Contains(unbroken(out), "the SA-key hash at css is not registered any more") {
		t.Errorf("KEYREG alone is asked:\n%s", out)
	}
	for _, phase := range [][2]string{{"css", "2a"}, {"csr1", "3a"}, {"sa", "2b"}, {"sa", "3b"}, {"css", "3c"}, {"csr1", "3d"}} {
		r.must(r.phaseCall(phase[0], phase[1]))
	}
	if css, csr := r.registers("css")["current"].Pattern, r.registers("csr1")["current"].Pattern; css != pattern || csr != pattern {
		t.Errorf("the source has %s and the target %s, want %s", css, csr, pattern)
	}
	r.mustFail(in("coprocessor unregister-hash", "--reason", "x"), exitRefused, "the SA key is registered, and its hash stays with it, at css")
	r.must(call{args: []string{"receipts", "--from", r.stick("stick"), "--store", r.store("css"), "--passphrase-fd", "3"}, fds: []string{officers(5)}})
	r.must(call{args: []string{"receipts", "--from", r.stick("stick"), "--store", r.store("sa"), "--passphrase-fd", "3"}, fds: []string{officers(5)}})
	for _, room := range []string{"sa", "css", "csr1"} {
		r.must(call{args: []string{"journal", "export", "--store", r.store(room), "--to", r.stick("stick"), "--passphrase-fd", "3"}, fds: []string{officers(5)}})
	}
	told := r.must(call{args: []string{"transcript", "merge", "--from", r.stick("stick"), "--sa-hash", "-", "--out", filepath.Join(r.dir, "t.gft")}, stdin: r.hash}).out
	for _, line := range []string{
		"(act): HASH (to be named): ask to unregister the SA-key hash babababa babababa babababa babababa: nobody has that key\n",
		"(act): KEYREG (to be named): unregistered the SA-key hash babababa babababa babababa babababa, as HASH asked: nobody has that key\n",
	} {
		if !strings.Contains(told, line) {
			t.Errorf("no %q in\n%s", line, told)
		}
	}
}

// What is done is there for programs, too, and can be withdrawn.
func TestUnregisterJSON(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("csr1", "csr1")
	in := func(words string, args ...string) call {
		return call{args: append(strings.Fields(words), append([]string{"--store", r.store("csr1"), "--passphrase-fd", "3"}, args...)...), fds: []string{officers(5)}}
	}
	r.must(in("task audit", "--from", r.stick("stick")))
	c := in("task register-hash", "--from", r.stick("stick"), "--sa-hash", "-")
	c.stdin = strings.Repeat("ba", 32)
	r.must(c)
	ask := in("coprocessor unregister-hash --json --yes", "--reason", "mistyped")
	alone := ask
	alone.fds = []string{"HASH:Korrekt Hors HASH\n"}
	r.mustFail(alone, exitUsage, "the passphrase descriptor has no line for profile KEYREG")
	var s ceremony.Status
	read := func(a answer, into any) {
		t.Helper()
		if err := json.Unmarshal([]byte(a.out), into); err != nil {
			t.Fatalf("%v in %s", err, a.out)
		}
	}
	read(r.must(call{args: []string{"status", "--json", "--store", r.store("csr1")}}), &s)
	want := ceremony.Unregistering{Node: "csr1", Hash: strings.Repeat("ba", 32), RegisteredBy: "HASH", AskedBy: "HASH", Reason: "mistyped"}
	same := func(got ceremony.Unregistering) {
		t.Helper()
		if want.Asked = got.Asked; got != want || got.Asked == 0 {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if s.Unregistering == nil {
		t.Fatal("status says nothing of it")
	}
	same(*s.Unregistering)
	var u ceremony.Unregistering
	a := r.must(in("coprocessor unregister-hash --json --yes --withdraw"))
	read(a, &u)
	same(u)
	if !strings.Contains(a.err, "the SA-key hash at csr1 stays registered: nobody asks to take it back any more") {
		t.Error(a.err)
	}
	r.mustFail(in("coprocessor unregister-hash --yes --withdraw"), exitNotYet, "nobody asked to unregister the SA-key hash at csr1")
	u = ceremony.Unregistering{}
	read(r.must(ask), &u)
	want.ConfirmedBy = "KEYREG"
	same(u)
}
