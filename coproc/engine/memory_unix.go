//go:build unix

package engine

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/gapferry/gapferry/coproc"
)

// spareMemory is what the run time needs beside the one large block, in bytes.
const spareMemory = 64 << 20

// enoughMemory refuses to begin what would end in the middle: scrypt with
// N = 2^logN and r = 8 takes 128·r·N bytes at once (RFC 7914 §2), and a Go
// process that does not get them is ended by its run time, with pages of
// output and the wrong exit code.
func enoughMemory(logN int) error {
	need := 128*8<<logN + spareMemory
	probe, err := unix.Mmap(-1, 0, need, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return fmt.Errorf("%w: %d MiB are needed (%v)", coproc.ErrMemory, need>>20, err)
	}
	return unix.Munmap(probe)
}
