//go:build linux

package lab

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gapferry/gapferry/media/lab/internal/wire"
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
}

var (
	// Clusters as small as they can be, so that folders of a few files have
	// many of them.
	fat32 = fileSystem{
		"FAT32", "vfat", 0x0c, 64 << 20,
		[]string{"mkfs.vfat", "-F", "32", "-s", "1", "-n", "GAPFERRY"}, []string{"fsck.vfat", "-n"}, readFAT,
	}
	// Clusters as sold, and the 65525 of them that make it FAT32.
	wideFAT32 = fileSystem{
		"FAT32, 4 KiB clusters", "vfat", 0x0c, 288 << 20,
		[]string{"mkfs.vfat", "-F", "32", "-s", "8", "-n", "GAPFERRY"}, []string{"fsck.vfat", "-n"}, readFAT,
	}
	exfat = fileSystem{
		"exFAT", "exfat", 0x07, exfatSize,
		[]string{"mkfs.exfat", "-L", "GAPFERRY"}, []string{"fsck.exfat", "-n"}, readExFAT,
	}

	// The lab's sticks, and those whose writes are replayed.
	fileSystems   = []fileSystem{fat32, exfat}
	replaySystems = []fileSystem{fat32, wideFAT32, exfat}
)

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

// check runs the file system's own checker.
func (fs fileSystem) check(image string) error {
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

// stickNumber makes the names of nodes unique: those of a stick that was
// pulled out may stay a while.
var stickNumber atomic.Int64

// stick is one that is plugged in.
type stick struct {
	m    *machine
	name string
}

// plugHow says what a stick is like.
type plugHow struct {
	slow bool   // 400 kB/s
	log  string // record every write in this file
}

// plug puts a stick into a machine, and mounts it there.
func (m *machine) plug(image string, fs fileSystem, how plugHow) (*stick, error) {
	s := &stick{m: m, name: fmt.Sprintf("stick%d", stickNumber.Add(1))}
	node := args{"driver": "file", "filename": image}
	wrap := func(driver string, more args) {
		more["driver"], more["file"] = driver, node
		node = more
	}
	wrap("raw", args{})
	if how.slow {
		wrap("throttle", args{"throttle-group": "slow"})
	}
	if how.log != "" {
		wrap("blklogwrites", args{
			"log":                       args{"driver": "file", "filename": how.log},
			"log-super-update-interval": 1, // so that its count can be read at any time
		})
	}
	node["node-name"] = s.name
	if _, err := m.qmp.do("blockdev-add", node); err != nil {
		return nil, err
	}
	serial := strings.ToUpper(s.name)
	_, err := m.qmp.do("device_add", args{
		"driver": "usb-storage", "id": s.name, "drive": s.name, "removable": true, "serial": serial,
	})
	if err != nil {
		return nil, err
	}
	_, at, err := m.call(wire.Request{Op: wire.Plugged, Serial: serial})
	if err != nil {
		return nil, err
	}
	_, _, err = m.call(wire.Request{Op: wire.Mount, Device: at.Device, FS: fs.mount})
	return s, err
}

// pull takes the stick out, whatever the machine does with it.
func (s *stick) pull() error {
	if _, err := s.m.qmp.do("device_del", args{"id": s.name}); err != nil {
		return err
	}
	return s.m.qmp.deleted(s.name)
}

// free lets go of the image, once nothing is under way any more.
func (s *stick) free() error {
	for end := time.Now().Add(qmpWait); ; time.Sleep(20 * time.Millisecond) {
		_, err := s.m.qmp.do("blockdev-del", args{"node-name": s.name})
		if err == nil || time.Now().After(end) {
			return err
		}
	}
}

// unplug is how it ought to be done: unmount, and then take it out.
func (s *stick) unplug() error {
	if _, _, err := s.m.call(wire.Request{Op: wire.Unmount}); err != nil {
		return err
	}
	if err := s.pull(); err != nil {
		return err
	}
	return s.free()
}
