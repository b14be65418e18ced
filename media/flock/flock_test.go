//go:build unix

package flock

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A lock is that of an open file, of a folder too: another one of the same name
// has to wait until it is closed.
func TestTry(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "lock")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, dir} {
		first, second := open(t, path), open(t, path)
		for range 2 {
			if err := Try(first.Fd()); err != nil {
				t.Fatal(path, err)
			}
		}
		if err := Try(second.Fd()); !errors.Is(err, ErrHeld) {
			t.Errorf("%s: taken twice: %v", path, err)
		}
		first.Close()
		if err := Try(second.Fd()); err != nil {
			t.Errorf("%s: not given back: %v", path, err)
		}
	}
	if err := Try(^uintptr(0)); err == nil || errors.Is(err, ErrHeld) {
		t.Errorf("no file: %v", err)
	}
}

func open(t *testing.T, path string) *os.File {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
