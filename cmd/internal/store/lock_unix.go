//go:build unix

package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"golang.org/x/sys/unix"

	"github.com/gapferry/gapferry/media/flock"
)

// lockFile takes the lock of a store: one process at a time. The kernel gives
// it back when the process ends, however it ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = flock.Try(f.Fd())
	if errors.Is(err, flock.ErrHeld) {
		holder := make([]byte, 20)
		n, _ := f.ReadAt(holder, 0)
		f.Close()
		return nil, refusal.New(refusal.CodeBusy, "another gapferry (process %q) is at work in this store", strings.TrimSpace(string(holder[:n])))
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	if err == nil {
		err = room(f)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock store: %w", err)
	}
	return f, nil
}

// workSize is what is written to the lock and cut off again before anybody is
// asked for anything, in bytes: more than a phase adds to a store.
const workSize = 1 << 20

// room finds out whether there is room for a phase where the lock lies. What it
// says of a limit (a quota, say) no other question tells.
func room(lock *os.File) error {
	held, err := lock.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	// Blank lines: who asks meanwhile which process has the lock reads its number.
	_, err = lock.Write(bytes.Repeat([]byte{'\n'}, workSize))
	return errors.Join(err, lock.Truncate(held))
}

// mayWrite finds out whether files can be made in a store.
func mayWrite(dir string) error {
	for _, part := range []string{".", DeviceDir, OutboxDir} {
		path := filepath.Join(dir, part)
		if err := unix.Access(path, unix.W_OK|unix.X_OK); err != nil && !errors.Is(err, unix.ENOENT) {
			return &os.PathError{Op: "write to", Path: path, Err: err}
		}
	}
	return nil
}
