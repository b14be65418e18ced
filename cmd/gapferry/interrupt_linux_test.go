package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
)

// A signal in the middle of a code show takes the codes from the terminal, once,
// and says what became of the command, whatever was being drawn. With the race
// detector this looks for what two goroutines do to one terminal.
func TestSignalInCodeShow(t *testing.T) {
	t.Parallel()
	stick := frozenStick(t)
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			s := sitAnyway(t, 80, 24, nil, call{args: []string{"qr", "show", "--from", "dir:" + stick, "--kind", "css-key", "--rate", "15"}})
			s.sees("css-key for sa | code 3, any ")
			if err := s.cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			a := s.mustLeave(exitInterrupted)
			after := a.out[strings.LastIndex(a.out, carrier.EnterScreen):]
			if n := strings.Count(after, carrier.LeaveScreen); n != 1 {
				t.Errorf("the codes were taken away %d times", n)
			}
			_, told, _ := strings.Cut(after, carrier.LeaveScreen)
			if want := "gapferry: stopped. What was done stays done; run the same command again to go on"; strings.TrimSpace(told) != want {
				t.Errorf("told %q", told)
			}
		})
	}
}

// A rehearsal that is stopped leaves nothing behind.
func TestRehearsalStopped(t *testing.T) {
	t.Parallel()
	if raceEnabled && testing.Short() {
		t.Skip("a whole rehearsal under the race detector: the stage of tests plays it without")
	}
	dir := t.TempDir()
	cmd := exec.Command(must(os.Executable()), "rehearse")
	cmd.Env = append(os.Environ(), beGapferry+"=1", "TMPDIR="+dir)
	cmd.SysProcAttr = noTerminal()
	var out, told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &told
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 600 { // until it is at work
		if rooms, _ := os.ReadDir(dir); len(rooms) > 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || told.String() != "\ngapferry: the rehearsal was stopped\n" {
		t.Errorf("exit code %d, told %q", code, told.String())
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
