package media

import (
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// writeIn is Dir.Write after its arguments were checked.
func (d *Dir) writeIn(folder, name string, data []byte) (WriteResult, error) {
	root, err := d.openRootFD()
	if err != nil {
		return WriteResult{}, err
	}
	defer closeFD(root)
	dir, err := d.openFolder(root, folder, len(data))
	if err != nil {
		return WriteResult{}, err
	}
	defer closeFD(dir) // read-only: nothing can be lost here

	path := filepath.Join(d.root, folder)
	locked, err := lockDir(dir)
	if err != nil {
		return WriteResult{}, &StepError{Step: "lock", Path: path, Err: err}
	}
	names, err := listNames(dir, MaxFiles)
	if err != nil {
		return WriteResult{}, listError(path, err)
	}
	var cleaned []string
	if locked { // else a temporary file may be that of another writer, at work
		cleaned = cleanTemps(dir, names)
		if cleanEmpty(dir, name) {
			cleaned = append(cleaned, name)
		}
		names = slices.DeleteFunc(names, func(s string) bool { return slices.Contains(cleaned, s) })
	}
	res, err := d.addTo(root, dir, path, name, names, data)
	res.Cleaned = cleaned
	return res, err
}

// cleanEmpty removes an empty file under the name that is to be written. It is
// what vfat can leave of a write that was cut off right after its rename; no
// write of ours ends with one.
func cleanEmpty(dir int, name string) bool {
	st, err := statAt(dir, name)
	return err == nil && st.regular && st.size == 0 && unix.Unlinkat(dir, name, 0) == nil
}

// addTo writes into a locked folder that holds names.
func (d *Dir) addTo(root, dir int, path, name string, names []string, data []byte) (WriteResult, error) {
	if len(names) >= MaxFiles && !slices.Contains(names, name) {
		return WriteResult{}, &LimitError{path, MaxFiles, "entries"} // Read would refuse the folder
	}
	// Whoever made the folder may have been stopped before this. And on vfat
	// the sectors of a folder that others made are written with its parent's,
	// not with its own: without this a file told done was missing from the
	// stick (seen in the lab).
	if err := fsync(root); err != nil {
		return WriteResult{}, &StepError{Step: "fsync folder", Path: d.root, Err: err}
	}
	// Others read these files than the node that wrote them, under other user ids.
	return writeFile(target{dir, filepath.Join(path, name), name, 0o644}, data)
}

// writeAtRoot writes a file of ours that lies in no folder.
func (d *Dir) writeAtRoot(name string, data []byte) (WriteResult, error) {
	root, err := d.openRootFD()
	if err != nil {
		return WriteResult{}, err
	}
	defer closeFD(root)
	if _, err := lockDir(root); err != nil {
		return WriteResult{}, &StepError{Step: "lock", Path: d.root, Err: err}
	}
	return writeFile(target{root, filepath.Join(d.root, name), name, 0o644}, data)
}

// openRootFD opens the carrier's directory. The caller closes it.
func (d *Dir) openRootFD() (int, error) {
	root, err := openDirAt(unix.AT_FDCWD, d.root, 0)
	if err != nil {
		return -1, &StepError{Step: "open", Path: d.root, Err: err}
	}
	st, err := statOf(root)
	if err == nil && d.device != 0 && st.device != d.device {
		err = errOtherFS
	}
	if err != nil {
		closeFD(root)
		return -1, &StepError{Step: "open", Path: d.root, Err: err}
	}
	return root, nil
}

// folderMode are the permissions of a database.
const folderMode = 0o755

// openFolder opens a folder of the carrier, however its name is spelled, or
// makes it if it is missing and there is room for size bytes in it. The caller
// closes it.
func (d *Dir) openFolder(root int, folder string, size int) (int, error) {
	path := filepath.Join(d.root, folder)
	dir, err := openSpelled(root, folder)
	if err == unix.ENOENT {
		if err := checkSpace(root, d.root, size); err != nil {
			return -1, err
		}
		err = retry(func() error { return unix.Mkdirat(root, folder, folderMode) })
		if err != nil && err != unix.EEXIST {
			return -1, &StepError{Step: "make folder", Path: path, Err: err}
		}
		made := err == nil
		if dir, err = openDirAt(root, folder, unix.O_NOFOLLOW); err == nil && made {
			if st, err := statOf(dir); err == nil {
				permit(dir, st, folderMode)
			}
		}
	}
	if err == unix.ENOTDIR || err == unix.ELOOP {
		err = errNotDir
	}
	if err != nil {
		return -1, &StepError{Step: "open", Path: path, Err: err}
	}
	return dir, nil
}

// openSpelled opens a folder by its name, or by the one name beside it that
// differs in case alone.
func openSpelled(root int, folder string) (int, error) {
	dir, err := openDirAt(root, folder, unix.O_NOFOLLOW)
	if err != unix.ENOENT {
		return dir, err
	}
	names, listing := listNames(root, MaxRootEntries)
	if others := spellings(names, folder); listing == nil && len(others) == 1 {
		return openDirAt(root, others[0], unix.O_NOFOLLOW)
	}
	return dir, err
}

// spaceOverhead is what a file system may need beside the data: clusters of
// up to 32 KiB for the file's end and for the folder. Twice the data leaves
// room for the temporary file on systems that copy on write.
const spaceOverhead = 64 << 10

// checkSpace refuses, before anything is written, a file that will not fit.
func checkSpace(dir int, path string, size int) error {
	var st unix.Statfs_t
	if err := retry(func() error { return unix.Fstatfs(dir, &st) }); err != nil {
		return &StepError{Step: "free space", Path: path, Err: err}
	}
	total, free := spaceIn(st)
	if total == 0 {
		return nil // the file system does not say
	}
	need := 2*uint64(size) + spaceOverhead
	if free < need {
		return &SpaceError{Need: need, Free: free}
	}
	return nil
}

// spaceIn is the size of a file system and what this user may fill, in bytes.
func spaceIn(st unix.Statfs_t) (size, free uint64) {
	unit := uint64(st.Frsize)
	if unit == 0 {
		unit = uint64(st.Bsize)
	}
	return st.Blocks * unit, st.Bavail * unit
}

// takes is Takes.
func (d *Dir) takes(size int) error {
	root, err := d.openRootFD()
	if err != nil {
		return err
	}
	defer closeFD(root)
	// Rights are another matter: a folder may be one's own where the root is not.
	if err := unix.Faccessat(unix.AT_FDCWD, d.root, unix.W_OK, 0); err == unix.EROFS {
		return &StepError{Step: "write to", Path: d.root, Err: err}
	}
	return checkSpace(root, d.root, size)
}
