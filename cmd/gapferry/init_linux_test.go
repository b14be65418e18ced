package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan"
)

// Whoever types the command picks the plan: before the first passphrase the
// terminal shows for what it is chosen, and each officer after that sees it too.
func TestInitShowsWhatFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flags []string
		stake string
		weak  bool
	}{{nil, "LIVE", false}, {[]string{"--rehearsal"}, "REHEARSAL", true}} {
		dir := t.TempDir()
		agreed := filepath.Join(dir, "plan.toml")
		call{args: append([]string{"plan", "new", "--plan", agreed, "--title", "Payments key"}, c.flags...)}.run(t)
		text, err := os.ReadFile(agreed)
		if err != nil {
			t.Fatal(err)
		}
		p, err := plan.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Join(p.Words(), " ")
		s := sitDown(t, 80, 24, nil, call{args: []string{"init", "--node", "csr1", "--plan", agreed, "--store", filepath.Join(dir, "store")}})
		s.sees("chooses a passphrase of at least 8 characters: ")
		s.types("Korrekt Hors\n")
		s.sees("once more: ")
		s.types("Korrekt Hors\n")
		s.until("the next officer", func(told string) bool { return strings.Count(told, "chooses a passphrase of") == 2 })
		s.types("\x03")
		told := strings.Join(strings.Fields(s.mustLeave(exitInterrupted).out), " ")
		if !strings.HasSuffix(told, "stopped. No store was made") {
			t.Errorf("%s: after Ctrl-C: %q", c.stake, tail(told))
		}
		first, rest, _ := strings.Cut(told, "ADMIN (to be named) chooses a passphrase")
		for _, want := range []string{p.Ceremony, "Payments key", "plan " + words, "node csr1", "serial SOFT0003", c.stake} {
			if !strings.Contains(first, want) {
				t.Errorf("%s: before the first passphrase there is no %q in %q", c.stake, want, first)
			}
		}
		if weak := strings.Contains(first, "Passphrases are kept weakly"); weak != c.weak {
			t.Errorf("%s: says that passphrases are kept weakly: %v", c.stake, weak)
		}
		second, _, _ := strings.Cut(rest, "AUDITOR (to be named) chooses a passphrase")
		if !strings.Contains(second, c.stake) || !strings.Contains(second, "node csr1, plan "+words) {
			t.Errorf("%s: the second officer sees %q", c.stake, second)
		}
	}
}
