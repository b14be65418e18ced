package media

import (
	"crypto/rand"
	"fmt"
	"strings"
)

// maxName is the longest file or folder name in bytes. The rule for names is
// what vfat, exfat, ext4, macOS and Windows all keep as it is: no case to
// fold, no accent to compose, no trailing dot to drop.
const maxName = 40

// folderExt ends the name of every database folder.
const folderExt = ".db"

// NameError is a name that this package does not write, or not look for.
type NameError struct {
	Name string // as given; print it with Escape
	Why  string
}

func (e *NameError) Error() string {
	return fmt.Sprintf("name \"%s\": %s", Escape(e.Name), e.Why)
}

// AboutMedium marks a problem of a medium.
func (*NameError) AboutMedium() {}

// CheckName says whether a file on a carrier may have a name: 1 or more of
// [a-z0-9-], one dot, an extension of 1 or more of [a-z0-9], at most 40 bytes
// together. Not allowed are the extension tmp, which interrupted writes leave
// behind, and the names that Windows keeps for devices. The error is a
// *NameError.
func CheckName(name string) error {
	stem, ext, dot := strings.Cut(name, ".")
	switch {
	case len(name) > maxName:
		return &NameError{name, fmt.Sprintf("longer than %d bytes", maxName)}
	case !dot || !only(stem, true) || !only(ext, false):
		return &NameError{name, "not of the form [a-z0-9-]+.[a-z0-9]+"}
	case ext == "tmp":
		return &NameError{name, "ends in .tmp, which marks an unfinished file"}
	case windowsDevice(stem):
		return &NameError{name, "is the name of a device on Windows"}
	}
	return nil
}

// CheckFolder is CheckName for folders: [a-z0-9-]+ and then ".db".
func CheckFolder(folder string) error {
	stem, ok := strings.CutSuffix(folder, folderExt)
	switch {
	case len(folder) > maxName:
		return &NameError{folder, fmt.Sprintf("longer than %d bytes", maxName)}
	case !ok || !only(stem, true):
		return &NameError{folder, "not of the form [a-z0-9-]+.db"}
	case windowsDevice(stem):
		return &NameError{folder, "is the name of a device on Windows"}
	}
	return nil
}

// canonical is the name that gapferry gives, of one that a stick shows: systems
// that knew no small letters, and old FAT names, change the case.
func canonical(name string) string { return strings.ToLower(name) }

// spellings are the names that differ from one of ours in case alone, or not
// at all.
func spellings(names []string, ours string) (found []string) {
	for _, name := range names {
		if canonical(name) == ours {
			found = append(found, name)
		}
	}
	return found
}

// only reports whether s is one or more of [a-z0-9], and - if dash is set.
func only(s string, dash bool) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || dash && c == '-') {
			return false
		}
	}
	return s != ""
}

// windowsDevice reports whether Windows takes a stem for a device, whatever
// extension follows. Linux creates such files; Windows cannot open them.
func windowsDevice(stem string) bool {
	switch stem {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(stem) == 4 && (stem[:3] == "com" || stem[:3] == "lpt") && '0' <= stem[3] && stem[3] <= '9'
}

// tempPrefix, tempRandom and tempExt make the names of unfinished files:
// "gf" + 6 random characters + ".tmp". 8+3 characters need no long name on FAT.
const (
	tempPrefix   = "gf"
	tempRandom   = 6
	tempExt      = ".tmp"
	tempAlphabet = "abcdefghijklmnopqrstuvwxyz234567"
)

// isTemp reports whether a name is one that this package gives to unfinished
// files, and no other.
func isTemp(name string) bool {
	if len(name) != len(tempPrefix)+tempRandom+len(tempExt) ||
		!strings.HasPrefix(name, tempPrefix) || !strings.HasSuffix(name, tempExt) {
		return false
	}
	random := name[len(tempPrefix) : len(tempPrefix)+tempRandom]
	return strings.Trim(random, tempAlphabet) == ""
}

// tempName is a new name for an unfinished file.
func tempName() string {
	random := make([]byte, tempRandom)
	rand.Read(random) // never fails
	for i, b := range random {
		random[i] = tempAlphabet[int(b)%len(tempAlphabet)]
	}
	return tempPrefix + string(random) + tempExt
}
