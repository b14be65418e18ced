//go:build unix

package media

import (
	"os"
	"syscall"
)

// readFlags open a file without following a link and without waiting for the
// other end of a pipe. listFlags do the same for a directory, wipeFlags for writing.
const (
	readFlags = os.O_RDONLY | syscall.O_NONBLOCK | syscall.O_NOFOLLOW
	listFlags = readFlags | syscall.O_DIRECTORY
	wipeFlags = os.O_WRONLY | syscall.O_NONBLOCK | syscall.O_NOFOLLOW
)

// goneErrnos are the errors of a medium that was pulled out.
var goneErrnos = []syscall.Errno{syscall.ENOENT, syscall.ENODEV, syscall.ENXIO, syscall.ENOTCONN, syscall.ESTALE, syscall.ESHUTDOWN}

// deviceOf is the device number a file lies on, 0 if unknown.
func deviceOf(info os.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Dev) //nolint:unconvert // int32 on darwin
	}
	return 0
}

// linksOf is the number of names that a file has, 1 if unknown.
func linksOf(info os.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Nlink) //nolint:unconvert // uint16 on darwin
	}
	return 1
}
