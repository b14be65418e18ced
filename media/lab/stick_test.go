//go:build linux

package lab

import (
	"cmp"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gapferry/gapferry/media/lab/internal/wire"
)

// stickNumber makes the names of nodes unique: those of a stick that was
// pulled out may stay a while.
var stickNumber atomic.Int64

// stick is one that is plugged in.
type stick struct {
	m     *machine
	name  string
	point string // where it is mounted
}

// plugHow says what a stick is like.
type plugHow struct {
	slow     bool   // 400 kB/s
	log      string // record every write in this file
	fixed    bool   // it says of itself that it is not removable, as many do
	readOnly bool   // its switch is on
	point    string // where to mount it; without one, /mnt
	serial   string // without one, it is another stick each time
}

// plug puts a stick into a machine, and mounts it there.
func (m *machine) plug(image string, fs fileSystem, how plugHow) (*stick, error) {
	s := &stick{m: m, name: fmt.Sprintf("stick%d", stickNumber.Add(1)), point: cmp.Or(how.point, "/mnt")}
	node := args{"driver": "file", "filename": image, "read-only": how.readOnly}
	wrap := func(driver string, more args) {
		more["driver"], more["file"], more["read-only"] = driver, node, how.readOnly
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
	serial := cmp.Or(how.serial, strings.ToUpper(s.name))
	_, err := m.qmp.do("device_add", args{
		"driver": "usb-storage", "id": s.name, "drive": s.name, "removable": !how.fixed, "serial": serial,
	})
	if err != nil {
		return nil, err
	}
	_, _, err = m.call(wire.Request{Op: wire.Mount, Serial: serial, FS: fs.mount, Point: s.point})
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
	if _, _, err := s.m.call(wire.Request{Op: wire.Unmount, Point: s.point}); err != nil {
		return err
	}
	if err := s.pull(); err != nil {
		return err
	}
	return s.free()
}
