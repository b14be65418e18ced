package usb

import (
	"errors"
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

// blockAt follows a link of sysfs to a block device.
func blockAt(link ...string) block {
	dir, err := filepath.EvalSymlinks(filepath.Join(link...))
	if err != nil {
		return ""
	}
	return block(dir)
}

// name is the kernel's name, "sdb1".
func (b block) name() string { return strings.ReplaceAll(filepath.Base(string(b)), "!", "/") }

// path is where a device is found, "/dev/sdb1".
func (b block) path() string { return "/dev/" + b.name() }

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

// isDivided reports whether a disk has partitions, so that its parts count.
func (b block) isDivided() bool {
	for _, name := range namesIn(string(b)) {
		if strings.HasPrefix(name, filepath.Base(string(b))) && exists(string(b), name, "partition") {
			return true
		}
	}
	return false
}

// backingFile is the file that a loop device shows, "" for any other device.
func (b block) backingFile() string {
	return attribute(string(b.disk()), "loop", "backing_file")
}

// disk is the disk of a partition, or the device itself.
func (b block) disk() block {
	if b.isPartition() {
		return block(filepath.Dir(string(b)))
	}
	return b
}

// slaves are the devices that a mapped device (LUKS, LVM, RAID) is made of.
func (b block) slaves() (all []block) {
	for _, name := range namesIn(string(b), "slaves") {
		if slave := blockAt(string(b), "slaves", name); slave != "" {
			all = append(all, slave)
		}
	}
	return all
}

// disks are the physical disks below a device.
func (b block) disks() []block { return b.disksBelow(maxStack) }

func (b block) disksBelow(depth int) (all []block) {
	b = b.disk()
	slaves := b.slaves()
	if len(slaves) == 0 || depth == 0 {
		return []block{b}
	}
	for _, slave := range slaves {
		all = append(all, slave.disksBelow(depth-1)...)
	}
	return all
}

var errSeveral = errors.New("lies on several disks")

// oneDisk is the physical disk below a device, and whether something (LUKS,
// LVM) lies between.
func (b block) oneDisk() (disk block, mapped bool, err error) {
	all := b.disks()
	for _, d := range all[1:] {
		if d != all[0] {
			return "", true, errSeveral
		}
	}
	return all[0], all[0] != b.disk(), nil
}

// withBelow are a device and all that it lies on: its disk, what it is mapped to.
func (b block) withBelow() map[block]bool {
	all := map[block]bool{}
	var add func(b block, depth int)
	add = func(b block, depth int) {
		if b == "" || all[b] || depth > 2*maxStack {
			return
		}
		all[b] = true
		if b.isPartition() {
			add(b.disk(), depth+1)
		}
		for _, slave := range b.slaves() {
			add(slave, depth+1)
		}
	}
	add(b, 0)
	return all
}
