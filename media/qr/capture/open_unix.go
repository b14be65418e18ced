//go:build unix

package capture

import (
	"os"
	"syscall"
)

// readFlags open a file without following a link and without waiting for the
// other end of a pipe.
const readFlags = os.O_RDONLY | syscall.O_NONBLOCK | syscall.O_NOFOLLOW
