package usb

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// block is a block device: its directory below /sys/devices. "" is none.
type block string

// maxStack bounds how many layers (LUKS, LVM, RAID) lie on a disk.
const maxStack = 16

// sectorSize is the unit of sysfs's size, whatever the device's own is.
const sectorSize = 512

// blockOf finds the block device of a mount. A btrfs has a number that no
// device has, and names one of its devices as its source.
func (s System) blockOf(m mount) block {
	if b := s.blockAt(s.sys("dev", "block", m.number)); b != "" {
		return b
	}
	if strings.HasPrefix(m.source, "/dev/") && strings.HasPrefix(m.number, "0:") {
		return s.deviceNode(m.source)
	}
	return ""
}

// blockAt follows a link of sysfs to a block device.
func (s System) blockAt(link string) block {
	dir, err := filepath.EvalSymlinks(link)
	if err != nil {
		return ""
	}
	return block(dir)
}

// blocks lists every block device.
func (s System) blocks() (all []block) {
	for _, name := range namesIn(s.sys("class", "block")) {
		if b := s.blockAt(s.sys("class", "block", name)); b != "" {
			all = append(all, b)
		}
	}
	return all
}

// name is the kernel's name, "sdb1".
func (b block) name() string { return strings.ReplaceAll(filepath.Base(string(b)), "!", "/") }

// size is in bytes, 0 if unknown.
func (b block) size() uint64 {
	n, err := strconv.ParseUint(attribute(string(b), "size"), 10, 54)
	if err != nil {
		return 0
	}
	return n * sectorSize
}

func (b block) readOnly() bool { return attribute(string(b), "ro") == "1" }

// removable reports whether the disk says that its medium is.
func (b block) removable() bool { return attribute(string(b), "removable") == "1" }

// isCard reports whether a disk is an SD card in a reader that is no USB device
// (mmc): it says neither removable nor USB. What is soldered in (eMMC) has the
// type MMC.
func (b block) isCard() bool { return attribute(string(b), "device", "type") == "SD" }

func (b block) isPartition() bool { return exists(string(b), "partition") }

// disk is the disk of a partition, or the device itself.
func (b block) disk() block {
	if b.isPartition() {
		return block(filepath.Dir(string(b)))
	}
	return b
}

// slaves are the devices that a mapped device (LUKS, LVM, RAID) is made of.
func (s System) slaves(b block) (all []block) {
	for _, name := range namesIn(string(b), "slaves") {
		if slave := s.blockAt(filepath.Join(string(b), "slaves", name)); slave != "" {
			all = append(all, slave)
		}
	}
	return all
}

// disks are the physical disks below a device.
func (s System) disks(b block) []block {
	return s.disksBelow(b, maxStack)
}

func (s System) disksBelow(b block, depth int) (all []block) {
	b = b.disk()
	slaves := s.slaves(b)
	if len(slaves) == 0 || depth == 0 {
		return []block{b}
	}
	for _, slave := range slaves {
		all = append(all, s.disksBelow(slave, depth-1)...)
	}
	return all
}

var errSeveral = errors.New("lies on several disks")

// oneDisk is the physical disk below a device, and whether something (LUKS,
// LVM) lies between.
func (s System) oneDisk(b block) (disk block, mapped bool, err error) {
	all := s.disks(b)
	for _, d := range all[1:] {
		if d != all[0] {
			return "", true, errSeveral
		}
	}
	return all[0], all[0] != b.disk(), nil
}

// usbDevice is the directory of the USB device that a disk is part of, "" if
// it is not on USB.
func (s System) usbDevice(b block) string {
	for dir := string(b); isUnder(dir, s.sysReal()) && dir != s.sysReal(); dir = filepath.Dir(dir) {
		link, err := os.Readlink(filepath.Join(dir, "subsystem"))
		if err == nil && filepath.Base(link) == "usb" && exists(dir, "idVendor") {
			return dir
		}
	}
	return ""
}

// sysReal is /sys without links, as the directories of blocks begin.
func (s System) sysReal() string {
	dir, err := filepath.EvalSymlinks(s.sys())
	if err != nil {
		return s.sys()
	}
	return dir
}
