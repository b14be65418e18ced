package main

import (
	"fmt"
	"strings"
	"testing"
)

// limited runs gapferry under a limit of the shell's.
func limited(limit string, c call) call {
	c.prefix = []string{"sh", "-c", limit + ` && exec "$@"`, "sh"}
	return c
}

// What a limit would end in the middle is said in one line, before anything is
// done: no goroutines on the screen, and no exit code of something else.
func TestLimits(t *testing.T) {
	r := newRooms(t, "--targets", "1")
	init := call{
		args: []string{"init", "--plan", r.plan, "--node", "sa", "--store", r.store("sa"), "--passphrase-fd", "3"},
		fds:  []string{officers(5)},
	}
	oneLine := func(a answer, code int, words string) {
		t.Helper()
		if a.code != code || !strings.Contains(unbroken(a.err), words) || strings.Contains(a.out+a.err, "goroutine") || strings.Count(a.err, "\n") > 4 {
			t.Errorf("exit code %d, want %d and %q\n%.2000s%.2000s", a.code, code, words, a.out, a.err)
		}
	}
	for _, files := range []int{5, 12, 40} {
		oneLine(r.do(limited(fmt.Sprintf("ulimit -n %d", files), init)), exitOther, fmt.Sprintf("this process may have %d files open at once, and needs 64", files))
	}
	// The run time itself reserves more than a GB of addresses.
	oneLine(r.do(limited("ulimit -v 1450000", init)), exitCoprocessor, "this machine has not enough memory left to check a passphrase: 320 MiB are needed")
	if status := r.do(call{args: []string{"status", "--store", r.store("sa")}}); status.code != exitNotYet {
		t.Errorf("a store was left:\n%s%s", status.out, status.err)
	}
}
