package media

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
)

// readFile reads one file, or says why not.
func (r *reader) readFile(path string) (data []byte, reason string) {
	// Lstat first: opening a device can do something, and os.Root follows a
	// link that stays inside the root even with O_NOFOLLOW.
	before, err := r.root.Lstat(path)
	if err != nil {
		return nil, Cause(err)
	}
	if !before.Mode().IsRegular() {
		return nil, kindOf(before.Mode()) + ", not a regular file"
	}
	f, err := r.root.OpenFile(path, readFlags, 0)
	if err != nil {
		return nil, Cause(err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, Cause(err)
	case !os.SameFile(before, info) || !info.Mode().IsRegular():
		return nil, "changed while it was opened"
	case info.Size() > MaxFileSize:
		return nil, fmt.Sprintf("larger than %d bytes", MaxFileSize)
	case info.Size() == 0:
		return nil, "empty: its write did not end"
	case hasHole(f, info.Size()):
		return nil, "has a hole: not a file that was written whole"
	}
	// One read: a stick may answer a second one differently.
	data, err = readAtMost(f, info.Size()+1)
	switch {
	case err != nil:
		return nil, "read: " + Cause(err)
	case int64(len(data)) != info.Size():
		return nil, fmt.Sprintf("gave %d bytes and says it has %d", len(data), info.Size())
	}
	return data, ""
}

// readAtMost reads to the end, or n bytes. It asks for memory once: a stick full
// of large files should cost what is on it, and no more.
func readAtMost(r io.Reader, n int64) ([]byte, error) {
	data := make([]byte, n)
	got, err := io.ReadFull(r, data)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return data[:got], err
}

// listDir lists at most limit entries of a directory inside root, sorted. If
// want is given, the directory that is opened must be that one.
func listDir(root *os.Root, dir string, want os.FileInfo, limit int) ([]os.DirEntry, error) {
	f, err := root.OpenFile(dir, listFlags, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if want != nil {
		got, err := f.Stat()
		if err != nil {
			return nil, err
		}
		if !os.SameFile(want, got) {
			return nil, errMoved
		}
	}
	entries, err := f.ReadDir(limit + 1)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if len(entries) > limit {
		return nil, &LimitError{dir, int64(limit), "entries"}
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// kindOf says in words what a file that is not regular is.
func kindOf(m os.FileMode) string {
	switch {
	case m.IsDir():
		return "a folder"
	case m&os.ModeSymlink != 0:
		return "a link"
	case m&os.ModeNamedPipe != 0:
		return "a pipe"
	case m&os.ModeSocket != 0:
		return "a socket"
	case m&os.ModeDevice != 0:
		return "a device"
	case m.IsRegular():
		return "a file"
	}
	return "a special file"
}
