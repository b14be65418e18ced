package usb

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/media"
)

// Volume is a mounted file system on a block device. What comes from the
// volume or its device (Mount, Label, UUID, Vendor, Model, Serial) can hold
// anything: print it with Escape, or use String. None of it proves which
// stick it is.
type Volume struct {
	Usable bool   // it is removable, not the system's, and of a file system we know
	Why    string // why it is or is not, safe to print

	Mount    string // mount point
	Device   string // "/dev/sdb1"
	Disk     string // "/dev/sdb"; "" if it lies on several
	FS       string // "vfat"
	Size     uint64 // bytes, 0 if unknown
	Label    string // the last element of Mount if the volume has none
	UUID     string // of the file system; "" if unknown
	Vendor   string
	Model    string
	Serial   string // of the USB device; "" if it has none
	USB      bool   // the disk is on USB
	Bit      bool   // the disk says that its medium is removable
	Card     bool   // the disk is an SD card in a reader of this computer
	Mapped   bool   // LUKS or LVM lies between the file system and the disk
	ReadOnly bool   // write-protected, or mounted read-only

	// MissingOptions are the mount options that a stick from outside should have and
	// this one has not: of ro, nosuid, nodev, noexec, nosymfollow. Without ro
	// it can be written, which a reader does not need.
	MissingOptions []string
	// Siblings are the other devices on the same stick: partitions, and
	// disks or CD drives that the same USB device shows.
	Siblings []Sibling
	// Notes are what an operator should know about the stick, safe to print.
	Notes []string

	number string // device number, "8:17"
}

// Sibling is another block device on the same stick.
type Sibling struct {
	Device string   // "/dev/sdb2"
	Size   uint64   // bytes
	Mounts []string // where it is mounted; print with Escape
}

// String describes a volume for people, safe to print:
// "SA-STICK (Kingston DataTraveler 3.0, serial 0C9D92, 15.5 GB, vfat, /dev/sdb1 at /media/SA-STICK)".
func (v Volume) String() string {
	var parts []string
	if device := strings.TrimSpace(v.Vendor + " " + v.Model); device != "" {
		parts = append(parts, media.Escape(device))
	}
	if v.Serial != "" {
		parts = append(parts, "serial "+media.Escape(v.Serial))
	}
	if v.Size > 0 {
		parts = append(parts, decimalSize(v.Size))
	}
	parts = append(parts, media.Escape(v.FS), fmt.Sprintf("%s at %s", media.Escape(v.Device), media.Escape(v.Mount)))
	return fmt.Sprintf("%s (%s)", media.Escape(v.Label), strings.Join(parts, ", "))
}

// decimalSize writes bytes as the print on a stick does: 1 GB is 10^9 bytes.
func decimalSize(n uint64) string {
	switch {
	case n >= 1e12:
		return fmt.Sprintf("%.1f TB", float64(n)/1e12)
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%d bytes", n)
}

// wantedOptions are the mount options of Volume.MissingOptions.
var wantedOptions = []string{"ro", "nosuid", "nodev", "noexec", "nosymfollow"}

// volume gathers what is known of a mounted block device.
func (c computer) volume(m mount) Volume {
	b := m.block
	v := Volume{
		Mount: m.point, Device: b.path(), FS: m.fs, Size: b.size(), number: m.number,
		ReadOnly: m.readOnly() || b.readOnly(),
	}
	for _, o := range wantedOptions {
		if !slices.Contains(m.options, o) {
			v.MissingOptions = append(v.MissingOptions, o)
		}
	}
	v.Label, v.UUID = c.label(m)
	if v.Label == "" {
		v.Label = filepath.Base(m.point)
	}
	disk, mapped, err := b.oneDisk()
	v.Mapped = mapped
	if err != nil {
		return v
	}
	v.Disk = disk.path()
	v.Bit, v.Card = disk.removable(), disk.isCard()
	v.ReadOnly = v.ReadOnly || disk.readOnly()
	v.Vendor, v.Model = attribute(string(disk), "device", "vendor"), attribute(string(disk), "device", "model")
	usb := c.usbDevice(disk)
	if usb != "" {
		v.USB = true
		v.Vendor = orElse(attribute(usb, "manufacturer"), v.Vendor)
		v.Model = orElse(attribute(usb, "product"), v.Model)
		v.Serial = attribute(usb, "serial")
		v.Notes = usbNotes(usb)
	}
	if v.USB || v.Bit || v.Card {
		v.Siblings = c.siblings(b, disk, usb)
	}
	return v
}
