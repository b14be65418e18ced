package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// putBack copies files of a store to where they were.
func putBack(t testing.TB, files map[string][]byte) {
	t.Helper()
	for path, data := range files {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func saved(t testing.TB, paths ...string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, path := range paths {
		files[path] = must(os.ReadFile(path))
	}
	return files
}

// The officers replace a master key, and the owner of the disk puts the state of
// before back, alone: the journal beside it knows better, and the old key is
// given to nobody.
func TestOldStateIsNotCloned(t *testing.T) {
	t.Parallel()
	r := after(t, "1")
	state := filepath.Join(r.store("css"), "coprocessor", "state.age")
	old := saved(t, state)
	for _, act := range []string{"generate", "set"} {
		r.must(call{
			args: []string{"coprocessor", act, "--store", r.store("css"), "--passphrase-fd", "3", "--yes"}, fds: []string{officers(3)},
		})
	}
	replaced := r.registers("css")
	now := saved(t, state)
	putBack(t, old)
	const words = "an old state of the coprocessor was put back"
	r.mustFail(call{
		args: []string{"audit", "journal", "--store", r.store("css"), "--passphrase-fd", "3"}, fds: []string{officers(3)},
	}, exitRefused, words)
	r.mustFail(r.phaseCall("css", "2a"), exitRefused, words)
	if made, _ := filepath.Glob(filepath.Join(r.dir, "stick", "*", "*css-key*")); len(made) > 0 {
		t.Errorf("with the old key there is %q", made)
	}
	putBack(t, now)
	r.must(r.phaseCall("css", "2a"))
	if got := r.registers("css")["current"]; got != replaced["current"] || got.Pattern == knownPattern {
		t.Errorf("current is %+v, want %+v", got, replaced["current"])
	}
}

// A passphrase that leaked was changed. Whoever kept the profile's file puts it
// back, with the state that it opens or alone.
func TestOldPassphraseIsNotLetIn(t *testing.T) {
	t.Parallel()
	r := after(t, "1")
	dir := filepath.Join(r.store("css"), "coprocessor")
	state, profile := filepath.Join(dir, "state.age"), filepath.Join(dir, "profiles", "SHARE1.age")
	old := saved(t, state, profile)
	r.must(call{
		args: []string{"coprocessor", "passphrase", "--store", r.store("css"), "--profile", "SHARE1", "--passphrase-fd", "3"},
		fds:  []string{"SHARE1:Korrekt Hors SHARE1\nnew:another one of SHARE1\n"},
	})
	now := saved(t, state)
	note := call{
		args: []string{"journal", "note", "--store", r.store("css"), "--profile", "SHARE1", "--text", "it is me", "--passphrase-fd", "3", "--yes"},
		fds:  []string{officers(3)},
	}
	r.mustFail(note, exitDenied, "wrong passphrase")
	putBack(t, old)
	r.mustFail(note, exitRefused, "an old state of the coprocessor was put back")
	putBack(t, now)
	r.mustFail(note, exitCoprocessor, "the file of profile SHARE1 is not the one that belongs to the state")
}

// The owner of the SA's disk puts a journal of their own making there. Without
// a log-on nothing is made from it that anybody trusts, and what it says is
// marked; with one it is refused.
func TestForeignJournalMakesNoCard(t *testing.T) {
	t.Parallel()
	r := after(t, "1")
	evil := &rooms{t: t, dir: t.TempDir(), plan: r.plan}
	for _, stick := range []string{"stick", "share1", "share2", "share3"} {
		if err := os.Mkdir(filepath.Join(evil.dir, stick), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	evil.init("sa", "sa")
	evil.phase1("sa")
	journal := filepath.Join(r.store("sa"), "journal.cbor")
	own := saved(t, journal)
	if err := os.WriteFile(journal, must(os.ReadFile(filepath.Join(evil.store("sa"), "journal.cbor"))), 0o600); err != nil {
		t.Fatal(err)
	}
	card := filepath.Join(r.dir, "card.png")
	make := call{args: []string{"qr", "card", "--store", r.store("sa"), "--out", card}}
	merge := call{args: []string{"transcript", "merge", "--from", r.stick("stick"), "--store", r.store("sa"), "--out", filepath.Join(r.dir, "all.gft")}}
	for _, c := range []call{make, merge} {
		r.mustFail(c, exitDenied, "AUDITOR did not log on: no passphrase was given")
		c.args, c.fds = append(c.args, "--passphrase-fd", "3"), []string{officers(3)}
		r.mustFail(c, exitRefused, "it is signed by another coprocessor's key")
	}
	make.args, make.stdin = append(make.args, "--sa-hash", "-"), r.hash
	r.mustFail(make, exitRefused, "the card is not of the SA key of this store")
	if _, err := os.Stat(card); err == nil {
		t.Error("there is a card")
	}
	const marked = "not authenticated: nobody logged on"
	for _, args := range [][]string{
		{"status"}, {"audit", "journal", "--look"}, {"verify", "--from", evil.stick("stick")}, {"resend", "--to", evil.stick("share1")},
	} {
		args = append(args, "--store", r.store("sa"))
		if args[0] == "resend" {
			putBack(t, own)
		}
		if a := r.must(call{args: args}); !strings.Contains(a.out, marked) {
			t.Errorf("gapferry %s: not marked:\n%s", strings.Join(args, " "), a.out)
		}
		if a := r.must(call{args: append(args, "--json")}); !strings.Contains(strings.ReplaceAll(a.out, " ", ""), `"authenticated":false`) {
			t.Errorf("gapferry %s --json: not marked:\n%s", strings.Join(args, " "), a.out)
		}
	}
	make.args[4] = "--out"
	r.must(make) // with the right card and the right journal
}
