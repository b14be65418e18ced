package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
)

// The manual has the table of acts for two persons, row by row as it is.
func TestManualPairs(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	want := "| one | the other | where | why |\n|---|---|---|---|\n"
	for _, p := range coproc.Pairs {
		want += fmt.Sprintf("| %s | %s | %s | %s |\n", p.One.Text, p.Other.Text, p.Scope, p.Why)
	}
	if !strings.Contains(string(text), want+"\n") {
		t.Errorf("the manual does not have\n%s", want)
	}
}

// A plan that is good is told with which acts are for two persons and how few
// are enough, within a terminal's width and with the verdict last; one under
// which a person could do two such acts is refused, with the reason.
func TestPlanCheckPairs(t *testing.T) {
	dir := t.TempDir()
	plan := filepath.Join(dir, "plan.toml")
	a := call{args: []string{"plan", "new", "--plan", plan}}.run(t)
	if a.code != exitDone || !strings.Contains(a.out, "6 persons are enough for this plan, and no fewer.\n") {
		t.Errorf("exit code %d\n%s%s", a.code, a.out, a.err)
	}
	a = call{args: []string{"plan", "check", "--plan", plan}}.run(t)
	if a.code != exitDone {
		t.Fatalf("exit code %d\n%s%s", a.code, a.out, a.err)
	}
	lines := strings.Split(strings.TrimSuffix(a.out, "\n"), "\n")
	for _, line := range lines {
		if len(line) > terminal.Width {
			t.Errorf("%d characters: %s", len(line), line)
		}
	}
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "the plan is good: SYM-MK, 2 of 3 shares, 1 target(s), digest ") {
		t.Errorf("the last line is %q", last)
	}
	for _, words := range []string{
		"  verify a master key, or tell its pattern      set it\n      at one coprocessor: two persons look at the pattern\n",
		"\n6 persons are enough for this plan, and no fewer.\nFor instance:\n\n   1  ADMIN\n   2  AUDITOR\n   3  KEYGEN, HASH, VERIFIER, PART1, SHARE1\n",
	} {
		if !strings.Contains(a.out, words) {
			t.Errorf("no %q in\n%s", words, a.out)
		}
	}
	a = call{args: []string{"plan", "check", "--plan", plan, "--json"}}.run(t)
	var told struct {
		Pairs []pairRow `json:"pairs"`
		Team  struct {
			Persons  int        `json:"persons"`
			Exact    bool       `json:"exact"`
			Profiles [][]string `json:"profiles_by_person"`
		} `json:"smallest_team"`
	}
	if err := json.Unmarshal([]byte(a.out), &told); err != nil || len(told.Pairs) != len(coproc.Pairs) || told.Pairs[0].Scope != coproc.AtOne ||
		told.Team.Persons != 6 || !told.Team.Exact || len(told.Team.Profiles) != 6 {
		t.Errorf("%v: %+v", err, told)
	}

	other := filepath.Join(dir, "other.toml")
	a = call{args: []string{"plan", "new", "--plan", other, "--person", "VERIFIER=Eve East", "--person", "SETTER=EAST Eve"}}.run(t)
	const why = `"Eve East", "EAST Eve", under more than one profile at coprocessor "css", could do both halves of a dual act: verify master key, and set master key; two persons look at the pattern`
	if a.code != exitRefused || !strings.Contains(a.err, why) {
		t.Errorf("exit code %d\n%s%s", a.code, a.out, a.err)
	}
	if _, err := os.Lstat(other); err == nil {
		t.Error("the plan was written")
	}
}
