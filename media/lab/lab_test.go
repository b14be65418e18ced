//go:build linux

package lab

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"
)

// labEnv set to 1 runs the lab, as the flag does; then what it needs must be there.
const labEnv = "GAPFERRY_LAB"

var labFlag = flag.Bool("lab", false, "run the lab of QEMU machines")

// TestLab is the whole lab, in the order in which it is told.
func TestLab(t *testing.T) {
	if !*labFlag && os.Getenv(labEnv) != "1" {
		t.Skip("boots machines in QEMU and takes minutes: set " + labEnv + "=1 or give -lab")
	}
	h := newHost(t)
	rooms := h.boot(t, "sa", "css", "csr1")
	t.Logf("three machines are up after %.1f s", time.Since(h.start).Seconds())

	for _, fs := range fileSystems {
		if !t.Run("Relay/"+fs.name, func(t *testing.T) { relay(t, h, rooms, fs) }) {
			return // with a stick in a machine, perhaps
		}
	}
	var yanks *yankResult
	var replays *replayResult
	// The machines have done their ceremony; now they are test benches.
	bench := newBench(rooms)
	t.Run("Replay", func(t *testing.T) { replays = replay(t, h, bench) })
	t.Run("Yanks", func(t *testing.T) { yanks = yank(t, h, bench) })
	t.Run("PowerOff", func(t *testing.T) {
		for _, m := range rooms {
			m.powerOff(t)
		}
	})
	if yanks == nil || replays == nil {
		return // failed, and said why
	}
	fmt.Print("\n", table(yanks, replays), "\n", summary(t, yanks, replays), "\n")
	t.Logf("the lab took %.0f s", time.Since(h.start).Seconds())
}
