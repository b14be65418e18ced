//go:build !unix

package media

import (
	"os"
	"syscall"
)

// The flags and tests of sys_unix.go that do not exist here. os.Root follows
// no link out of the carrier on any system.
const (
	readFlags = os.O_RDONLY
	listFlags = os.O_RDONLY
	wipeFlags = os.O_WRONLY
)

var goneErrnos = []syscall.Errno{syscall.ENOENT, syscall.ENODEV, syscall.ENXIO}

func deviceOf(os.FileInfo) uint64 { return 0 }

func linksOf(os.FileInfo) uint64 { return 1 }
