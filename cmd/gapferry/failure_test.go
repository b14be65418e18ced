package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// With --json an error is JSON, too: the last line of standard output says what
// standard error says, whatever is wrong.
func TestErrorsInJSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		args string
		code int
		want failure
	}{
		{"status --json --store none", exitNotYet, failure{Code: "", Message: "there is no store in", Hint: "if this room has one"}},
		{"phase 1 --nonsense --json", exitUsage, failure{Message: "phase 1 has no flag --nonsense", Hint: "`gapferry phase 1 --help` says what it takes"}},
		{"phase 1 --json stray", exitUsage, failure{Message: "takes flags only"}},
		{"nonsense --json", exitUsage, failure{Message: `there is no command "nonsense"`}},
		{"verify -json", exitUsage, failure{Message: "nothing to look at"}},
		{"version --jsno --json=true", exitUsage, failure{Message: "version has no flag --jsno", Hint: "did you mean --json?"}},
		{"plan check --json --plan none.toml", exitUsage, failure{Message: "the plan cannot be read"}},
		{"media list --json --label", exitUsage, failure{Message: "media list has no flag --label"}},
	} {
		a := call{args: strings.Fields(c.args), dir: dir}.run(t)
		var got failure
		lines := strings.Split(strings.TrimSpace(a.out), "\n")
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &got); err != nil {
			t.Errorf("gapferry %s: %v in %q", c.args, err, a.out)
			continue
		}
		said := func(text string) bool {
			return strings.Contains(strings.Join(strings.Fields(a.err), " "), strings.Join(strings.Fields(text), " "))
		}
		if a.code != c.code || got.Exit != c.code || !strings.Contains(got.Message, c.want.Message) || !strings.Contains(got.Hint, c.want.Hint) || !said(got.Hint) {
			t.Errorf("gapferry %s: exit code %d, want %d: %+v\n%s", c.args, a.code, c.code, got, a.err)
		}
	}
	for _, without := range []string{"status --store none", "status --store none --json=false", "status --store none -- --json"} {
		if a := (call{args: strings.Fields(without), dir: dir}).run(t); strings.Contains(a.out, "exit_code") {
			t.Errorf("gapferry %s prints JSON: %s", without, a.out)
		}
	}
}

// foundFirst is what a command found that failed: the value before its failure.
func foundFirst(a answer) []byte {
	found, _, _ := strings.Cut(a.out, "\n")
	return []byte(found)
}
