package usb

import (
	"path/filepath"
	"strings"
)

// siblings are the devices on the disk of b, and on the USB device of that
// disk, that b does not lie on.
func (s System) siblings(b, disk block, usb string, mounts []mount) (all []Sibling) {
	own := s.below(b)
	for _, other := range s.blocks() {
		onStick := isUnder(string(other), string(disk)) || usb != "" && isUnder(string(other), usb)
		if !onStick || own[other] || other.size() == 0 {
			continue // an empty drive has no size: a slot of a card reader
		}
		sib := Sibling{Device: "/dev/" + other.name(), Size: other.size()}
		for _, m := range mounts {
			if s.below(m.block)[other] {
				sib.Mounts = append(sib.Mounts, m.point)
			}
		}
		if other.isPartition() || !s.hasPartitions(other) || sib.Mounts != nil {
			all = append(all, sib)
		}
	}
	return all
}

// below are a device and all that it lies on: its disk, what it is mapped to.
func (s System) below(b block) map[block]bool {
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
		for _, slave := range s.slaves(b) {
			add(slave, depth+1)
		}
	}
	add(b, 0)
	return all
}

// hasPartitions reports whether a disk is divided, so that its parts count.
func (s System) hasPartitions(disk block) bool {
	for _, name := range namesIn(string(disk)) {
		if strings.HasPrefix(name, filepath.Base(string(disk))) && exists(string(disk), name, "partition") {
			return true
		}
	}
	return false
}

// usbNotes tells what else a USB device does than hold files. The numbers are
// the USB base classes.
func usbNotes(dir string) (notes []string) {
	for _, name := range namesIn(dir) {
		switch attribute(dir, name, "bInterfaceClass") {
		case "", "08": // mass storage
		case "03":
			notes = append(notes, "it is also a keyboard or mouse: it can type")
		case "02", "0a", "e0":
			notes = append(notes, "it is also a network device or modem")
		default:
			notes = append(notes, "it is also a device that is no disk")
		}
	}
	return notes
}
