//go:build linux

package lab

import (
	"encoding/binary"
	"errors"
	"os"
	"path"
	"syscall"
	"unicode/utf16"
)

// exFAT reads a file system as far as the lab needs, by Microsoft's "exFAT
// file system specification". It is here because no program reads exFAT
// without mounting it. It believes what a kernel believes: it does not check
// the sums of directory entries, so that a torn one is not taken for an absent one.
type exFAT struct {
	b       []byte // the partition
	cluster int    // bytes
	fat     int    // offset
	heap    int    // offset of cluster 2
}

// exfatSize is the size of exFAT sticks in bytes.
const exfatSize = 64 << 20

// Directory entry types (section 6.2.1, 7).
const (
	exfatFile   = 0x85
	exfatStream = 0xc0
	exfatName   = 0xc1
)

var errExFAT = errors.New("no exFAT file system that can be read")

// readExFAT reads files of a folder of a stick.
func readExFAT(image, folder, pattern string) (map[string][]byte, error) {
	f, err := os.Open(image)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// Mapped, since of 64 MiB it reads some KiB, thousands of times.
	all, err := syscall.Mmap(int(f.Fd()), 0, exfatSize, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	defer syscall.Munmap(all)
	b := all[partitionStart:]
	if string(b[3:11]) != "EXFAT   " {
		return nil, errExFAT
	}
	le := binary.LittleEndian
	sector := 1 << b[108]
	x := &exFAT{b: b, cluster: sector << b[109], fat: int(le.Uint32(b[80:])) * sector, heap: int(le.Uint32(b[88:])) * sector}
	root, err := x.chain(le.Uint32(b[96:]), -1, false)
	if err != nil {
		return nil, err
	}
	for _, e := range x.entries(root) {
		if e.name != folder {
			continue
		}
		dir, _ := x.read(e) // as much of it as there is
		files := map[string][]byte{}
		for _, e := range x.entries(dir) {
			if ok, err := path.Match(pattern, e.name); err != nil {
				return nil, err
			} else if ok {
				files[e.name], _ = x.read(e)
			}
		}
		return files, nil
	}
	return nil, nil
}

// exFATEntry is a directory entry set.
type exFATEntry struct {
	name        string
	first       uint32 // cluster
	size, valid int    // bytes; between them there are zeros
	contiguous  bool   // without a chain in the FAT
}

// entries gives the files of a directory that are in use.
func (x *exFAT) entries(dir []byte) (all []exFATEntry) {
	le := binary.LittleEndian
	for ; len(dir) >= 32 && dir[0] != 0; dir = dir[32:] {
		more := int(dir[1])
		if dir[0] != exfatFile || more < 2 || len(dir) < 32*(1+more) || dir[32] != exfatStream {
			continue
		}
		s := dir[32:]
		e := exFATEntry{
			first: le.Uint32(s[20:]), size: int(le.Uint64(s[24:])), valid: int(le.Uint64(s[8:])), contiguous: s[1]&2 != 0,
		}
		var units []uint16
		for i := 2; i <= more; i++ {
			n := dir[32*i:]
			if n[0] != exfatName {
				break
			}
			for j := 2; j < 32; j += 2 {
				units = append(units, le.Uint16(n[j:]))
			}
		}
		e.name = string(utf16.Decode(units[:min(int(s[3]), len(units))]))
		all = append(all, e)
	}
	return all
}

// read reads what an entry stands for. With an error, it gives what there is.
func (x *exFAT) read(e exFATEntry) ([]byte, error) {
	if e.size == 0 {
		return []byte{}, nil
	}
	if e.size < 0 || e.size > len(x.b) || e.valid < 0 || e.valid > e.size {
		return nil, errExFAT
	}
	data, err := x.chain(e.first, e.size, e.contiguous)
	clear(data[min(e.valid, len(data)):])
	return data, err
}

// chain reads clusters, up to a size or, if that is -1, to the chain's end.
func (x *exFAT) chain(cluster uint32, size int, contiguous bool) ([]byte, error) {
	var data []byte
	for size < 0 || len(data) < size {
		at := x.heap + (int(cluster)-2)*x.cluster
		if cluster < 2 || at+x.cluster > len(x.b) || len(data) > len(x.b) {
			return data, errExFAT
		}
		data = append(data, x.b[at:at+x.cluster]...)
		if contiguous {
			cluster++
			continue
		}
		next := binary.LittleEndian.Uint32(x.b[x.fat+4*int(cluster):])
		if next >= 0xfffffff7 {
			break
		}
		cluster = next
	}
	if size >= 0 {
		if len(data) < size {
			return data, errExFAT
		}
		data = data[:size]
	}
	return data, nil
}
