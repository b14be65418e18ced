package usb

import (
	"os"
	"path/filepath"
	"strings"
)

// labelOf finds the label and UUID of a volume, as its file system says:
// "" for one that is not known. Both are easily copied to another stick.
func (s System) labelOf(m mount) (label, uuid string) {
	// udev's data are by device number; of two volumes with one label,
	// by-label shows only one.
	if lines, err := linesOf(s.run("udev", "data", "b"+s.numberOf(m))); err == nil {
		for _, line := range lines {
			if v, ok := strings.CutPrefix(line, "E:ID_FS_LABEL_ENC="); ok {
				label = unhex(v)
			}
			if v, ok := strings.CutPrefix(line, "E:ID_FS_UUID_ENC="); ok {
				uuid = unhex(v)
			}
		}
	}
	if label == "" {
		label = s.byName("by-label", m.block)
	}
	if uuid == "" {
		uuid = s.byName("by-uuid", m.block)
	}
	return label, uuid
}

// numberOf is a device's number, where it has one of its own.
func (s System) numberOf(m mount) string {
	if number := attribute(string(m.block), "dev"); number != "" {
		return number
	}
	return m.number
}

// byName finds a device among udev's links.
func (s System) byName(kind string, b block) string {
	for _, name := range namesIn(s.dev("disk", kind)) {
		link, err := os.Readlink(s.dev("disk", kind, name))
		if err == nil && filepath.Base(link) == filepath.Base(string(b)) {
			return unhex(name)
		}
	}
	return ""
}
