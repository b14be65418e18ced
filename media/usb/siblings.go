package usb

// siblings are the devices on the disk of b, and on the USB device of that
// disk, that b does not lie on.
func (c computer) siblings(b, disk block, usb string) (all []Sibling) {
	own := b.withBelow()
	for _, other := range c.all() {
		onStick := isUnder(string(other), string(disk)) || usb != "" && isUnder(string(other), usb)
		if !onStick || own[other] || other.size() == 0 {
			continue // an empty drive has no size: a slot of a card reader
		}
		sib := Sibling{Device: other.path(), Size: other.size()}
		for _, m := range c.mounts {
			if m.block.withBelow()[other] {
				sib.Mounts = append(sib.Mounts, m.point)
			}
		}
		if other.isPartition() || !other.isDivided() || sib.Mounts != nil {
			all = append(all, sib)
		}
	}
	return all
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
