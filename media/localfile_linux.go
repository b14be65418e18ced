package media

import (
	"path/filepath"

	"golang.org/x/sys/unix"
)

func writeLocal(dir, name string, data []byte) error {
	fd, err := openDirAt(unix.AT_FDCWD, dir, 0)
	if err != nil {
		return &StepError{Step: "open", Path: dir, Err: err}
	}
	defer closeFD(fd)
	if _, err := lockDir(fd); err != nil {
		return &StepError{Step: "lock", Path: dir, Err: err}
	}
	_, err = writeFile(target{fd, filepath.Join(dir, name), name, 0o600}, data)
	return err
}

// CleanTemps removes the unfinished files that interrupted calls of
// WriteFileNew left in a directory, and returns their names. It is for the
// directory's owner, who knows that no other program makes files named
// gf??????.tmp there; it removes nothing while another writer is at work.
func CleanTemps(dir string) ([]string, error) {
	fd, err := openDirAt(unix.AT_FDCWD, dir, 0)
	if err != nil {
		return nil, &StepError{Step: "open", Path: dir, Err: err}
	}
	defer closeFD(fd)
	locked, err := lockDir(fd)
	if err != nil {
		return nil, &StepError{Step: "lock", Path: dir, Err: err}
	}
	names, err := listNames(fd, maxListed)
	if err != nil {
		return nil, listError(dir, err)
	}
	if !locked {
		return nil, nil
	}
	return cleanTemps(fd, names), nil
}
