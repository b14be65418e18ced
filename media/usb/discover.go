package usb

import (
	"slices"
	"strings"

	"github.com/gapferry/gapferry/media"
)

// knownFS are the file systems the write recipe was measured on. Others are
// refused: each kernel driver is a parser that the stick's maker feeds.
var knownFS = []string{"vfat", "exfat", "ext4"}

// Volumes lists every mounted block device in the order of the mounts, each
// with the reason why it is or is not a stick that may be used. The error is
// a *media.StepError.
func (s System) Volumes() ([]Volume, error) {
	c, err := s.look()
	if err != nil {
		return nil, err
	}
	system := c.running()
	var volumes []Volume
	for _, m := range c.mounts {
		if m.block == "" {
			continue
		}
		v := c.volume(m)
		v.Why = c.refuse(v, m, system)
		if v.Usable = v.Why == ""; v.Usable {
			v.Why = praise(v)
			if first := slices.IndexFunc(volumes, func(o Volume) bool { return o.Usable && o.number == v.number }); first >= 0 {
				v.Usable, v.Why = false, "is the volume that is also mounted at "+media.Escape(volumes[first].Mount)
			}
		}
		volumes = append(volumes, v)
	}
	return volumes, nil
}

// refuse says why a volume must not be used, or "".
func (c computer) refuse(v Volume, m mount, system running) string {
	why := system.refuse(c, v, m)
	switch {
	case strings.HasPrefix(why, onSystem):
		return why
	case v.Disk == "":
		return errSeveral.Error()
	case !v.Bit && !v.USB && !v.Card:
		return "is neither removable nor on USB"
	case v.FS == "fuseblk":
		return "is mounted by a program (FUSE), which hides what file system it has: mount it with the kernel's own vfat, exfat or ext4"
	case v.FS == "msdos":
		return "is mounted as msdos, which has short names only: mount it as vfat"
	case !slices.Contains(knownFS, v.FS):
		return "has the file system " + media.Escape(v.FS) + ": use vfat, exfat or ext4"
	case m.trouble() != "":
		return "had an error, and the kernel has stopped using its file system (" + m.trouble() + "): take it out and have it checked"
	case m.root != "/":
		return "is a folder of another mount"
	case c.hidden(m):
		return "is hidden by another mount"
	}
	return why
}

// praise says why a volume can be used.
func praise(v Volume) string {
	why := "is removable"
	switch {
	case v.USB:
		why = "is on USB"
	case v.Card:
		why = "is a memory card"
	}
	if v.ReadOnly {
		why += ", for reading only: it is write-protected or mounted read-only"
	}
	return why
}
