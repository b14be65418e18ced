package usb

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeSystem is a small /proc, /sys, /dev and /run of a computer with the
// disks that a test gives it.
type fakeSystem struct {
	System
	t      *testing.T
	root   string
	mounts []string
}

// newFakeSystem is a computer that runs from /dev/sda2, with /boot/efi on
// /dev/sda1, and has no stick.
func newFakeSystem(t *testing.T) *fakeSystem {
	root := t.TempDir()
	f := &fakeSystem{t: t, root: root, System: System{
		Proc: root + "/proc", Sys: root + "/sys", Dev: root + "/dev", Run: root + "/run",
	}}
	f.file("proc/self/mountinfo", "")
	sda := f.disk("pci0000:00/ata1/host0/target0:0:0/0:0:0:0", "sda", "8:0", 1000204886016)
	f.file(sda+"/device/vendor", "ATA     ")
	f.file(sda+"/device/model", "Samsung SSD 870 ")
	f.link("sys/bus/ata", "sys/devices/pci0000:00/ata1/subsystem")
	f.file("sys/devices/pci0000:00/ata1/idVendor", "not a USB device")
	f.partition(sda, "sda1", "8:1", 536870912)
	f.partition(sda, "sda2", "8:2", 999666000896)
	f.mountLine("22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw,errors=remount-ro")
	f.mountLine("23 22 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw")
	f.mountLine("24 22 8:1 / /boot/efi rw,relatime shared:31 - vfat /dev/sda1 rw,fmask=0022")
	return f
}

// file writes one attribute, as the kernel does with a line end.
func (f *fakeSystem) file(path, text string) {
	f.t.Helper()
	mustWrite(f.t, filepath.Join(f.root, path), []byte(text+"\n"))
}

// link makes a symbolic link, relative as in the real trees.
func (f *fakeSystem) link(target, path string) {
	f.t.Helper()
	full := filepath.Join(f.root, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		f.t.Fatal(err)
	}
	relative, err := filepath.Rel(filepath.Dir(full), filepath.Join(f.root, target))
	if err != nil {
		f.t.Fatal(err)
	}
	if err := os.Symlink(relative, full); err != nil {
		f.t.Fatal(err)
	}
}

// disk adds a disk below a device of /sys/devices and returns its directory.
func (f *fakeSystem) disk(device, name, number string, size uint64) string {
	dir := "sys/devices/" + device + "/block/" + name
	f.block(dir, name, number, size)
	f.file(dir+"/removable", "0")
	if err := os.MkdirAll(filepath.Join(f.root, dir, "slaves"), 0o755); err != nil {
		f.t.Fatal(err)
	}
	return dir
}

func (f *fakeSystem) block(dir, name, number string, size uint64) {
	f.file(dir+"/size", fmt.Sprint(size/512))
	f.file(dir+"/ro", "0")
	f.file(dir+"/dev", number)
	f.link(dir, "sys/dev/block/"+number)
	f.link(dir, "sys/class/block/"+name)
}

// partition adds a partition of a disk.
func (f *fakeSystem) partition(disk, name, number string, size uint64) string {
	dir := disk + "/" + name
	f.block(dir, name, number, size)
	f.file(dir+"/partition", "1")
	return dir
}

// lies says that a mapped device lies on another one.
func (f *fakeSystem) lies(mapped, on string) {
	f.link(on, mapped+"/slaves/"+filepath.Base(on))
	f.link(mapped, on+"/holders/"+filepath.Base(mapped))
}

// usb adds a USB device at a port, and returns where its disks hang.
func (f *fakeSystem) usb(port, vendor, product, serial string) string {
	hub := "pci0000:00/0000:00:14.0/usb2"
	f.link("sys/bus/usb", "sys/devices/"+hub+"/"+port+"/subsystem")
	f.file("sys/devices/"+hub+"/idVendor", "1d6b")
	f.file("sys/devices/"+hub+"/serial", "0000:00:14.0")
	dev := hub + "/" + port
	f.file("sys/devices/"+dev+"/idVendor", "0951")
	f.file("sys/devices/"+dev+"/manufacturer", vendor)
	f.file("sys/devices/"+dev+"/product", product)
	if serial != "" {
		f.file("sys/devices/"+dev+"/serial", serial)
	}
	disks := dev + "/" + port + ":1.0"
	f.link("sys/bus/usb", "sys/devices/"+disks+"/subsystem")
	f.file("sys/devices/"+disks+"/bInterfaceClass", "08")
	return disks + "/host6/target6:0:0/6:0:0:0"
}

// stick adds the usual stick: one vfat partition, mounted as udisks does.
func (f *fakeSystem) stick(port, disk string, minor int, label string) string {
	device := f.usb(port, "Kingston", "DataTraveler 3.0", "0C9D92-"+port)
	dir := f.disk(device, disk, fmt.Sprintf("8:%d", minor), 15500000000)
	f.file(dir+"/removable", "1")
	f.file(dir+"/device/vendor", "KINGSTON")
	number := fmt.Sprintf("8:%d", minor+1)
	f.partition(dir, disk+"1", number, 15499000000)
	f.udev(number, label, "1234-"+port)
	f.mountLine(fmt.Sprintf("%d 22 %s / /media/op/%s rw,nosuid,nodev,relatime shared:9 - vfat /dev/%s1 rw,uid=1000,flush",
		100+minor, number, strings.ReplaceAll(label, " ", `\040`), disk))
	return dir
}

// udev records a label and a UUID as udev does.
func (f *fakeSystem) udev(number, label, uuid string) {
	f.file("run/udev/data/b"+number, "I:12345\nE:ID_FS_LABEL="+strings.ReplaceAll(label, " ", "_")+
		"\nE:ID_FS_LABEL_ENC="+strings.ReplaceAll(label, " ", `\x20`)+"\nE:ID_FS_UUID_ENC="+uuid)
}

// mountLine adds a line of mountinfo.
func (f *fakeSystem) mountLine(line string) {
	f.mounts = append(f.mounts, line)
	f.file("proc/self/mountinfo", strings.Join(f.mounts, "\n"))
}

// unmount takes away the lines that hold a text.
func (f *fakeSystem) unmount(text string) {
	var kept []string
	for _, m := range f.mounts {
		if !strings.Contains(m, text) {
			kept = append(kept, m)
		}
	}
	f.mounts = kept
	f.file("proc/self/mountinfo", strings.Join(kept, "\n"))
}
