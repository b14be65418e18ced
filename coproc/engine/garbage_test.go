package engine

import (
	"os"
	"runtime/debug"
)

// A fifth of the time of these tests is collecting garbage, with Go's own
// setting of 100 percent. What GOGC says goes before: benchmarks set it.
func init() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(800)
		debug.SetMemoryLimit(2 << 30) // bytes: near it, more is collected after all
	}
}
