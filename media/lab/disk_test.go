//go:build linux

package lab

import (
	"math/rand/v2"
	"os"
)

// disk is the image of a stick while requests are replayed to it.
type disk struct {
	f       *os.File
	unsafe  []logEntry       // writes since the last flush, in order
	durable map[int64][]byte // what their sectors held at that flush
}

func openDisk(image string) (*disk, error) {
	f, err := os.OpenFile(image, os.O_RDWR, 0)
	return &disk{f: f, durable: map[int64][]byte{}}, err
}

func (d *disk) close() { d.f.Close() }

// pending is the number of writes that a loss of power may undo.
func (d *disk) pending() int { return len(d.unsafe) }

// apply does a request.
func (d *disk) apply(e logEntry) error {
	for off := 0; off < len(e.data); off += sectorSize {
		at := e.at + int64(off)
		if _, ok := d.durable[at]; !ok {
			old := make([]byte, sectorSize)
			if _, err := d.f.ReadAt(old, at); err != nil {
				return err
			}
			d.durable[at] = old
		}
	}
	if len(e.data) > 0 {
		if _, err := d.f.WriteAt(e.data, e.at); err != nil {
			return err
		}
		d.unsafe = append(d.unsafe, e)
	}
	if e.flush {
		d.unsafe = nil
		clear(d.durable)
	}
	return nil
}

// without calls look in a state in which some of the writes since the last
// flush did not reach the stick, or only their beginning did, and then brings
// the present state back.
func (d *disk) without(random *rand.Rand, look func() error) error {
	for at, old := range d.durable {
		if _, err := d.f.WriteAt(old, at); err != nil {
			return err
		}
	}
	for _, e := range d.unsafe {
		data := e.data
		switch random.IntN(4) {
		case 0, 1:
			if !e.fua {
				continue
			}
		case 2:
			if !e.fua {
				data = data[:sectorSize*random.IntN(len(data)/sectorSize+1)]
			}
		}
		if _, err := d.f.WriteAt(data, e.at); err != nil {
			return err
		}
	}
	err := look()
	for _, e := range d.unsafe {
		if _, err := d.f.WriteAt(e.data, e.at); err != nil {
			return err
		}
	}
	return err
}
