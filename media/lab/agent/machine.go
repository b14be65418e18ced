//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// mountPoint is where the writers find their stick.
const mountPoint = "/mnt"

// setUp makes a machine of a kernel: the pseudo file systems, a store in
// memory, and the modules in the order of their names.
func setUp() error {
	for _, m := range []struct{ fs, at string }{
		{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"devpts", "/dev/pts"},
		{"tmpfs", "/tmp"}, {"tmpfs", "/store"},
	} {
		if err := os.MkdirAll(m.at, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.fs, m.at, m.fs, 0, ""); err != nil {
			return fmt.Errorf("mount %s: %w", m.at, err)
		}
	}
	modules, err := filepath.Glob("/modules/*.ko")
	if err != nil {
		return err
	}
	slices.Sort(modules)
	for _, path := range modules {
		if err := load(path); err != nil {
			return fmt.Errorf("load %s: %w", path, err)
		}
	}
	return nil
}

func load(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.FinitModule(int(f.Fd()), "", 0)
}

// openLine opens a serial line and takes the terminal's habits off it.
func openLine(path string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag = unix.CS8 | unix.CREAD | unix.CLOCAL | unix.B115200
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, t); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return os.NewFile(uintptr(fd), path), nil
}

// plugWait bounds the wait for a stick: the kernel asks an USB device many
// questions, and emulated machines on a busy host are slow.
const plugWait = 90 * time.Second

// mountStick waits for a stick and mounts its first partition, as a desktop
// would. A partition that is there may not be ready yet: that is tried again.
func mountStick(serial, fs, point string) error {
	if err := os.MkdirAll(point, 0o755); err != nil {
		return err
	}
	last := errors.New("it is not there")
	for end := time.Now().Add(plugWait); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		parts, err := filepath.Glob("/sys/block/sd*/sd*1")
		if err != nil {
			return err
		}
		for _, part := range parts {
			// The serial number tells it from another that was pulled out
			// and is still being taken down; an error, from itself.
			if serialOf(part) != serial {
				continue
			}
			last = mount("/dev/"+filepath.Base(part), fs, point)
			if last != unix.ENOENT && last != unix.ENXIO && last != unix.EIO {
				return last
			}
		}
	}
	return fmt.Errorf("stick %s within %v: %w", serial, plugWait, last)
}

// serialOf finds the serial number of the USB device that a partition is on.
func serialOf(part string) string {
	path, err := filepath.EvalSymlinks(part)
	if err != nil {
		return ""
	}
	for ; path != "/" && path != "."; path = filepath.Dir(path) {
		if text, err := os.ReadFile(filepath.Join(path, "serial")); err == nil {
			return strings.TrimSpace(string(text))
		}
	}
	return ""
}

// mount mounts a stick with the options of a careful administrator, and
// nothing that would make up for a careless writer ("sync", "flush"). One that
// is write-protected is mounted for reading.
func mount(device, fs, point string) error {
	const flags = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	options := ""
	if fs == "vfat" {
		options = "utf8" // as desktops mount it
	}
	err := unix.Mount(device, point, fs, flags, options)
	if err == unix.EROFS || err == unix.EACCES {
		err = unix.Mount(device, point, fs, flags|unix.MS_RDONLY, options)
	}
	return err
}
