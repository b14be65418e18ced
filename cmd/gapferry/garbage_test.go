package main

import (
	"os"
	"runtime/debug"
)

// lessCollecting is for the tests' own process, which plays walks: a quarter of
// their time would be collecting garbage, with Go's own setting of 100 percent.
// What GOGC says goes before: benchmarks set it.
func lessCollecting() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(800)
		debug.SetMemoryLimit(2 << 30) // bytes: near it, more is collected after all
	}
}
