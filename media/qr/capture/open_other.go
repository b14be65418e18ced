//go:build !unix

package capture

import "os"

// readFlags: the flags of open_unix.go do not exist here. os.Root follows no
// link out of the folder on any system.
const readFlags = os.O_RDONLY
