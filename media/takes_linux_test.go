package media

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A medium that is full or write-protected says so before anything is written.
func TestTakes(t *testing.T) {
	at := t.TempDir()
	d := &Dir{root: at}
	if err := d.Takes(64 << 10); err != nil {
		t.Fatal(err)
	}
	var space *SpaceError
	if err := d.Takes(1 << 60); !errors.As(err, &space) {
		t.Errorf("no room: %v", err)
	}
	if left, _ := os.ReadDir(at); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root, to mount a file system")
	}
	if err := unix.Mount("tmpfs", at, "tmpfs", unix.MS_RDONLY, ""); err != nil {
		t.Skip("needs mount: ", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(at, 0) })
	if err := d.Takes(1); !errors.Is(err, syscall.EROFS) {
		t.Errorf("write-protected: %v", err)
	}
}
