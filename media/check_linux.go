package media

import (
	"errors"
	"path/filepath"

	"golang.org/x/sys/unix"
)

func (d *Dir) verify(folder, name string, data []byte) (ReadBack, error) {
	path := filepath.Join(d.root, folder, name)
	root, err := d.openRootFD()
	if err != nil {
		return "", err
	}
	defer closeFD(root)
	how := Direct
	dir, err := openSpelled(root, folder)
	if err == nil {
		defer closeFD(dir)
		how, err = readBack(dir, name, data)
	}
	switch {
	case err == unix.ENOENT:
		err = errAbsent
	case errors.Is(err, errDiffers):
		return "", &ConflictError{path, name}
	}
	if err != nil {
		return "", &StepError{Step: "read back", Path: path, Err: err}
	}
	return how, nil
}

// space is the size of the file system and what is free of it, in bytes.
func (d *Dir) space() (size, free uint64) {
	var st unix.Statfs_t
	if retry(func() error { return unix.Statfs(d.root, &st) }) != nil {
		return 0, 0
	}
	return spaceIn(st)
}
