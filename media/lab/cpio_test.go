//go:build linux

package lab

import (
	"bytes"
	"fmt"
)

// cpioFile is a member of an initial file system.
type cpioFile struct {
	name         string
	mode         uint32 // with the file type's bits
	major, minor uint32 // of a device
	data         []byte
}

// cpio packs an initial file system in the "newc" format, the only one that
// the kernel takes (Documentation/driver-api/early-userspace/buffer-format.rst).
// Made here, it needs neither root nor a device node on the host.
func cpio(files []cpioFile) []byte {
	var b bytes.Buffer
	pad := func() {
		for b.Len()%4 != 0 {
			b.WriteByte(0)
		}
	}
	for i, f := range append(files, cpioFile{name: "TRAILER!!!"}) {
		links := 1
		if f.data == nil && f.mode&0o040000 != 0 {
			links = 2
		}
		fmt.Fprintf(&b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
			i+1, f.mode, 0, 0, links, 0, len(f.data), 0, 0, f.major, f.minor, len(f.name)+1, 0)
		b.WriteString(f.name)
		b.WriteByte(0)
		pad()
		b.Write(f.data)
		pad()
	}
	return b.Bytes()
}
