package capture

import (
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
)

// Load reads one picture file: PNG, JPEG or PNM (P5, P6), told by its first
// bytes and not by its name. EXIF orientation is not applied: it makes no
// difference to a code. The error is a *PictureError: the file is not a regular
// one (links are not followed), is larger than MaxFileBytes, says that it has
// more than MaxPixels, is damaged, or is something else.
func Load(path string) (*image.Gray, error) {
	dir, name := filepath.Split(filepath.Clean(path))
	if dir == "" {
		dir = "."
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, &PictureError{path, cause(err)}
	}
	defer root.Close()
	if name == "" || name == ".." {
		name = "."
	}
	gray, err := loadIn(root, name)
	if err != nil {
		return nil, &PictureError{path, err.Error()}
	}
	return gray, nil
}

// loadIn is Load below an open folder. Its error is a flaw.
func loadIn(root *os.Root, name string) (*image.Gray, error) {
	data, err := readIn(root, name)
	if err != nil {
		return nil, err
	}
	return decode(data)
}

// readIn reads a regular file once into memory.
func readIn(root *os.Root, name string) ([]byte, error) {
	// Lstat first: opening a device can do something, and os.Root follows a
	// link that stays inside the root even with O_NOFOLLOW.
	before, err := root.Lstat(name)
	if err != nil {
		return nil, imageProblemf("%s", cause(err))
	}
	if !before.Mode().IsRegular() {
		return nil, imageProblemf("%s, not a picture file", kindOf(before.Mode()))
	}
	f, err := root.OpenFile(name, readFlags, 0)
	if err != nil {
		return nil, imageProblemf("%s", cause(err))
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, imageProblemf("%s", cause(err))
	case !os.SameFile(before, info) || !info.Mode().IsRegular():
		return nil, imageProblemf("changed while it was opened: try again")
	case info.Size() == 0:
		return nil, imageProblemf("empty: its copy did not end")
	case info.Size() > MaxFileBytes:
		return nil, imageProblemf("larger than %d MiB: make a smaller picture", MaxFileBytes>>20)
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, imageProblemf("cannot be read: %s", cause(err))
	}
	return data, nil
}

// cause is an error's text without the path that os puts before it, which can
// hold anything.
func cause(err error) string {
	switch e := err.(type) {
	case *os.PathError:
		return cause(e.Err)
	case *os.SyscallError:
		return cause(e.Err)
	}
	if err == io.ErrUnexpectedEOF {
		return "it became shorter while it was read"
	}
	return fmt.Sprint(err)
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
	}
	return "a special file"
}
