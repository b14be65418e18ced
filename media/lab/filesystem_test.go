//go:build linux

package lab

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
)

// The layout of every stick: one partition, as they are sold.
const (
	partitionStart = 1 << 20
	sectorSize     = 512
)

// fileSystem is one that sticks are sold with.
type fileSystem struct {
	name  string // as people call it
	mount string // as the kernel calls it
	kind  byte   // of the partition
	size  int64  // bytes of the stick
	mkfs  []string
	fsck  []string
	// read gives the files of a folder whose names match a pattern, or their
	// only name. What cannot be read of a file is cut off.
	read func(image, folder, pattern string) (map[string][]byte, error)
	// dirty is where the volume says that it is mounted and was written to,
	// and in which bit.
	dirty flagBit
}

// flagBit is a bit of the first sector of a partition.
type flagBit struct {
	at  int64
	bit byte
}

// The flags of a FAT32 that Linux uses, and those of section 3.1.13 of the
// specification of exFAT.
var fatDirty, exfatDirty = flagBit{65, 1}, flagBit{106, 2}

var (
	// Clusters as small as they can be, so that folders of a few files have
	// many of them.
	fat32 = fileSystem{
		"FAT32", "vfat", 0x0c, 64 << 20,
		[]string{"mkfs.vfat", "-F", "32", "-s", "1", "-n", "GAPFERRY"}, []string{"fsck.vfat", "-n"}, readFAT, fatDirty,
	}
	// Clusters as sold, and the 65525 of them that make it FAT32.
	wideFAT32 = fileSystem{
		"FAT32, 4 KiB clusters", "vfat", 0x0c, 288 << 20,
		[]string{"mkfs.vfat", "-F", "32", "-s", "8", "-n", "GAPFERRY"}, []string{"fsck.vfat", "-n"}, readFAT, fatDirty,
	}
	exfat = fileSystem{
		"exFAT", "exfat", 0x07, exfatSize,
		[]string{"mkfs.exfat", "-L", "GAPFERRY"}, []string{"fsck.exfat", "-n"}, readExFAT, exfatDirty,
	}

	// The lab's sticks, and those whose writes are replayed.
	fileSystems   = []fileSystem{fat32, exfat}
	replaySystems = []fileSystem{fat32, wideFAT32, exfat}
)

// labelled is the same file system with another label.
func (fs fileSystem) labelled(label string) fileSystem {
	fs.mkfs = append(slices.Clone(fs.mkfs[:len(fs.mkfs)-1]), label)
	return fs
}

// format makes the image of a new stick.
func (fs fileSystem) format(image string) error {
	part := image + ".part"
	defer os.Remove(part)
	if err := sized(part, fs.size-partitionStart); err != nil {
		return err
	}
	if out, err := exec.Command(fs.mkfs[0], append(fs.mkfs[1:], part)...).CombinedOutput(); err != nil {
		return fmt.Errorf("%q: %w\n%s", fs.mkfs, err, out)
	}
	if err := sized(image, fs.size); err != nil {
		return err
	}
	// The table of partitions: one entry, and a signature.
	table := make([]byte, 66)
	table[4] = fs.kind
	binary.LittleEndian.PutUint32(table[8:], partitionStart/sectorSize)
	binary.LittleEndian.PutUint32(table[12:], uint32((fs.size-partitionStart)/sectorSize))
	table[64], table[65] = 0x55, 0xaa
	f, err := os.OpenFile(image, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteAt(table, 446); err != nil {
		return err
	}
	return copyHoles(image, part, partitionStart, 0)
}

// check looks at the flag that says whether the stick was unmounted, and runs
// the file system's own checker.
func (fs fileSystem) check(image string) error {
	f, err := os.Open(image)
	if err != nil {
		return err
	}
	defer f.Close()
	flag := make([]byte, 1)
	if _, err := f.ReadAt(flag, partitionStart+fs.dirty.at); err != nil {
		return err
	}
	if flag[0]&fs.dirty.bit != 0 {
		return errDirty
	}
	part := image + ".part"
	defer os.Remove(part)
	if err := sized(part, fs.size-partitionStart); err != nil {
		return err
	}
	if err := copyHoles(part, image, 0, partitionStart); err != nil {
		return err
	}
	if out, err := exec.Command(fs.fsck[0], append(fs.fsck[1:], part)...).CombinedOutput(); err != nil {
		return fmt.Errorf("%q: %w\n%s", fs.fsck, err, out)
	}
	return nil
}

var errDirty = errors.New("the volume is marked dirty: it was not unmounted")

func sized(path string, size int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Truncate(size)
}

// copyHoles copies a file into another, from and to an offset, and leaves out
// what is zero.
func copyHoles(to, from string, toOffset, fromOffset int64) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer out.Close()
	buf, zero := make([]byte, 64<<10), make([]byte, 64<<10)
	for ; ; fromOffset, toOffset = fromOffset+int64(len(buf)), toOffset+int64(len(buf)) {
		n, err := in.ReadAt(buf, fromOffset)
		if string(buf[:n]) != string(zero[:n]) {
			if _, err := out.WriteAt(buf[:n], toOffset); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
