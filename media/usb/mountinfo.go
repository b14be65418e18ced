package usb

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gapferry/gapferry/media"
)

// mount is one line of /proc/self/mountinfo (proc_pid_mountinfo(5)).
type mount struct {
	id, parent int
	number     string // device, "8:17"
	root       string // the part of the file system that is mounted: "/" for all of it
	point      string
	options    []string // of the mount and of the file system
	fs         string   // "vfat"
	source     string   // "/dev/sdb1"
	block      block    // that it shows; "" if it is not on a block device
	on         []block  // all that it lies on: see devices.of
}

func (m mount) readOnly() bool { return slices.Contains(m.options, "ro") }

// trouble is the option by which the kernel says that it has stopped using a
// file system after an error (ext4 emergency_ro; shutdown), or "".
func (m mount) trouble() string {
	for _, o := range []string{"emergency_ro", "shutdown"} {
		if slices.Contains(m.options, o) {
			return o
		}
	}
	return ""
}

// readMounts reads the mounts that this process sees, in the order they were
// made. A line that is not understood is an error: it could be the system's disk.
func readMounts(path string, on devices) ([]mount, error) {
	lines, err := linesOf(path)
	if err != nil {
		return nil, err
	}
	var all []mount
	for i, line := range lines {
		m, ok := parseMount(line)
		if !ok {
			return nil, &media.StepError{Step: "read", Path: path, Err: fmt.Errorf("line %d is not understood", i+1)}
		}
		m.block, m.on = on.of(m)
		all = append(all, m)
	}
	return all, nil
}

// parseMount parses "36 35 8:17 / /mnt rw,nosuid shared:1 - vfat /dev/sdb1 rw".
// Fields are parted by one blank each. The kernel escapes blank, tab, line end
// and backslash in them, and nothing else: other white space is part of a name.
func parseMount(line string) (mount, bool) {
	f := strings.Split(line, " ")
	const fixed = 6 // before the optional fields
	if len(f) < fixed {
		return mount{}, false
	}
	dash := slices.Index(f[fixed:], "-")
	if dash < 0 {
		return mount{}, false
	}
	g := f[fixed+dash+1:]
	if len(g) < 2 || f[4] == "" || g[0] == "" {
		return mount{}, false
	}
	id, err1 := strconv.Atoi(f[0])
	parent, err2 := strconv.Atoi(f[1])
	if err1 != nil || err2 != nil || !isDeviceNumber(f[2]) {
		return mount{}, false
	}
	m := mount{id: id, parent: parent, number: f[2], root: unoctal(f[3]), point: unoctal(f[4]), fs: g[0], source: unoctal(g[1])}
	m.options = strings.Split(f[5], ",")
	if len(g) > 2 {
		m.options = append(m.options, strings.Split(unoctal(g[2]), ",")...)
	}
	return m, true
}

func isDeviceNumber(s string) bool {
	major, minor, ok := strings.Cut(s, ":")
	_, err1 := strconv.ParseUint(major, 10, 32)
	_, err2 := strconv.ParseUint(minor, 10, 32)
	return ok && err1 == nil && err2 == nil
}

// unoctal undoes the kernel's \040 for space, \011, \012, \134 and \043.
func unoctal(s string) string {
	return unescape(s, `\`, 3, 8)
}

// unhex undoes udev's \x20.
func unhex(s string) string {
	return unescape(s, `\x`, 2, 16)
}

// unescape replaces mark and a number of so many digits by the byte it stands for.
func unescape(s, mark string, digits, base int) string {
	var b strings.Builder
	for {
		i := strings.Index(s, mark)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i+len(mark):]
		n, err := uint64(0), error(strconv.ErrSyntax)
		if len(s) >= digits {
			n, err = strconv.ParseUint(s[:digits], base, 8)
		}
		if err != nil {
			b.WriteString(mark)
			continue
		}
		b.WriteByte(byte(n))
		s = s[digits:]
	}
}

// isUnder reports whether a path is dir or lies below it.
func isUnder(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}
