package media

import (
	"cmp"
	"io"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// retry repeats a system call that a signal interrupted.
func retry(call func() error) error {
	for {
		if err := call(); err != unix.EINTR {
			return err
		}
	}
}

// openat opens a name in an open folder.
func openat(dir int, name string, flags int, mode uint32) (fd int, err error) {
	err = retry(func() error {
		fd, err = unix.Openat(dir, name, flags|unix.O_CLOEXEC, mode)
		return err
	})
	return fd, err
}

func openDirAt(dir int, name string, flags int) (int, error) {
	return openat(dir, name, unix.O_RDONLY|unix.O_DIRECTORY|flags, 0)
}

func fsync(fd int) error {
	return retry(func() error { return unix.Fsync(fd) })
}

// fsyncName is fsync of a file that another descriptor wrote.
func fsyncName(dir int, name string) error {
	fd, err := openat(dir, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	return cmp.Or(fsync(fd), closeFD(fd))
}

// closeFD closes a descriptor once: on Linux it is gone even after EINTR.
func closeFD(fd int) error {
	if err := unix.Close(fd); err != unix.EINTR {
		return err
	}
	return nil
}

// fileID tells whether two names or descriptors are one file. It holds only
// while the file is open or linked.
type fileID struct{ device, inode uint64 }

// fileStat is what is needed of a stat.
type fileStat struct {
	fileID
	regular bool
	links   uint64
	size    int64 // bytes
	perm    uint32
}

func statFrom(st *unix.Stat_t) fileStat {
	return fileStat{
		fileID:  fileID{uint64(st.Dev), uint64(st.Ino)}, //nolint:unconvert // widths differ between platforms
		regular: st.Mode&unix.S_IFMT == unix.S_IFREG,
		links:   uint64(st.Nlink), //nolint:unconvert // the same
		size:    st.Size,
		perm:    st.Mode & 0o777,
	}
}

func statOf(fd int) (fileStat, error) {
	var st unix.Stat_t
	err := retry(func() error { return unix.Fstat(fd, &st) })
	return statFrom(&st), err
}

// statAt is statOf for a name; it follows no link.
func statAt(dir int, name string) (fileStat, error) {
	var st unix.Stat_t
	err := retry(func() error { return unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW) })
	return statFrom(&st), err
}

// listNames lists an open folder, sorted, or fails with a *LimitError.
func listNames(dir, limit int) ([]string, error) {
	fd, err := openDirAt(dir, ".", 0) // an offset of its own
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), ".")
	defer f.Close()
	names, err := f.Readdirnames(limit + 1)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if len(names) > limit {
		return nil, &LimitError{"", int64(limit), "entries"}
	}
	slices.Sort(names)
	return names, nil
}

// listError gives an error of listNames its path.
func listError(path string, err error) error {
	if limit, ok := err.(*LimitError); ok {
		limit.Path = path
		return limit
	}
	return &StepError{Step: "list", Path: path, Err: err}
}

// maxListed is the number of entries that are looked through for one name, in
// folders that the caller chose.
const maxListed = 1 << 20

// listed checks that a folder lists a file under the very name it was given.
func listed(dir int, name string) error {
	fd, err := openDirAt(dir, ".", 0)
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), ".")
	defer f.Close()
	for n := 0; n < maxListed; {
		names, err := f.Readdirnames(1024)
		if slices.Contains(names, name) {
			return nil
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		n += len(names)
	}
	return errUnlisted
}
