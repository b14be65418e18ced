package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
)

// A change of passphrase that is killed at any point leaves the old one or the
// new one, never both and never none, and can be done again.
func TestKillPassphrase(t *testing.T) {
	t.Parallel()
	sampled(t)
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
	next, kills, changed := killPoints(20), 0, 0
	for n := 1; ; n = next(n) {
		if err := os.RemoveAll(r.store("sa")); err != nil {
			t.Fatal(err)
		}
		copyTree(t, before, r.store("sa"))
		c := change(old, chosen)
		c.prefix = straced(t, n)
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

// Taking a hash back that is killed at any point goes on with the same command,
// and each officer's half is in the journal once.
func TestKillUnregister(t *testing.T) {
	t.Parallel()
	sampled(t)
	r := newRooms(t, "--rehearsal")
	r.init("csr1", "csr1")
	in := func(words, card string) call {
		return call{args: append(strings.Fields(words), "--store", r.store("csr1"), "--passphrase-fd", "3"), fds: []string{officers(3)}, stdin: card}
	}
	register := func(hex string) call {
		return in("task register-hash --sa-hash - --from "+r.stick("stick"), strings.Repeat(hex, 32))
	}
	r.must(in("task audit --from "+r.stick("stick"), ""))
	r.must(register("ba"))
	before := filepath.Join(t.TempDir(), "before")
	copyTree(t, r.store("csr1"), before)
	next, kills, halves := killPoints(50), 0, map[int]int{}
	for n := 1; ; n = next(n) {
		if err := os.RemoveAll(r.store("csr1")); err != nil {
			t.Fatal(err)
		}
		copyTree(t, before, r.store("csr1"))
		c := in("coprocessor unregister-hash --yes --reason mistyped", "")
		again := c
		c.prefix = straced(t, n)
		first := r.do(c)
		halves[len(unregisterActs(t, r.store("csr1")))]++
		if second := r.do(again); second.code != exitDone &&
			(second.code != exitNotYet || !strings.Contains(second.err, "no SA-key hash is registered at csr1")) {
			t.Fatalf("killed at call %d, and again: exit code %d\n%s", n, second.code, second.err)
		}
		if got := fmt.Sprint(unregisterActs(t, r.store("csr1"))); got != "[ask-unregister by HASH unregister-hash by KEYREG]" {
			t.Fatalf("killed at call %d: %s", n, got)
		}
		r.must(register("0c"))
		if first.code == exitDone {
			break
		}
		kills++
	}
	if kills < 6 || halves[0] < 2 || halves[1] < 1 {
		t.Errorf("%d kills, with so many halves recorded: %v", kills, halves)
	}
}

// unregisterActs are the acts of taking a hash back in a journal.
func unregisterActs(t *testing.T, store string) (acts []string) {
	t.Helper()
	n, err := ceremony.Look(store, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	for _, rec := range n.Records() {
		if rec.Unregisters() {
			acts = append(acts, string(rec.Task)+" by "+rec.Profile)
		}
	}
	return acts
}
