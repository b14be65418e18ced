package media

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// System is where this computer describes its disks and mounts. An empty
// field is the usual place: /proc, /sys, /dev, /run.
type System struct{ Proc, Sys, Dev, Run string }

func (s System) proc(path ...string) string { return under(s.Proc, "/proc", path) }
func (s System) sys(path ...string) string  { return under(s.Sys, "/sys", path) }
func (s System) dev(path ...string) string  { return under(s.Dev, "/dev", path) }
func (s System) run(path ...string) string  { return under(s.Run, "/run", path) }

func under(dir, usual string, path []string) string {
	if dir == "" {
		dir = usual
	}
	return filepath.Join(append([]string{dir}, path...)...)
}

// maxAttribute is more than any attribute in sysfs has, in bytes.
const maxAttribute = 4096

// attribute reads a file of sysfs as one trimmed line; "" if it is not there.
// Some of them, like a serial number, come from the device and can hold
// anything: print them with Escape.
func attribute(path ...string) string {
	f, err := os.Open(filepath.Join(path...))
	if err != nil {
		return ""
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxAttribute))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// linesOf reads a file of the system line by line.
func linesOf(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &StepError{Step: "read", Path: path, Err: err}
	}
	defer f.Close()
	var lines []string
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20) // an overlay's options can be long
	for s.Scan() {
		lines = append(lines, s.Text())
	}
	if err := s.Err(); err != nil {
		return nil, &StepError{Step: "read", Path: path, Err: err}
	}
	return lines, nil
}

// exists reports whether there is something at a path.
func exists(path ...string) bool {
	_, err := os.Lstat(filepath.Join(path...))
	return err == nil
}

// namesIn lists a directory of the system, sorted; nothing if it is not there.
func namesIn(path ...string) []string {
	entries, err := os.ReadDir(filepath.Join(path...))
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}
