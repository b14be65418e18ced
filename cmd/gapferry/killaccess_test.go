package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A change of passphrase that is killed at any point leaves the old one or the
// new one, never both and never none, and can be done again.
func TestKillPassphrase(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		missing(t, "strace, to kill a process at a chosen system call")
	}
	r := newRooms(t, "--rehearsal")
	r.init("sa", "sa")
	before := filepath.Join(t.TempDir(), "before")
	copyTree(t, r.store("sa"), before)
	const old, chosen = "Korrekt Hors AUDITOR", "Neuer Hors AUDITOR"
	change := func(from, to string) call {
		return call{
			args: []string{"coprocessor", "passphrase", "--profile", "AUDITOR", "--store", r.store("sa"), "--passphrase-fd", "3"},
			fds:  []string{"AUDITOR:" + from + "\nnew:" + to + "\n"},
		}
	}
	works := func(passphrase string) bool {
		a := r.do(call{
			args: []string{"audit", "access-controls", "--store", r.store("sa"), "--passphrase-fd", "3"}, fds: []string{"AUDITOR:" + passphrase + "\n"},
		})
		if a.code != exitDone && a.code != exitDenied {
			t.Fatalf("exit code %d\n%s", a.code, a.err)
		}
		return a.code == exitDone
	}
	next, kills, changed := killPoints(), 0, 0
	for n := 1; ; n = next(n) {
		if err := os.RemoveAll(r.store("sa")); err != nil {
			t.Fatal(err)
		}
		copyTree(t, before, r.store("sa"))
		c := change(old, chosen)
		c.prefix = []string{strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + changing, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", changing, n)}
		first := r.do(c)
		oldWorks, newWorks := works(old), works(chosen)
		if oldWorks == newWorks {
			t.Fatalf("killed at call %d: the old passphrase works: %v, the new one: %v", n, oldWorks, newWorks)
		}
		if newWorks {
			changed++
			r.must(change(chosen, old))
		} else {
			r.must(change(old, chosen))
		}
		if works(old) != newWorks {
			t.Fatalf("killed at call %d, and done again: the old passphrase works: %v", n, !newWorks)
		}
		if first.code == 0 {
			break
		}
		kills++
	}
	if kills < 6 || changed < 2 || changed > kills {
		t.Errorf("%d kills, %d of them after the change", kills, changed)
	}
}
