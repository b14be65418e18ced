package main

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// mountTiny mounts a file system on which there is no room for a bundle.
func mountTiny(t *testing.T, at string) {
	t.Helper()
	mountSized(t, at, "size=64k")
	if err := os.WriteFile(filepath.Join(at, "filler"), make([]byte, 56<<10), 0o600); err != nil {
		t.Fatal(err)
	}
}

// mountMedium mounts a medium of its own.
func mountMedium(t *testing.T, at string) {
	t.Helper()
	mountSized(t, at, "size=16m")
}

func mountSized(t *testing.T, at, size string) {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, "root, to mount a file system")
	}
	if err := os.Mkdir(at, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", at, "tmpfs", 0, size); err != nil {
		missing(t, "mount of a tmpfs: "+err.Error())
	}
	t.Cleanup(func() {
		if err := unix.Unmount(at, 0); err != nil {
			t.Error(err)
		}
	})
}
