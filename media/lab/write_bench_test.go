//go:build linux

package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gapferry/gapferry/media"
	"github.com/gapferry/gapferry/media/lab/internal/wire"
)

// benchEnv names a directory on a real stick to measure.
const benchEnv = "GAPFERRY_BENCH_DIR"

// A ceremony's phase writes 1 to 16 bundles of a few KiB.
const (
	benchFiles = 8
	benchSize  = 8 << 10
)

// BenchmarkWrite says what careful writing costs: the time of gapferry's
// writer, divided by that of a copy and a sync of each file on the same
// medium, in turns. It measures the directory of GAPFERRY_BENCH_DIR or a
// temporary one, and with GAPFERRY_LAB=1 the sticks of the lab.
func BenchmarkWrite(b *testing.B) {
	b.Run("dir", benchDir)
	if !*labFlag && os.Getenv(labEnv) != "1" {
		return
	}
	h := newHost(b)
	m := h.boot(b, "bench")[0]
	for _, fs := range fileSystems {
		for _, slow := range []bool{false, true} {
			name := fs.name
			if slow {
				name += "-400kB/s"
			}
			b.Run(name, func(b *testing.B) { benchStick(b, h, m, fs, slow) })
		}
	}
	m.powerOff(b)
}

// costs are the times of both writers.
type costs struct{ careful, plain time.Duration }

func (c costs) report(b *testing.B, rounds int) {
	files := float64(rounds * benchFiles)
	b.ReportMetric(0, "ns/op") // of both together, which says nothing
	b.ReportMetric(c.careful.Seconds()*1000/files, "ms/gapferry")
	b.ReportMetric(c.plain.Seconds()*1000/files, "ms/cp+sync")
	b.ReportMetric(c.careful.Seconds()/c.plain.Seconds(), "ratio")
}

func benchDir(b *testing.B) {
	root, err := os.MkdirTemp(os.Getenv(benchEnv), "gapferry-bench-")
	must(b, err)
	b.Cleanup(func() { os.RemoveAll(root) })
	carrier, err := media.OpenDir(root)
	must(b, err)
	must(b, os.Mkdir(filepath.Join(root, "plain.db"), 0o755))
	data := make([]byte, benchSize)
	var c costs
	rounds := 0
	for ; b.Loop(); rounds++ {
		for i := range benchFiles {
			// Each differs, or it would be there already.
			data[0], data[1], data[2] = byte(rounds), byte(rounds>>8), byte(i)
			name := fmt.Sprintf("x-%06d-%d.gfb", rounds, i)
			start := time.Now()
			_, err := carrier.Write(fmt.Sprintf("r%d.db", rounds), name, data)
			must(b, err)
			c.careful += time.Since(start)
			start = time.Now()
			must(b, copySync(filepath.Join(root, "plain.db", name), data))
			c.plain += time.Since(start)
		}
	}
	c.report(b, rounds)
}

// copySync is cp and then sync -f: the medium alone, since others write to
// this computer's disks too.
func copySync(path string, data []byte) error {
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.Syncfs(int(f.Fd()))
}

func benchStick(b *testing.B, h *host, m *machine, fs fileSystem, slow bool) {
	image := filepath.Join(h.dir, fmt.Sprintf("bench-%s-%v", fs.mount, slow))
	must(b, fs.format(image))
	s, err := m.plug(image, fs, plugHow{slow: slow})
	must(b, err)
	var c costs
	rounds := 0
	for ; b.Loop(); rounds++ {
		for writer, sum := range map[string]*time.Duration{"gapferry": &c.careful, "cp": &c.plain} {
			_, end, err := m.call(wire.Request{Op: wire.Exec, Args: []string{
				"/init", "burst", "-writer", writer, "-folder", fmt.Sprintf("%s%d.db", writer, rounds),
				"-seed", fmt.Sprint(rounds), "-count", fmt.Sprint(benchFiles), "-size", fmt.Sprint(2 * benchSize),
			}})
			must(b, err)
			took, err := time.ParseDuration(strings.TrimSpace(end.Exit.Stderr))
			must(b, err)
			*sum += took
		}
	}
	c.report(b, rounds)
	must(b, s.unplug())
	os.Remove(image)
}
