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
func (s System) running(all []mount) running {
	r := running{disks: map[block]string{}}
	add := func(b block, what string) {
		for _, disk := range s.carriers(b, all, maxStack) {
			r.disks[disk] = cmp.Or(r.disks[disk], what)
		}
	}
	for _, m := range all {
		what := ""
		switch {
		case slices.ContainsFunc(liveMounts, func(dir string) bool { return isUnder(m.point, dir) }):
			what = "the live system of this computer"
		case !slices.ContainsFunc(slices.Concat(carriedPlaces, s.Carried), func(dir string) bool { return isUnder(m.point, dir) }):
			what = ofThisComputer(m)
		default:
			continue
		}
		devices := s.devicesOf(m)
		r.known = r.known || m.point == "/" && len(devices) > 0
		for _, b := range devices {
			add(b, what)
		}
	}
	for _, b := range s.blocks() {
		// An image in use, like a live system's, needs the disk it lies on.
		if file := backingFile(b); file != "" {
			for _, on := range s.under(file, all) {
				add(on, s.imageAt(b, all))
			}
		}
	}
	for _, on := range s.swaps(all) {
		add(on, "swap space of this computer")
	}
	if s.Store != "" {
		for _, on := range s.under(deepest(s.Store), all) {
			add(on, "the store "+media.Escape(s.Store))
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
func (r running) refuse(s System, v Volume, m mount, all []mount) string {
	for _, disk := range s.carriers(m.block, all, maxStack) {
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
func (s System) carriers(b block, all []mount, depth int) []block {
	if b == "" || depth == 0 {
		return nil
	}
	var found []block
	for _, disk := range s.disks(b) {
		found = append(found, disk)
		if file := backingFile(disk); file != "" {
			for _, on := range s.under(file, all) {
				found = append(found, s.carriers(on, all, depth-1)...)
			}
		}
	}
	return found
}

// backingFile is the file that a loop device shows, "" for any other device.
func backingFile(b block) string {
	return attribute(string(b.disk()), "loop", "backing_file")
}

// imageAt says in words which image a loop device shows.
func (s System) imageAt(b block, all []mount) string {
	for _, m := range all {
		if s.below(m.block)[b] {
			return "an image that is mounted at " + media.Escape(m.point)
		}
	}
	return "an image in use, " + media.Escape(backingFile(b))
}

// devicesOf are the block devices of a mount: none for one in memory or over a
// network, several for file systems that lie on several, and perhaps too many
// where a file system does not say which.
func (s System) devicesOf(m mount) []block {
	if b := s.blockAt(s.sys("dev", "block", m.number)); b != "" {
		return []block{b}
	}
	var named []block
	for _, source := range strings.Split(m.source, ":") { // bcachefs names all of them
		if b := s.deviceNode(source); b != "" {
			named = append(named, b)
		}
	}
	switch m.fs {
	case "btrfs":
		return s.btrfs(named)
	case "zfs":
		return s.members("zfs_member")
	case "bcachefs":
		if len(named) == 0 {
			return s.members("bcachefs")
		}
	}
	return named
}

// deviceNode is the block device that a path like /dev/mapper/x names, or a
// bare name.
func (s System) deviceNode(path string) block {
	path = strings.TrimPrefix(path, "/dev/")
	if path == "" || strings.HasPrefix(path, "/") {
		return ""
	}
	if node, err := filepath.EvalSymlinks(s.dev(path)); err == nil {
		path = filepath.Base(node)
	}
	return s.blockAt(s.sys("class", "block", strings.ReplaceAll(path, "/", "!")))
}

// btrfs are all devices of the file systems that some devices belong to; of
// every btrfs where none is named, as for /dev/root.
func (s System) btrfs(named []block) []block {
	all := slices.Clone(named)
	for _, id := range namesIn(s.sys("fs", "btrfs")) {
		var devices []block
		for _, name := range namesIn(s.sys("fs", "btrfs", id, "devices")) {
			if b := s.blockAt(s.sys("fs", "btrfs", id, "devices", name)); b != "" {
				devices = append(devices, b)
			}
		}
		if len(named) == 0 || slices.ContainsFunc(devices, func(b block) bool { return slices.Contains(named, b) }) {
			all = append(all, devices...)
		}
	}
	return all
}

// members are the devices that udev found to be part of a kind of file system.
func (s System) members(kind string) (found []block) {
	for _, b := range s.blocks() {
		lines, err := linesOf(s.run("udev", "data", "b"+attribute(string(b), "dev")))
		if err == nil && slices.Contains(lines, "E:ID_FS_TYPE="+kind) {
			found = append(found, b)
		}
	}
	return found
}

// under are the devices of the mount that a path lies on.
func (s System) under(path string, all []mount) []block {
	if on := mountOf(path, all); on >= 0 {
		return s.devicesOf(all[on])
	}
	return nil
}

// swaps are the devices that are swapped to, and those of files that are.
func (s System) swaps(all []mount) (found []block) {
	lines, err := linesOf(s.proc("swaps"))
	if err != nil {
		return nil
	}
	for _, line := range lines[min(1, len(lines)):] {
		path, _, _ := strings.Cut(line, " ")
		path, _, _ = strings.Cut(path, "\t")
		if path = unoctal(path); strings.HasPrefix(path, "/dev/") {
			found = append(found, s.deviceNode(path))
		} else if path != "" {
			found = append(found, s.under(path, all)...)
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
