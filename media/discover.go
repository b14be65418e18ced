package media

import (
	"cmp"
	"slices"
)

// systemMounts are where a computer keeps itself. A disk that carries one of
// them is never a stick, whatever it says of itself: else a system that runs
// from a stick would find its own.
var systemMounts = []string{"/", "/boot", "/boot/efi", "/efi", "/usr", "/var", "/home"}

// liveMounts are folders below which live systems mount the stick they were
// started from (Debian, Ubuntu, Fedora, Arch).
var liveMounts = []string{"/run/live", "/lib/live", "/usr/lib/live", "/cdrom", "/run/initramfs", "/run/archiso"}

// knownFS are the file systems the write recipe was measured on. Others are
// refused: each kernel driver is a parser that the stick's maker feeds.
var knownFS = []string{"vfat", "exfat", "ext4"}

// Volumes lists every mounted block device in the order of the mounts, each
// with the reason why it is or is not a stick that may be used. The error is
// a *StepError.
func (s System) Volumes() ([]Volume, error) {
	all, err := s.mounts()
	if err != nil {
		return nil, err
	}
	system := s.systemDisks(all)
	var volumes []Volume
	for _, m := range all {
		if m.block == "" {
			continue
		}
		v := s.volume(m, all)
		v.Why = s.refuse(v, m, all, system)
		if v.Usable = v.Why == ""; v.Usable {
			v.Why = praise(v)
			if first := slices.IndexFunc(volumes, func(o Volume) bool { return o.Usable && o.number == v.number }); first >= 0 {
				v.Usable, v.Why = false, "is the volume that is also mounted at "+Escape(volumes[first].Mount)
			}
		}
		volumes = append(volumes, v)
	}
	return volumes, nil
}

// refuse says why a volume must not be used, or "".
func (s System) refuse(v Volume, m mount, all []mount, system map[block]string) string {
	for _, disk := range s.disks(m.block) {
		if what := system[disk]; what != "" {
			return "is on the disk that carries " + what
		}
	}
	switch {
	case v.Disk == "":
		return errSeveral.Error()
	case !v.Bit && !v.USB:
		return "is neither removable nor on USB"
	case !slices.Contains(knownFS, v.FS):
		return "has the file system " + Escape(v.FS) + ": use vfat, exfat or ext4"
	case m.root != "/":
		return "is a folder of another mount"
	case hidden(m, all):
		return "is hidden by another mount"
	}
	return ""
}

// praise says why a volume can be used.
func praise(v Volume) string {
	why := "is on USB"
	if !v.USB {
		why = "is removable"
	}
	if v.ReadOnly {
		why += ", for reading only: it is write-protected or mounted read-only"
	}
	return why
}

// systemDisks are the disks that this computer runs from, and what of it they
// carry.
func (s System) systemDisks(all []mount) map[block]string {
	disks := map[block]string{}
	add := func(b block, what string) {
		if b == "" {
			return
		}
		for _, disk := range s.disks(b) {
			disks[disk] = cmp.Or(disks[disk], what)
		}
	}
	for _, m := range all {
		if slices.Contains(systemMounts, m.point) {
			add(m.block, m.point+" of this computer")
		}
		for _, dir := range liveMounts {
			if isUnder(m.point, dir) {
				add(m.block, "the live system of this computer")
			}
		}
		// A mounted image, like a live system's, needs the disk it lies on.
		if m.block == "" {
			continue
		}
		if file := attribute(string(m.block), "loop", "backing_file"); file != "" {
			if on := mountOf(file, all); on >= 0 {
				add(all[on].block, "an image that is mounted at "+Escape(m.point))
			}
		}
	}
	return disks
}

// mountOf is the index of the mount that a path lies on, -1 if none.
func mountOf(path string, all []mount) int {
	best := -1
	for i, m := range all {
		if isUnder(path, m.point) && (best < 0 || len(m.point) >= len(all[best].point)) {
			best = i
		}
	}
	return best
}
