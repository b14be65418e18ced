package usb

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// devices are the block devices of this computer, as the kernel and udev
// describe them in three directories.
type devices struct{ sys, dev, run string }

// all lists every block device.
func (d devices) all() (all []block) {
	for _, name := range namesIn(d.sys, "class", "block") {
		if b := blockAt(d.sys, "class", "block", name); b != "" {
			all = append(all, b)
		}
	}
	return all
}

// of finds the block devices of a mount. It shows the one whose number it has;
// a btrfs has a number that no device has, and names one of its devices as its
// source. It lies on none if it is in memory or on a network, on several where
// the file system does, and perhaps on fewer than are told where the file
// system does not say on which.
func (d devices) of(m mount) (shown block, on []block) {
	if b := blockAt(d.sys, "dev", "block", m.number); b != "" {
		return b, []block{b}
	}
	if strings.HasPrefix(m.source, "/dev/") && strings.HasPrefix(m.number, "0:") {
		shown = d.at(m.source)
	}
	for _, source := range strings.Split(m.source, ":") { // bcachefs names all of them
		if b := d.at(source); b != "" {
			on = append(on, b)
		}
	}
	switch m.fs {
	case "btrfs":
		return shown, d.btrfs(on)
	case "zfs":
		return shown, d.members("zfs_member")
	case "bcachefs":
		if len(on) == 0 {
			return shown, d.members("bcachefs")
		}
	}
	return shown, on
}

// at is the block device that a path like /dev/mapper/x names, or a bare name.
func (d devices) at(path string) block {
	path = strings.TrimPrefix(path, "/dev/")
	if path == "" || strings.HasPrefix(path, "/") {
		return ""
	}
	if node, err := filepath.EvalSymlinks(filepath.Join(d.dev, path)); err == nil {
		path = filepath.Base(node)
	}
	return blockAt(d.sys, "class", "block", strings.ReplaceAll(path, "/", "!"))
}

// btrfs are all devices of the file systems that some devices belong to; of
// every btrfs where none is named, as for /dev/root.
func (d devices) btrfs(named []block) []block {
	all := slices.Clone(named)
	for _, id := range namesIn(d.sys, "fs", "btrfs") {
		var members []block
		for _, name := range namesIn(d.sys, "fs", "btrfs", id, "devices") {
			if b := blockAt(d.sys, "fs", "btrfs", id, "devices", name); b != "" {
				members = append(members, b)
			}
		}
		if len(named) == 0 || slices.ContainsFunc(members, func(b block) bool { return slices.Contains(named, b) }) {
			all = append(all, members...)
		}
	}
	return all
}

// members are the devices that udev found to be part of a kind of file system.
func (d devices) members(kind string) (found []block) {
	for _, b := range d.all() {
		lines, err := d.udev(attribute(string(b), "dev"))
		if err == nil && slices.Contains(lines, "E:ID_FS_TYPE="+kind) {
			found = append(found, b)
		}
	}
	return found
}

// udev is what udev wrote of the device with a number, "8:17".
func (d devices) udev(number string) ([]string, error) {
	return linesOf(filepath.Join(d.run, "udev", "data", "b"+number))
}

// usbDevice is the directory of the USB device that a disk is part of, "" if
// it is not on USB.
func (d devices) usbDevice(disk block) string {
	top := d.sys
	if real, err := filepath.EvalSymlinks(top); err == nil {
		top = real // as the directories of blocks begin
	}
	for dir := string(disk); isUnder(dir, top) && dir != top; dir = filepath.Dir(dir) {
		link, err := os.Readlink(filepath.Join(dir, "subsystem"))
		if err == nil && filepath.Base(link) == "usb" && exists(dir, "idVendor") {
			return dir
		}
	}
	return ""
}

// label finds the label and UUID of a mounted volume, as its file system says:
// "" for one that is not known. Both are easily copied to another stick.
func (d devices) label(m mount) (label, uuid string) {
	// udev's data are by device number; of two volumes with one label,
	// by-label shows only one.
	if lines, err := d.udev(orElse(attribute(string(m.block), "dev"), m.number)); err == nil {
		for _, line := range lines {
			if v, ok := strings.CutPrefix(line, "E:ID_FS_LABEL_ENC="); ok {
				label = unhex(v)
			}
			if v, ok := strings.CutPrefix(line, "E:ID_FS_UUID_ENC="); ok {
				uuid = unhex(v)
			}
		}
	}
	return orElse(label, d.linkName("by-label", m.block)), orElse(uuid, d.linkName("by-uuid", m.block))
}

// linkName finds a device among udev's links of a kind.
func (d devices) linkName(kind string, b block) string {
	for _, name := range namesIn(d.dev, "disk", kind) {
		link, err := os.Readlink(filepath.Join(d.dev, "disk", kind, name))
		if err == nil && filepath.Base(link) == filepath.Base(string(b)) {
			return unhex(name)
		}
	}
	return ""
}
