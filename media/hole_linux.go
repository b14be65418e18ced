package media

import (
	"os"

	"golang.org/x/sys/unix"
)

// hasHole reports whether a file has a part that was never written. A file
// system that does not keep holes (vfat, exfat) says that there is none.
func hasHole(f *os.File, size int64) bool {
	hole, err := f.Seek(0, unix.SEEK_HOLE)
	if err == nil {
		_, err = f.Seek(0, unix.SEEK_SET)
	}
	return err == nil && hole < size
}
