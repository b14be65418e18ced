//go:build linux

package lab

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// writeLog is what QEMU's blklogwrites recorded, in the format of Linux's
// dm-log-writes (Documentation/admin-guide/device-mapper/log-writes.rst).
type writeLog struct{ entries []logEntry }

// logEntry is one request that reached the stick.
type logEntry struct {
	at    int64  // offset of data
	data  []byte // nil for a flush alone
	flush bool   // all before it is on the stick when it ends
	fua   bool   // data itself is
}

const (
	logMagic   = 0x6a736677736872
	logHeader  = 512 // bytes of the superblock, and of each entry's head
	logFlush   = 1 << 0
	logFUA     = 1 << 1
	logDiscard = 1 << 2
	logMark    = 1 << 3
)

// logged is the number of requests in a log that is being written.
func logged(path string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	head := make([]byte, 28)
	if _, err := f.ReadAt(head, 0); err != nil {
		return 0, err
	}
	le := binary.LittleEndian
	if le.Uint64(head) != logMagic || le.Uint64(head[8:]) != 1 || le.Uint32(head[24:]) != sectorSize {
		return 0, errors.New("not a log of writes")
	}
	return int(le.Uint64(head[16:])), nil
}

// readLog reads a finished log.
func readLog(path string) (*writeLog, error) {
	count, err := logged(path)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	l := &writeLog{}
	for b = b[logHeader:]; len(l.entries) < count; {
		if len(b) < logHeader {
			return nil, fmt.Errorf("the log of writes ends after %d of %d", len(l.entries), count)
		}
		flags, size := le.Uint64(b[16:]), int(le.Uint64(b[8:]))*sectorSize
		e := logEntry{at: int64(le.Uint64(b)) * sectorSize, flush: flags&logFlush != 0, fua: flags&logFUA != 0}
		b = b[logHeader:]
		if flags&(logDiscard|logMark) != 0 {
			return nil, fmt.Errorf("request %d has flags %d, which the lab does not replay", len(l.entries), flags)
		}
		if size > len(b) {
			return nil, fmt.Errorf("the log of writes ends in request %d", len(l.entries))
		}
		if size > 0 {
			e.data, b = b[:size], b[size:]
		}
		l.entries = append(l.entries, e)
	}
	return l, nil
}
