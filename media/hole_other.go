//go:build !linux

package media

import "os"

// hasHole cannot tell here; MaxFileSize bounds what a hole can cost.
func hasHole(*os.File, int64) bool { return false }
