package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// holding is a file with some content, open for reading from its start.
func holding(t testing.TB, content string) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "typed")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// Whoever types the command line answers for no officer who logs on at the
// terminal: each flag that would is refused before anybody does, and before
// anything is written.
func TestTypistAnswersForNobody(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("css", "css")
	own := filepath.Join(r.dir, "own-card")
	words := strings.Repeat("zoo ", 23) + "buddy"
	for _, path := range []string{own, own + ".png"} {
		if err := os.WriteFile(path, []byte(words), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	journal := func() []byte {
		b, err := os.ReadFile(filepath.Join(r.store("css"), "journal.cbor"))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	before := journal()
	phase := "phase 2a --from " + r.stick("stick")
	for _, c := range []struct {
		args string
		in   string // standard input, if it is not the terminal
		fds  []string
	}{
		{args: phase + " --sa-hash " + own},
		{args: phase + " --sa-hash " + own + ".png"},
		{args: phase + " --sa-hash -"},
		{args: phase + " --sa-hash -", in: words},
		{args: phase + " --sa-hash camera:-", in: words},
		{args: phase + " --sa-hash wedge:", in: words},
		{args: phase + " --yes"},
		{args: phase + " --yes --passphrase-fd -1"},
		{args: "task register-hash --from " + r.stick("stick") + " --sa-hash " + own},
		{args: "task obtain-shares --yes --from " + r.stick("stick")},
		{args: "phase 3c --yes --from " + r.stick("stick")},
		{args: "phase 3d --yes --from " + r.stick("stick")},
		{args: "coprocessor generate --yes"},
		{args: "coprocessor set --yes"},
		{args: "coprocessor clear --yes"},
		{args: "coprocessor load --part first --key-part-fd 3", fds: []string{"PART:" + strings.Repeat("01", 24) + "\n"}},
		{args: "coprocessor unregister-hash --reason x --yes"},
		{args: "cancel --target csr1 --reason x --yes --to " + r.stick("stick")},
		{args: "revoke --node csr1 --reason x --yes --to " + r.stick("stick")},
	} {
		var in *os.File
		if c.in != "" {
			in = holding(t, c.in)
		}
		s := sitDown(t, 80, 24, in, call{args: append(strings.Fields(c.args), "--store", r.store("css")), fds: c.fds})
		a := s.leaves()
		refused := strings.Contains(unbroken(a.out), "is for scripts, which give passphrases with --passphrase-fd. Leave it out: ")
		if a.code != exitUsage || !refused || strings.Contains(a.out, "passphrase of") {
			t.Errorf("gapferry %s: exit code %d\n%s", c.args, a.code, a.out)
		}
	}
	if !bytes.Equal(before, journal()) {
		t.Error("the journal was written to")
	}
	onlyBundles(t, filepath.Join(r.dir, "stick"))
}

// Standard input that is no terminal is nobody's card: the officers are asked
// at the terminal, and the typist's card says nothing.
func TestRedirectedInputIsNoCard(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("sa", "sa")
	r.init("css", "css")
	r.init("own-sa", "sa")
	r.loadKnownKey("css")
	r.phase1("sa")
	honest := r.hash

	// The typist's own SA, of the same plan, on a stick of their own.
	own := filepath.Join(r.dir, "own")
	if err := os.Mkdir(own, 0o700); err != nil {
		t.Fatal(err)
	}
	stick := r.stick("stick")
	ownPhase1 := func() call {
		c := r.phaseCall("own-sa", "1")
		c.args = append(without(c.args, "--to", stick), "--to", "dir:"+own)
		return c
	}
	c := ownPhase1()
	c.stdin = ""
	evil := cardOn(r.mustFail(c, exitNotYet, "the SA-key hash was not entered").out)
	c = ownPhase1()
	c.stdin = evil
	r.must(c)

	c = byOfficers(r.phaseCall("css", "2a"))
	c.args = append(without(c.args, "--from", stick), "--from", "dir:"+own)
	people := newCrew(sitDown(t, 80, 24, holding(t, evil), c), honest)
	a := people.mustWork(exitRefused)
	if !strings.Contains(unbroken(a.out), "the hash that was entered is not the hash of the SA key in sa.db") {
		t.Errorf("…%q", tail(a.out))
	}
	if status := r.must(call{args: []string{"status", "--store", r.store("css")}}).out; strings.Contains(status, "done     Register") {
		t.Errorf("the typist's SA was registered:\n%s", status)
	}
	// With the right stick they register the right one, whatever is piped.
	people = newCrew(sitDown(t, 80, 24, holding(t, evil), byOfficers(r.phaseCall("css", "2a"))), honest)
	people.mustWork(exitDone)
}
