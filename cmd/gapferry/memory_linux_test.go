package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A process that waits for passphrases can leave no core file, is open to no
// debugger of its user, and is locked in memory where it may be.
func TestMemoryHidden(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close() // the process reads it to its end
	rooms := newRooms(t)
	cmd := exec.Command(must(os.Executable()), "init", "--node", "sa", "--plan", rooms.plan, "--store", rooms.store("sa"), "--passphrase-fd", "3")
	cmd.Env = append(os.Environ(), beGapferry+"=1")
	cmd.ExtraFiles = []*os.File{r}
	cmd.SysProcAttr = noTerminal()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	proc := fmt.Sprintf("/proc/%d/", cmd.Process.Pid)
	coreOff := regexp.MustCompile(`(?m)^Max core file size +0 +0 `)
	for range 600 {
		if coreOff.MatchString(read(t, proc+"limits")) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if limits := read(t, proc+"limits"); !coreOff.MatchString(limits) {
		t.Errorf("core files are not off:\n%s", limits)
	}
	if !mayLockAll() {
		missing(t, "the right to lock memory (CAP_IPC_LOCK)")
	}
	lock := regexp.MustCompile(`(?m)^VmLck:\s+([1-9]\d*) kB`)
	for range 600 {
		if lock.MatchString(read(t, proc+"status")) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("the memory is not locked:\n%s", read(t, proc+"status"))
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What is locked is said.
func TestVersionTellsMemory(t *testing.T) {
	t.Parallel()
	a := call{args: []string{"version"}}.run(t)
	want := "memory: locked"
	if !mayLockAll() {
		want = "memory: can be swapped out"
	}
	if a.code != 0 || !strings.Contains(a.out, want) {
		t.Errorf("exit code %d, want %q in\n%s", a.code, want, a.out)
	}
}
