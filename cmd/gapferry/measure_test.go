package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gapferry/gapferry/coproc/tally"
)

// measureTo names the file into which a process writes what it cost.
const measureTo = "GAPFERRY_TEST_MEASURE_TO"

// cost is what one process cost.
type cost struct {
	Memory     int64 // the most that was resident, in bytes; 0 where the system does not tell
	Signatures int64 // checked
	Hashed     int64 // bytes
	Formatted  int64 // bytes of other parsers' errors, before they were clipped
	Decrypted  int64 // age files
}

// measure writes what this process cost.
func measure(path string) {
	c := cost{Signatures: tally.Signatures.Load(), Hashed: tally.Hashed.Load(), Formatted: tally.Formatted.Load(), Decrypted: tally.Decrypted.Load()}
	status, _ := os.ReadFile("/proc/self/status")
	for line := range bytes.Lines(status) {
		var kib int64
		if n, _ := fmt.Sscanf(string(line), "VmHWM: %d kB", &kib); n == 1 {
			c.Memory = kib << 10
		}
	}
	b, err := json.Marshal(c)
	if err == nil {
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		panic(err)
	}
}

// measured runs a process and says what it cost.
func measured(t testing.TB, c call) (a answer, used cost) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cost")
	c.env = append(c.env, measureTo+"="+path)
	a = c.run(t)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("exit %d: %v\n%s", a.code, err, a.err[:min(len(a.err), 1000)])
	}
	if err := json.Unmarshal(b, &used); err != nil {
		t.Fatal(err)
	}
	return a, used
}
