package main

import (
	"os/exec"
	"strings"
	"testing"
)

// hinted are the commands that a hint names, as a shell would split them.
func hinted(t testing.TB, text string) [][]string {
	t.Helper()
	var all [][]string
	for i, part := range strings.Split(text, "`") {
		if words, ok := strings.CutPrefix(part, "gapferry "); ok && i%2 == 1 {
			split := must(exec.Command("sh", "-c", "printf '%s\\n' "+words).Output())
			all = append(all, strings.Split(strings.TrimSuffix(string(split), "\n"), "\n"))
		}
	}
	if len(all) == 0 {
		t.Fatalf("no command is named in %q", text)
	}
	return all
}

// byScript is what a script adds to a command in which officers log on.
func byScript(args []string) []string {
	switch args[0] {
	case "status":
		return nil
	case "phase":
		if id := args[1]; id == "1" || id == "2a" || id == "3a" {
			return []string{"--passphrase-fd", "3", "--yes", "--sa-hash", "-"}
		}
	case "audit":
		return []string{"--passphrase-fd", "3"}
	}
	return []string{"--passphrase-fd", "3", "--yes"}
}

// followHint runs the commands that a hint names.
func (r *rooms) followHint(text string) {
	r.t.Helper()
	for _, args := range hinted(r.t, text) {
		r.must(call{args: append(args, byScript(args)...), fds: []string{officers(3)}, stdin: r.hash})
	}
}
