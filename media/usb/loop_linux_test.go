package usb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gapferry/gapferry/media"
)

// loopStick makes an ext4 file system on a loop device, mounts it, and shows
// it as a stick in a System whose /proc and /dev are the real ones.
func loopStick(t *testing.T) (System, string) {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, "root, to mount")
	}
	mkfs, err := exec.LookPath("mkfs.ext4")
	if err != nil {
		mkfs = "/usr/sbin/mkfs.ext4"
	}
	image := t.TempDir() + "/image"
	if err := errors.Join(os.WriteFile(image, nil, 0o600), os.Truncate(image, 8<<20)); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(mkfs, "-q", "-F", image).CombinedOutput(); err != nil {
		missing(t, "mkfs.ext4: %v %s", err, out)
	}
	name := loopDevice(t, image)
	root := t.TempDir()
	if err := unix.Mount("/dev/"+name, root, "ext4", unix.MS_NOSUID|unix.MS_NODEV, ""); err != nil {
		missing(t, "to mount ext4: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(root, unix.MNT_DETACH) })
	var st unix.Stat_t
	if err := unix.Stat(root, &st); err != nil {
		t.Fatal(err)
	}
	f := newFakeSystem(t)
	number := fmt.Sprintf("%d:%d", unix.Major(st.Dev), unix.Minor(st.Dev))
	f.disk(f.usb("2-1", "Kingston", "DataTraveler", "1"), name, number, 8<<20)
	f.udev(number, "LOOP", "1")
	return System{Sys: f.Sys, Run: f.Run, Carried: []string{root}}, root
}

// loopDevice attaches a file to a free loop device and returns its name.
func loopDevice(t *testing.T, image string) string {
	t.Helper()
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		missing(t, "loop devices: %v", err)
	}
	defer control.Close()
	backing, err := os.OpenFile(image, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer backing.Close()
	for range 10 { // another program may take the free one first
		n, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			missing(t, "a loop device: %v", err)
		}
		name := fmt.Sprintf("loop%d", n)
		dev, err := os.OpenFile("/dev/"+name, os.O_RDWR, 0)
		if err != nil {
			missing(t, "a loop device: %v", err)
		}
		err = unix.IoctlSetInt(int(dev.Fd()), unix.LOOP_SET_FD, int(backing.Fd()))
		if err != nil {
			dev.Close()
			continue
		}
		t.Cleanup(func() {
			unix.IoctlSetInt(int(dev.Fd()), unix.LOOP_CLR_FD, 0)
			dev.Close()
		})
		return name
	}
	missing(t, "a loop device: all are taken")
	return ""
}

// TestEjectReal unmounts a real file system, first one that this process uses.
func TestEjectReal(t *testing.T) {
	defer func(n int) { busyTries = n }(busyTries)
	busyTries = 2
	s, root := loopStick(t)
	stick, err := s.OpenStick("LOOP")
	if err != nil {
		t.Fatal(err)
	}
	written := bytes.Repeat([]byte("a bundle's bytes "), 6000)
	res, err := stick.Write("sa.db", "a.gfb", written)
	if err != nil || res.ReadBack != media.Direct {
		t.Fatal(res, err)
	}
	f, err := os.Open(root + "/sa.db/a.gfb")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Eject(stick.Volume())
	var busy *BusyError
	if !errors.As(err, &busy) || len(busy.Holders) != 1 || busy.Holders[0].PID != os.Getpid() || busy.Holders[0].Path != f.Name() {
		t.Fatalf("%v", err)
	}
	if _, _, err := stick.Read(""); err != nil {
		t.Errorf("a busy volume was unmounted: %v", err)
	}
	f.Close()
	got, err := s.Eject(stick.Volume())
	disk := stick.Volume().Disk
	if s := ejected(got); err != nil || s != "["+root+"] unused flushed, remove: "+disk+" was not stopped: it takes no SCSI commands" {
		t.Error(s, err)
	}
	if left, err := os.ReadDir(root); err != nil || len(left) > 0 {
		t.Errorf("below the mount point: %v, %v", left, err)
	}
	_, err = stick.Write("sa.db", "b.gfb", []byte("b"))
	wantErr(t, err, root, "open <path>: another file system is mounted there now: the medium is gone: plug it in, mount it and repeat")
	if err := unix.Mount(disk, root, "ext4", 0, ""); err != nil {
		t.Fatal(err)
	}
	if res, err := stick.Write("sa.db", "a.gfb", written); err != nil || !res.AlreadyThere {
		t.Error(res, err)
	}
}

