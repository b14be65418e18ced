package media

import (
	"bytes"
	"fmt"

	"golang.org/x/sys/unix"
)

// readBackChunk is how many bytes are read back at a time: a multiple of any
// device's block, so that reads around the page cache stay aligned.
const readBackChunk = 1 << 20

// readBack compares a file with the bytes that were written to it, around the
// page cache where the file system can do that, and says how. A plain read,
// and BLKFLSBUF too, read nothing from the medium. Where the bytes or their
// number differ, the error is errDiffers.
func readBack(dir int, name string, want []byte) (ReadBack, error) {
	err := readBackAs(Direct, dir, name, want)
	if err == unix.EINVAL { // O_DIRECT is not for every file system
		return Dropped, readBackAs(Dropped, dir, name, want)
	}
	return Direct, err
}

func readBackAs(how ReadBack, dir int, name string, want []byte) (err error) {
	flags := unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK
	if how == Direct {
		flags |= unix.O_DIRECT
	}
	fd, err := openat(dir, name, flags, 0)
	if err != nil {
		return err
	}
	defer func() {
		if e := closeFD(fd); err == nil {
			err = e
		}
	}()
	st, err := statOf(fd)
	if err != nil {
		return err
	}
	if !st.regular || st.size != int64(len(want)) {
		return fmt.Errorf("%w: %d bytes of %d", errDiffers, st.size, len(want))
	}
	if how == Dropped {
		err := retry(func() error { return unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED) })
		if err != nil {
			return err
		}
	}
	return compare(fd, want)
}

// compare reads a file in aligned pieces to its end.
func compare(fd int, want []byte) error {
	// A mapping of its own is aligned to pages, as O_DIRECT asks.
	buf, err := unix.Mmap(-1, 0, readBackChunk, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return err
	}
	defer unix.Munmap(buf)
	for off := 0; off < len(want); {
		var n int
		err := retry(func() (err error) { n, err = unix.Pread(fd, buf, int64(off)); return err })
		if err != nil {
			return err
		}
		if n == 0 || n > len(want)-off {
			return fmt.Errorf("%w: %d bytes of %d", errDiffers, off+n, len(want))
		}
		if !bytes.Equal(buf[:n], want[off:off+n]) {
			return fmt.Errorf("%w, from byte %d on", errDiffers, off+firstDifference(buf[:n], want[off:]))
		}
		off += n
	}
	return nil
}

// firstDifference is the first index at which a differs from b, which is not shorter.
func firstDifference(a, b []byte) int {
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return len(a)
}
