//go:build linux

package ceremony

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"golang.org/x/sys/unix"
)

// A record that cannot be written leaves the journal as it was, and the act
// that it is of is found done by the next run.
func TestJournalCannotBeWritten(t *testing.T) {
	w := after(t, small, "1")
	path := w.journalPath("css")
	before := readFile(t, path)
	n := w.open("css")
	readOnly, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	n.Journal().File.Close()
	n.Journal().File = readOnly
	if _, err = n.RunPhase("2a", Options{Incoming: read(n.Folders("2a"), w.stick), Deliver: w.stick.deliver}, w.people); err == nil {
		t.Fatal("phase 2a was done without a journal")
	}
	var why *refusal.Error
	if errors.As(err, &why) {
		t.Errorf("a disk that cannot be written is told as refusal %s", why.Code)
	}
	if got := len(n.Records()); got != len(entries(t, before)) {
		t.Errorf("the journal in memory has %d records, the file %d", got, len(entries(t, before)))
	}
	n.Close()
	if !bytes.Equal(readFile(t, path), before) {
		t.Error("the journal was changed")
	}
	w.phase("css", "2a")
}

// The disk is full, at every size that the journal can be caught with.
func TestJournalDiskFull(t *testing.T) {
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a small disk needs the right to mount: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(disk, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	w := after(t, small, "1")
	path := filepath.Join(disk, store.JournalFile)
	writeFile(t, path, readFile(t, w.journalPath("sa")))
	j, err := journal.Open(path, os.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	ballast := filepath.Join(disk, "ballast")
	failed := 0
	for round := range 40 {
		r := journal.Record{Event: journal.EventRefused, Node: "sa", Code: refusal.CodeFormat, Text: "x", Data: make([]byte, 300+100*round)}
		full := bytes.Repeat([]byte{1}, 1<<20)
		if err := os.WriteFile(ballast, full, 0o600); !errors.Is(err, unix.ENOSPC) {
			t.Fatalf("the disk is not full: %v", err)
		}
		before, head := readFile(t, path), j.Head()
		err := j.Append(r, nil)
		switch after := readFile(t, path); {
		case err == nil && len(after) <= len(before):
			t.Fatal("appended, and nothing is there")
		case err == nil:
		case !errors.Is(err, unix.ENOSPC):
			t.Fatal(err)
		default:
			failed++
			if !bytes.Equal(after, before) || j.Head() != head {
				t.Fatalf("round %d: the journal was changed by a record that was not written", round)
			}
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			if err := j.Append(r, nil); err != nil {
				t.Fatalf("with space again: %v", err)
			}
		}
	}
	if failed < 5 {
		t.Errorf("the disk was full only %d times", failed)
	}
	again, err := journal.Open(path, os.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if again.Head() != j.Head() || len(again.Torn) != 0 {
		t.Error("the file is not what was written")
	}
}
