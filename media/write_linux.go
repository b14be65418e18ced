package media

import (
	"errors"

	"golang.org/x/sys/unix"
)

// The recipe. Each line is there because its absence lost a file on a stick
// that was pulled out (see the measurements in the project's media facts):
//
//  1. create a temporary file: a name that readers ignore while it is written
//  2. write, fsync: data, size and allocation are on the medium
//  3. renameat2 NOREPLACE: the name appears at once, over nothing
//  4. fsync the file AGAIN: vfat's rename makes a directory entry of size 0
//     and writes the size into it only with the inode
//  5. fsync the folder
//  6. read back past the page cache, which a plain read never leaves
//  7. list the folder: FAT drops a trailing dot without a word
//  8. close: a network or FUSE file system may refuse only now

// target is where a careful write goes.
type target struct {
	dir  int    // open folder
	path string // of the file, for people
	name string // of the file in dir
	mode uint32 // permissions; FAT ignores them
}

// writeFile does the recipe in an open folder whose lock the caller holds. On an
// error it takes away what it made, and only that.
func writeFile(t target, data []byte) (WriteResult, error) {
	// Asking first spares the stick a write and a full stick a refusal.
	res, err := alreadyThere(t, data)
	if err != nil || res.AlreadyThere {
		return res, err
	}
	if err := checkSpace(t.dir, t.path, len(data)); err != nil {
		return WriteResult{}, err
	}
	res, err = (&write{target: t, data: data}).run()
	var failed *StepError
	if errors.As(err, &failed) && failed.Err == unix.EEXIST && failed.Left == nil {
		// Someone else made the file since we looked, in a folder without locks.
		if res, err := alreadyThere(t, data); err != nil || res.AlreadyThere {
			return res, err
		}
	}
	return res, err
}

// write is one file on its way to the medium.
type write struct {
	target
	data []byte
	fd   int
	id   fileID // of the file we made
	// names are those under which our file may be found: the temporary one,
	// then both while it is not known which, then the final one.
	names []string
	how   ReadBack
}

func (w *write) run() (WriteResult, error) {
	if err := w.create(); err != nil {
		return WriteResult{}, w.failed("create", err)
	}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"write", w.fill},
		{"fsync", func() error { return fsync(w.fd) }},
		{"rename", w.rename},
		{"fsync again", func() error { return fsync(w.fd) }},
		{"fsync folder", func() error { return fsync(w.dir) }},
		{"read back", func() (err error) { w.how, err = readBack(w.dir, w.name, w.data); return err }},
		{"list", func() error { return listed(w.dir, w.name) }},
	} {
		if err := step.do(); err != nil {
			return WriteResult{}, w.undo(w.failed(step.name, err))
		}
	}
	if err := closeFD(w.fd); err != nil {
		w.fd = -1
		return WriteResult{}, w.undo(w.failed("close", err))
	}
	return WriteResult{Written: true, ReadBack: w.how}, nil
}

func (w *write) failed(step string, err error) *StepError {
	return &StepError{Step: step, Path: w.path, Err: err}
}

// errTemps is a folder full of temporary files, or a file system that says so.
var errTemps = errors.New("no free name for a temporary file")

// create makes the temporary file under a random 8.3 name.
func (w *write) create() error {
	const flags = unix.O_RDWR | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC
	for range 16 {
		temp := tempName()
		fd, err := openat(w.dir, temp, flags, w.mode)
		if err == unix.EEXIST {
			continue
		}
		if err != nil {
			return err
		}
		st, err := statOf(fd)
		if err != nil {
			closeFD(fd)
			unix.Unlinkat(w.dir, temp, 0) // O_EXCL: the name is ours
			return err
		}
		permit(fd, st, w.mode)
		w.fd, w.id, w.names = fd, st.fileID, []string{temp}
		return nil
	}
	return errTemps
}

// permit gives a file or folder that was just made the permissions that the
// umask took away: the next room reads it under another user id. FAT has none,
// and says so or not.
func permit(fd int, st fileStat, mode uint32) {
	if mode&^st.perm != 0 {
		_ = unix.Fchmod(fd, mode)
	}
}

// fill writes the data. The file is not allocated beforehand: exfat refuses
// that, and vfat leaves a longer file.
func (w *write) fill() error {
	for rest := w.data; len(rest) > 0; {
		n, err := unix.Write(w.fd, rest)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return err
		case n == 0:
			return unix.EIO // or the loop would not end
		}
		rest = rest[n:]
	}
	return nil
}

// rename gives the file its name, or fails with EEXIST.
func (w *write) rename() error {
	temp := w.names[0]
	w.names = []string{temp, w.name}
	err := retry(func() error {
		return unix.Renameat2(w.dir, temp, w.dir, w.name, unix.RENAME_NOREPLACE)
	})
	if err == unix.EINVAL || err == unix.ENOSYS || err == unix.EOPNOTSUPP {
		// Not atomic; the folder's lock keeps other gapferries away.
		switch _, err = statAt(w.dir, w.name); err {
		case nil:
			err = unix.EEXIST
		case unix.ENOENT:
			err = retry(func() error { return unix.Renameat(w.dir, temp, w.dir, w.name) })
		}
	}
	if err == nil {
		w.names = w.names[1:]
	}
	return err
}

// undo takes the file away, by whichever of its names it is found: a rename
// that reports an error may have happened all the same. A name that stands for
// another file is let be. It returns its argument, with what could not be
// removed.
func (w *write) undo(failed *StepError) *StepError {
	for _, name := range w.names {
		st, err := statAt(w.dir, name)
		if err == unix.ENOENT || err == nil && st.fileID != w.id {
			continue
		}
		if err == nil {
			err = retry(func() error { return unix.Unlinkat(w.dir, name, 0) })
		}
		if err != nil && err != unix.ENOENT {
			failed.Left = append(failed.Left, name+": "+Cause(err))
		}
	}
	fsync(w.dir) // as far as it goes: the medium has failed already
	if w.fd >= 0 {
		closeFD(w.fd)
	}
	return failed
}
