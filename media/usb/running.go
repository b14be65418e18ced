package usb

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gapferry/gapferry/media"
)

// What this computer runs from is never a stick. A list of the places where a
// system keeps itself would miss the next one: what is mounted where people
// mount what they carry, and belongs to nothing else, is what may be a stick.

// carriedPlaces are where desktops, udisks and people mount what is carried.
// A disk of which anything is mounted elsewhere belongs to this computer.
var carriedPlaces = []string{"/media", "/run/media", "/mnt"}

// liveMounts are folders below which live systems mount the stick they were
// started from (Debian, Ubuntu, Fedora, Arch, NixOS).
var liveMounts = []string{"/run/live", "/lib/live", "/usr/lib/live", "/cdrom", "/run/initramfs", "/run/archiso", "/iso"}

// running is what this computer runs from.
type running struct {
	disks map[block]string // each, and what of the computer it carries
	known bool             // a disk that carries / was found: no other one does
}

// running finds it.
func (c computer) running() running {
	r := running{disks: map[block]string{}}
	add := func(b block, what string) {
		for _, disk := range c.carriers(b, maxStack) {
			r.disks[disk] = cmp.Or(r.disks[disk], what)
		}
	}
	for _, m := range c.mounts {
		what := ""
		switch {
		case slices.ContainsFunc(liveMounts, func(dir string) bool { return isUnder(m.point, dir) }):
			what = "the live system of this computer"
		case !slices.ContainsFunc(slices.Concat(carriedPlaces, c.system.Carried), func(dir string) bool { return isUnder(m.point, dir) }):
			what = ofThisComputer(m)
		default:
			continue
		}
		r.known = r.known || m.point == "/" && len(m.on) > 0
		for _, b := range m.on {
			add(b, what)
		}
	}
	for _, b := range c.all() {
		// An image in use, like a live system's, needs the disk it lies on.
		if file := b.backingFile(); file != "" {
			for _, on := range c.under(file) {
				add(on, c.imageAt(b))
			}
		}
	}
	for _, on := range c.swaps() {
		add(on, "swap space of this computer")
	}
	if c.system.Store != "" {
		for _, on := range c.under(deepest(c.system.Store)) {
			add(on, "the store "+media.Escape(c.system.Store))
		}
	}
	return r
}

// ofThisComputer says what a mount is that is not where sticks are mounted.
func ofThisComputer(m mount) string { return media.Escape(m.point) + " of this computer" }

// onSystem begins what is said of a volume on a disk of this computer.
const onSystem = "is on the disk that carries "

// refuse says why a volume cannot be told from what this computer runs from,
// or "".
func (r running) refuse(c computer, v Volume, m mount) string {
	for _, disk := range c.carriers(m.block, maxStack) {
		what := r.disks[disk]
		if what == ofThisComputer(m) && m.point != "/" {
			what += ": sticks are mounted below " + strings.Join(carriedPlaces, ", ") + "; the folder of any other is named with dir:PATH"
		}
		if what != "" {
			return onSystem + what
		}
	}
	if r.known {
		return ""
	}
	// / is in memory, or on a file system that does not say where it is (ZFS).
	// It can be on any other partition of the disk, or have come from this one.
	const unknown = ", and what this computer runs from is not known: it could be that. If it is not, name its folder with dir:PATH"
	for _, sib := range v.Siblings {
		if strings.HasPrefix(sib.Device, v.Disk) {
			return "has another partition, " + media.Escape(sib.Device) + unknown
		}
	}
	if name := bootFile(m.point); name != "" {
		return "has " + media.Escape(name) + ", as a disk has from which a computer is started" + unknown
	}
	return ""
}

// carriers are the disks that a device needs: those below it, and where one of
// these is an image (loop), the disks that the image lies on.
func (c computer) carriers(b block, depth int) []block {
	if b == "" || depth == 0 {
		return nil
	}
	var found []block
	for _, disk := range b.disks() {
		found = append(found, disk)
		if file := disk.backingFile(); file != "" {
			for _, on := range c.under(file) {
				found = append(found, c.carriers(on, depth-1)...)
			}
		}
	}
	return found
}

// imageAt says in words which image a loop device shows.
func (c computer) imageAt(b block) string {
	for _, m := range c.mounts {
		if m.block.withBelow()[b] {
			return "an image that is mounted at " + media.Escape(m.point)
		}
	}
	return "an image in use, " + media.Escape(b.backingFile())
}

// swaps are the devices that are swapped to, and those of files that are.
func (c computer) swaps() (found []block) {
	lines, err := linesOf(c.system.proc("swaps"))
	if err != nil {
		return nil
	}
	for _, line := range lines[min(1, len(lines)):] {
		path, _, _ := strings.Cut(line, " ")
		path, _, _ = strings.Cut(path, "\t")
		if path = unoctal(path); strings.HasPrefix(path, "/dev/") {
			found = append(found, c.at(path))
		} else if path != "" {
			found = append(found, c.under(path)...)
		}
	}
	return found
}

// deepest is a path without links, as far as it is there.
func deepest(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	rest := ""
	for dir := path; ; dir = filepath.Dir(dir) {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(real, rest)
		}
		if dir == filepath.Dir(dir) {
			return path
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}

// maxBootNames bounds how many names of a volume are looked at.
const maxBootNames = 1000

// bootFile is the name of a file or folder at the root of a volume that a
// computer is started from, or "".
func bootFile(point string) string {
	d, err := os.Open(point)
	if err != nil {
		return ""
	}
	defer d.Close()
	names, _ := d.Readdirnames(maxBootNames)
	slices.Sort(names)
	for _, name := range names {
		switch lower := strings.ToLower(name); lower {
		case "boot", "efi", "syslinux", "isolinux", "live", "liveos", "casper", "arch", "apks", ".disk", "nix-store.squashfs", "sysresccd":
			return name
		default:
			if strings.HasPrefix(lower, "vmlinuz") || strings.HasPrefix(lower, "initrd") || strings.HasPrefix(lower, "initramfs") {
				return name
			}
		}
	}
	return ""
}
