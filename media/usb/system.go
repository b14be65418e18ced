package usb

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gapferry/gapferry/media"
)

// System is where this computer describes its disks and mounts. An empty
// field is the usual place: /proc, /sys, /dev, /run.
type System struct {
	Proc, Sys, Dev, Run string

	// Carried are places beside /media, /run/media and /mnt below which sticks
	// are mounted.
	Carried []string
	// Store is a path of this computer, or "": the disk that it lies on is
	// never a stick. It need not be there yet.
	Store string
}

// proc is a path of /proc.
func (s System) proc(path ...string) string {
	return filepath.Join(append([]string{orElse(s.Proc, "/proc")}, path...)...)
}

// devices are the block devices.
func (s System) devices() devices {
	return devices{sys: orElse(s.Sys, "/sys"), dev: orElse(s.Dev, "/dev"), run: orElse(s.Run, "/run")}
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
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
		return nil, &media.StepError{Step: "read", Path: path, Err: err}
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxLines+1))
	if err == nil && len(b) > maxLines {
		err = fmt.Errorf("it has more than %d bytes", maxLines)
	}
	if err != nil {
		return nil, &media.StepError{Step: "read", Path: path, Err: err}
	}
	// Not a bufio.Scanner: it would take a carriage return off a name.
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n"), nil
}

// maxLines bounds a file of the system, in bytes: mountinfo of many thousand mounts.
const maxLines = 16 << 20

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
