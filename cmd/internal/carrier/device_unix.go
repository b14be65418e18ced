//go:build unix

package carrier

import (
	"os"
	"syscall"
)

// deviceOf is the device that a path lies on; of a path that is not there, the
// one of the root.
func deviceOf(path string) (device uint64, known bool) {
	info, err := os.Stat(path)
	if err != nil {
		if info, err = os.Stat("/"); err != nil {
			return 0, false
		}
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return uint64(stat.Dev), true
}
