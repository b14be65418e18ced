package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
)

// Whoever guesses or slips is led on; what is not near to anything gets no
// guess.
func TestTypos(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct{ args, words, hint string }{
		{"phas 1", `there is no command "phas"`, "did you mean `gapferry phase`?"},
		{"statsu", `there is no command "statsu"`, "did you mean `gapferry status`?"},
		{"Status", `there is no command "Status"`, "did you mean `gapferry status`?"},
		{"phase 3D", `there is no command "phase 3D"`, "did you mean `gapferry phase 3d`?"},
		{"phase 3e", `there is no command "phase 3e"`, "`gapferry phase --help` lists the commands"},
		{"3d --to dir:x", `there is no command "3d"`, "did you mean `gapferry phase 3d`?"},
		{"plan chekc", `there is no command "plan chekc"`, "did you mean `gapferry plan check`?"},
		{"nonsense", `there is no command "nonsense"`, "`gapferry --help` lists the commands"},
		{"help nonsense", `there is no command "nonsense"`, "`gapferry --help` lists the commands"},
		{"phase 1 extra", `phase 1 takes flags only: what is "extra"?`, "`gapferry phase 1 --help` says what it takes"},
		{"phase 1 --from dir:x", "phase 1 has no flag --from", "`gapferry phase 1 --help` says what it takes"},
		{"phase 2a --form dir:x", "phase 2a has no flag --form", "did you mean --from? `gapferry phase 2a --help` says what it takes"},
		{"phase 2a --wait soon", "soon", "`gapferry phase 2a --help` says what it takes"},
		{"media prepare --label all --plan x", "the plan cannot be read", "name the file of the plan with --plan, or make one with `gapferry plan new`"},
		{"verify --from usb", "is not of the form", ""},
		{"verify --from ../s", "do you mean dir:../s", ""},
	} {
		a := call{args: strings.Fields(c.args), dir: dir}.run(t)
		_, hint, _ := strings.Cut(strings.TrimSpace(a.err), "hint: ")
		if a.code != exitUsage || !strings.Contains(a.err, c.words) || hint != c.hint {
			t.Errorf("gapferry %s: exit code %d\n%s", c.args, a.code, a.err)
		}
	}
	for _, args := range []string{"help", "--help", "help phase", "help plan new", "phase --help", "--version", "-v", "version"} {
		if a := (call{args: strings.Fields(args), dir: dir}).run(t); a.code != exitDone || a.out == "" {
			t.Errorf("gapferry %s: exit code %d\n%s%s", args, a.code, a.out, a.err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("they left %v", entries)
	}
}

// Where there is no store, the hint finds one, or says how it is made.
func TestNoStoreHint(t *testing.T) {
	t.Parallel()
	skipUnderRace(t)
	dir := t.TempDir()
	run := func(args ...string) answer {
		return call{args: args, dir: dir, env: []string{"GAPFERRY_STORE=gapferry-store"}}.run(t)
	}
	a := run("status")
	if a.code != exitNotYet || !strings.Contains(a.err, "`gapferry init --node NODE`, where NODE is the node of this room") {
		t.Errorf("exit code %d\n%s", a.code, a.err)
	}
	run("plan", "new", "--targets", "1", "--rehearsal")
	a = run("phase", "1", "--to", "dir:.", "--store", "room sa")
	if !strings.Contains(a.err, "`gapferry init --node NODE --store 'room sa'`, where NODE is one of sa, css, csr1: ") {
		t.Errorf("with a plan:\n%s", a.err)
	}
	made := hinted(t, strings.Replace(a.err, "NODE ", "sa ", 1))[0]
	if a := (call{args: append(made, "--passphrase-fd", "3"), dir: dir, fds: []string{officers(3)}}).run(t); a.code != exitDone {
		t.Fatalf("%v: %s", made, a.err)
	}
	a = run("status")
	if !strings.Contains(a.err, "a store is here, which you name with --store 'room sa'\n") {
		t.Errorf("with a store:\n%s", a.err)
	}
	if a := run("status", "--store", "room sa"); a.code != exitDone {
		t.Errorf("%s", a.err)
	}
	if a := run("plan", "new"); a.code != exitUsage || strings.Contains(a.err, "--help") {
		t.Errorf("a plan that is there:\n%s", a.err)
	}
	if a := (call{args: []string{"status"}, dir: dir}).run(t); a.code != exitNotYet || !strings.Contains(a.err, "GAPFERRY_STORE, is empty") {
		t.Errorf("an empty variable:\n%s", a.err)
	}
}

// A directory that is there is a carrier, with or without dir: before it; one
// that has the name of another carrier is not.
func TestBareDirectory(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"usb", "stick"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for spec, want := range map[string]string{
		"stick": "dir:stick", filepath.Join(dir, "stick"): "dir:" + filepath.Join(dir, "stick"), ".": "dir:.",
		"usb": "usb", "usb:": "usb:", "missing": "missing", "dir:stick": "dir:stick", "": "",
	} {
		if got := carrier.WithScheme(spec); got != want {
			t.Errorf("%q is %q, want %q", spec, got, want)
		}
	}
}
