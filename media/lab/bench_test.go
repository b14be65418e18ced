//go:build linux

package lab

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// bench is the machines that have nothing to do.
type bench chan *machine

func newBench(rooms []*machine) bench {
	b := make(bench, len(rooms))
	for _, m := range rooms {
		b <- m
	}
	return b
}

// all does jobs, each in a machine of its own, as many at once as there are
// machines. After the first error no further one is begun.
func (b bench) all(t *testing.T, jobs []func(*machine) error) {
	t.Helper()
	var group sync.WaitGroup
	var failed sync.Once
	stop := make(chan struct{})
	for _, job := range jobs {
		m := <-b
		select {
		case <-stop:
			b <- m
			continue
		default:
		}
		group.Go(func() {
			if err := job(m); err != nil {
				t.Error(err)
				failed.Do(func() { close(stop) })
			}
			b <- m
		})
	}
	group.Wait()
}

// writers are those of the agent, in the order of the table.
var writers = []string{"naive", "textbook", "gapferry"}

// promise is a file that a writer has told to be done.
type promise struct{ name, hash string }

// promiseOf reads a line of the agent's burst.
func promiseOf(line string) (promise, error) {
	f := strings.Fields(line)
	if len(f) != 3 || f[0] != "done" {
		return promise{}, fmt.Errorf("the burst said %q", line)
	}
	return promise{f[1], f[2]}, nil
}

func (p promise) kept(data []byte) bool { return fmt.Sprintf("%x", sha256.Sum256(data)) == p.hash }

// whole reports whether a file has the content that its name tells.
func whole(name string, data []byte) bool {
	stem, _ := strings.CutSuffix(name, ".gfb")
	return strings.HasSuffix(stem, fmt.Sprintf("-%x", sha256.Sum256(data))[:9])
}
