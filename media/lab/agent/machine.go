//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// mountPoint is where sticks are mounted.
const mountPoint = "/mnt"

// setUp makes a machine of a kernel: the pseudo file systems, a store in
// memory, and the modules in the order of their names.
func setUp() error {
	for _, m := range []struct{ fs, at string }{
		{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"},
		{"tmpfs", "/tmp"}, {"tmpfs", "/store"},
	} {
		if err := os.MkdirAll(m.at, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.fs, m.at, m.fs, 0, ""); err != nil {
			return fmt.Errorf("mount %s: %w", m.at, err)
		}
	}
	if err := os.MkdirAll(mountPoint, 0o755); err != nil {
		return err
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
const plugWait = 30 * time.Second

// plugged waits for a stick and gives its first partition. The serial number
// tells it from one that was pulled out and is still being taken down.
func plugged(serial string) (string, error) {
	for end := time.Now().Add(plugWait); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		parts, err := filepath.Glob("/sys/block/sd*/sd*1")
		if err != nil {
			return "", err
		}
		for _, part := range parts {
			device := "/dev/" + filepath.Base(part)
			if _, err := os.Stat(device); err == nil && serialOf(part) == serial {
				return device, nil
			}
		}
	}
	return "", fmt.Errorf("no stick %s within %v", serial, plugWait)
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
// nothing that would make up for a careless writer ("sync", "flush").
func mount(device, fs string) error {
	const flags = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	options := ""
	if fs == "vfat" {
		options = "utf8" // as desktops mount it
	}
	return unix.Mount(device, mountPoint, fs, flags, options)
}
