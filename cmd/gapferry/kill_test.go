package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// changing are the system calls after which a kill finds something different
// on the disk.
const changing = "fsync,fdatasync,rename,renameat,renameat2,unlinkat,mkdirat,write,pwrite64,ftruncate,openat"

// killPoints are the counts of changing calls after which a phase is killed:
// each one, or a sample which is close together at first, when stores and
// journals are opened, and then further and further apart by so many percent.
func killPoints(percent int) func(int) int {
	if long {
		return func(n int) int { return n + 1 }
	}
	return func(n int) int { return n + 1 + n*percent/100 }
}

// straced runs a call until its n-th changing system call, and kills it there.
// Calls are counted in each thread; the work is done on one.
func straced(t testing.TB, n int) (prefix []string) {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		missing(t, "strace, to kill a process at a chosen system call")
	}
	return []string{strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + changing, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", changing, n)}
}

// Kill a phase with SIGKILL at many points. The same command again must
// finish it, with nothing lost and nothing done twice.
func TestKillAnywhere(t *testing.T) {
	t.Parallel()
	sampled(t)
	for i, stage := range stages[1:] {
		t.Run(stage.phase, func(t *testing.T) {
			t.Parallel()
			r := after(t, stages[i].phase)
			kills := r.killPhase(stage.room, stage.phase)
			t.Logf("%d kills", kills)
			if kills < 5 {
				t.Errorf("only %d kills: the phase was not reached", kills)
			}
			if stage.phase == "3d" {
				if regs := r.registers("csr1"); regs["current"].Pattern != knownPattern {
					t.Errorf("csr1: registers %v", regs)
				}
			}
		})
	}
}

// killPhase kills a phase at many points, each time from the same beginning,
// and leaves the room as the last repetition left it.
func (r *rooms) killPhase(room, phase string) int {
	r.t.Helper()
	before := filepath.Join(r.t.TempDir(), "before")
	copyTree(r.t, r.dir, before)
	next := killPoints(100)
	kills := 0
	for n := 1; ; n = next(n) {
		if err := os.RemoveAll(r.dir); err != nil {
			r.t.Fatal(err)
		}
		copyTree(r.t, before, r.dir)
		c := r.phaseCall(room, phase)
		if phase == "1" {
			c.stdin = "" // there is no card before the key is there
		}
		c.prefix = straced(r.t, n)
		first := r.do(c)
		if phase == "1" {
			r.phase1(room)
		}
		again := r.do(r.phaseCall(room, phase))
		if again.code != 0 {
			r.t.Fatalf("phase %s killed at call %d, then again: exit code %d\n%s%s", phase, n, again.code, again.out, again.err)
		}
		r.nothingTwice(room, phase, n)
		if first.code == 0 || phase == "1" && first.code == exitNotYet {
			return kills
		}
		kills++
	}
}

// nothingTwice looks at the room's journal and at the stick: every task once,
// one bundle of each kind for each database and share, and no leftovers.
func (r *rooms) nothingTwice(room, phase string, n int) {
	r.t.Helper()
	a := r.must(call{args: []string{"audit", "journal", "--look", "--json", "--store", r.store(room)}})
	var journal struct {
		Records []struct {
			Event, Task, Node, Peer string
			Share                   int
		}
	}
	if err := json.Unmarshal([]byte(a.out), &journal); err != nil {
		r.t.Fatal(err)
	}
	tasks := map[string]bool{}
	for _, rec := range journal.Records {
		key := fmt.Sprint(rec.Task, rec.Node, rec.Peer, rec.Share)
		if rec.Event == "task" && tasks[key] {
			r.t.Errorf("phase %s killed at call %d: task %s is in the journal of %s twice", phase, n, key, room)
		}
		tasks[key] = tasks[key] || rec.Event == "task"
	}
	if len(tasks) == 0 {
		r.t.Errorf("phase %s killed at call %d: there is no task in the journal of %s", phase, n, room)
	}
	seen := map[string]bool{}
	stick := filepath.Join(r.dir, "stick")
	err := filepath.WalkDir(stick, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		// kind-from-sequence-digest.gfb: what comes before the sequence names the act.
		parts := strings.Split(d.Name(), "-")
		act := filepath.Base(filepath.Dir(path)) + "/" + strings.Join(parts[:max(0, len(parts)-2)], "-")
		if seen[act] || filepath.Ext(path) != ".gfb" {
			r.t.Errorf("phase %s killed at call %d: %s is one too many", phase, n, path)
		}
		seen[act] = true
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func copyTree(t testing.TB, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// An init that is killed leaves no store, or the whole one, and can be repeated.
func TestKillInit(t *testing.T) {
	t.Parallel()
	sampled(t)
	r := newRooms(t, "--rehearsal")
	next := killPoints(80)
	for n := 1; ; n = next(n) {
		c := call{
			args:   []string{"init", "--plan", r.plan, "--node", "sa", "--store", r.store("sa"), "--passphrase-fd", "3"},
			fds:    []string{officers(3)},
			prefix: straced(t, n),
		}
		killed := r.do(c)
		c.prefix = nil
		again := r.do(c)
		if again.code != 0 && !(again.code == exitNotYet && strings.Contains(again.err, "there is a store")) {
			t.Fatalf("init killed at call %d, then again: exit code %d\n%s", n, again.code, again.err)
		}
		r.must(call{args: []string{"status", "--store", r.store("sa")}})
		entries, err := os.ReadDir(filepath.Dir(r.store("sa")))
		if err != nil || len(entries) != 1 {
			t.Fatalf("init killed at call %d left %v, %v", n, entries, err)
		}
		if err := os.RemoveAll(filepath.Dir(r.store("sa"))); err != nil {
			t.Fatal(err)
		}
		if killed.code == 0 {
			return
		}
	}
}

// missing skips a test whose real part is not there, and fails it in CI.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("GAPFERRY_REQUIRE") != "" {
		t.Fatalf("missing: %s", what)
	}
	t.Skipf("missing: %s", what)
}
