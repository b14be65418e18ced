package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The SA is lost behind phase 3c. Another one is set up; hash and key officer of
// the source, each at the terminal, give the old one up, and what goes to the
// target, on a fresh stick, is the master key that the source has had all along.
func TestLostSA(t *testing.T) {
	t.Parallel()
	r := after(t, "3c")
	pattern := r.registers("css")["current"].Pattern
	in := func(room, words string, args ...string) call {
		return call{args: append(strings.Fields(words), append([]string{"--store", r.store(room), "--passphrase-fd", "3"}, args...)...), fds: []string{officers(5)}}
	}
	former := r.hash
	for _, path := range []string{filepath.Dir(r.store("sa")), filepath.Join(r.dir, "stick")} {
		if err := os.Rename(path, path+"-old"); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(r.dir, "stick"), 0o700); err != nil {
		t.Fatal(err)
	}
	a := r.must(call{
		args: []string{"init", "--plan", r.plan, "--node", "sa", "--store", r.store("sa"), "--passphrase-fd", "3"}, fds: []string{officers(5)},
	})
	if !strings.Contains(unbroken(a.out+a.err), "gapferry coprocessor anew in their rooms") {
		t.Errorf("init does not say what comes next:\n%s%s", a.out, a.err)
	}
	r.phase1("sa")
	if r.hash == former {
		t.Fatal("the same SA key")
	}

	r.mustFail(in("sa", "coprocessor anew", "--reason", "x"), exitNotYet, `coprocessor "sa" is neither source nor target`)
	anew := byOfficers(in("css", "coprocessor anew", "--reason", "the SA burned"))
	people := newCrew(sitDown(t, 80, 24, nil, anew), r.hash)
	people.yes = func(string) string { return map[string]string{"HASH": "yes", "KEYREG": "no"}[people.profile] }
	screen := unbroken(people.mustWork(exitRefused).out)
	for _, facts := range []string{
		"about to ask to begin anew at css: SA-key hash that goes ", "keys that go ", "share sets void here; a target that never hears of it can still install them",
		"master key stays: current SYM-MK register full " + pattern,
		"about to begin anew at css:", "asked by HASH (to be named), 2", "because the SA burned",
	} {
		if !strings.Contains(screen, facts) {
			t.Errorf("the officers do not see %q:\n%s", facts, screen)
		}
	}
	status := unbroken(r.must(call{args: []string{"status", "--store", r.store("css")}}).out)
	if !strings.Contains(status, "HASH asked to begin anew at css, without the SA key ") || !strings.Contains(status, "Nobody has confirmed it yet: `gapferry coprocessor anew --store "+r.store("css")+"`") {
		t.Errorf("status does not say that it is asked for:\n%s", status)
	}
	if audit := unbroken(r.must(in("css", "audit access-controls")).out); !strings.Contains(audit, "ATTENTION: HASH asked to begin anew") {
		t.Errorf("the audit does not say so:\n%s", audit)
	}
	people = newCrew(sitDown(t, 80, 24, nil, anew), r.hash)
	if out := unbroken(people.mustWork(exitDone).out); strings.Contains(out, "passphrase of HASH") || !strings.Contains(out, "css begins anew, and its master key is as it was. Next: phase 2a here") {
		t.Errorf("KEYREG alone is asked:\n%s", out)
	}
	r.must(in("csr1", "coprocessor anew --yes", "--reason", "the SA burned"))
	two := r.must(r.phaseCall("css", "2a"))
	if !strings.Contains(unbroken(two.err+two.out), "takes the place of the SA-key hash") {
		t.Errorf("whoever registers the SA is not told that it takes another's place:\n%s", two.err)
	}
	for _, phase := range [][2]string{{"csr1", "3a"}, {"sa", "2b"}, {"sa", "3b"}, {"css", "3c"}, {"csr1", "3d"}} {
		r.must(r.phaseCall(phase[0], phase[1]))
	}
	if css, csr := r.registers("css")["current"].Pattern, r.registers("csr1")["current"].Pattern; css != pattern || csr != pattern {
		t.Errorf("the source has %s and the target %s, want %s", css, csr, pattern)
	}
	for _, room := range []string{"css", "sa"} {
		r.must(in(room, "receipts", "--from", r.stick("stick")))
	}
	for _, room := range []string{"sa", "css", "csr1"} {
		r.must(in(room, "journal export", "--to", r.stick("stick")))
	}
	merge := func(hash, out string, code int, from ...string) string {
		args := []string{"transcript", "merge", "--sa-hash", "-", "--out", filepath.Join(r.dir, out)}
		for _, f := range from {
			args = append(args, "--from", f)
		}
		a := r.do(call{args: args, stdin: hash})
		if a.code != code {
			t.Fatalf("exit code %d, want %d\n%s%s", a.code, code, a.out, a.err)
		}
		return a.out
	}
	told := merge(r.hash, "t.gft", exitDone, r.stick("stick"))
	for _, words := range []string{"VERIFIED", "(anew): css began anew and kept its master key: the SA burned\n", "are not judged here: 3 shares were given out then"} {
		if !strings.Contains(unbroken(told), unbroken(words)) {
			t.Errorf("no %q in\n%s", words, told)
		}
	}
	// With the old stick beside it nothing is accused, with the old card nothing is
	// verified.
	merge(r.hash, "both.gft", exitDone, r.stick("stick"), r.stick("stick-old"))
	if old := merge(former, "old.gft", exitNotYet, r.stick("stick-old")); !strings.Contains(old, "INCOMPLETE") {
		t.Errorf("the old card verifies\n%s", old)
	}
}