// TestEjectElsewhere has a process with mounts of its own keep the disk.
func TestEjectElsewhere(t *testing.T) {
	defer func(n int) { busyTries = n }(busyTries)
	busyTries = 2
	s, root := loopStick(t)
	stick, err := s.OpenStick("LOOP")
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command("/bin/cat")
	other.SysProcAttr = &unix.SysProcAttr{Unshareflags: unix.CLONE_NEWNS}
	in, err1 := other.StdinPipe()
	out, err2 := other.StdoutPipe()
	if err := errors.Join(err1, err2, other.Start()); err != nil {
		missing(t, "a mount namespace: %v", err)
	}
	fmt.Fprintln(in, "up")
	out.Read(make([]byte, 3)) // it runs, and so has its mounts
	got, err := s.Eject(stick.Volume())
	if d := ejected(got); err != nil ||
		d != "["+root+"], stays: "+stick.Volume().Disk+" is unmounted here, but something else on this computer still uses it" {
		t.Error(d, err)
	}
	in.Close()
	if err := other.Wait(); err != nil {
		t.Error(err)
	}
}

func TestKernelDisk(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) == 8 && unsafe.Sizeof(sgHeader{}) != 88 {
		t.Errorf("sg_io_hdr has %d bytes, not 88", unsafe.Sizeof(sgHeader{}))
	}
	if _, err := (kernel{}).openDisk(t.TempDir() + "/none"); !errors.Is(err, unix.ENOENT) {
		t.Error(err)
	}
	if err := (kernel{}).syncfs(t.TempDir()); err != nil {
		t.Error(err)
	}
	if err := (kernel{}).unmount(t.TempDir()); err != unix.EINVAL && err != unix.EPERM {
		t.Error(err)
	}
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := (diskFile{f}).scsi(synchronizeCache); err != errNoSCSI || !strings.Contains(err.Error(), "SCSI") {
		t.Error(err)
	}
}

// TestWipeDevice looks for a file's bytes on the device below the file system:
// they are there after the file was removed, and not after it was wiped.
func TestWipeDevice(t *testing.T) {
	s, root := loopStick(t)
	stick, err := s.OpenStick("")
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte(strings.Repeat("a mark that nothing else on a disk would hold. ", 400))
	for _, folder := range []string{"wiped.db", "removed.db"} {
		if _, err := stick.Write(folder, "a.gfb", append([]byte(folder), secret...)); err != nil {
			t.Fatal(err)
		}
	}
	found := func(folder string) bool {
		t.Helper()
		fd, err := unix.Open(root, unix.O_RDONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(unix.Syncfs(fd), unix.Close(fd))
		f, err2 := os.Open(stick.Volume().Device)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		// The device's own page cache may be older than what the file system wrote.
		if err := unix.IoctlSetInt(int(f.Fd()), unix.BLKFLSBUF, 0); err != nil {
			t.Fatal(err)
		}
		image := make([]byte, 8<<20)
		if _, err := io.ReadFull(f, image); err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(image, fmt.Appendf(nil, "%s%s", folder, secret[:200]))
	}
	if !found("wiped.db") || !found("removed.db") {
		t.Fatal("the test does not find what is there")
	}
	if err := os.RemoveAll(root + "/removed.db"); err != nil {
		t.Fatal(err)
	}
	if got, err := stick.Wipe("wiped.db"); err != nil || !got.Removed {
		t.Fatal(got, err)
	}
	if !found("removed.db") {
		t.Error("removing is enough here: the test proves nothing")
	}
	if found("wiped.db") {
		t.Error("the bytes are still on the device")
	}
}
