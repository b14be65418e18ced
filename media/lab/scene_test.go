//go:build linux

package lab

import (
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/gapferry/gapferry/media/lab/internal/wire"
)

// scene is what happens before a phase, and how it is done: what goes wrong in
// one ceremony is done right in the other. It returns more flags.
func (c *ceremony) scene(id string, p *people) (flags []string) {
	c.t.Helper()
	own := len(c.sticks) > 1 // each share has a stick of its own
	switch {
	case own && id == "1":
		c.dirty(p)
	case id == "1":
		c.writeCard(p.m)
	case own && id == "2a":
		c.writeProtected(p)
		// It waits, and goes on by itself when the stick is there.
		p.pause = 2 * time.Second
		return nil
	case own && id == "3a":
		c.wrongStick(p)
	case id == "3a":
		c.systemDisk(p)
		return nil
	case own && id == "3c":
		// All at once: it asks for labels, until one is left.
		for _, s := range c.sticks[1:] {
			must(c.t, s.plug(p.m, p.how))
		}
		flags = []string{"--share-to", "1=usb:SHARE1"}
	case own && id == "3d":
		// Two of three do.
		p.skip = "share officer 1"
	case id == "3b":
		flags = []string{"--check-after-replug"}
		if own {
			// What is to stay mounted is ejected all the same before it is unplugged.
			flags = append(flags, "--keep-mounted")
		}
	}
	if c.sticks[0].in == nil && !(own && id == "3b") {
		must(c.t, c.sticks[0].plug(p.m, p.how))
	}
	return flags
}

// dirty shows that the lab sees a stick that must not be pulled out yet.
func (c *ceremony) dirty(p *people) {
	c.t.Helper()
	s := c.sticks[0]
	must(c.t, s.plug(p.m, p.how))
	c.writeCard(p.m, "--keep-mounted")
	if s.in == nil {
		c.t.Fatal("a stick that is to stay mounted was ejected")
	}
	if err := s.fs.check(s.image); !errors.Is(err, errDirty) {
		c.t.Errorf("a mounted stick is not dirty: %v", err)
	}
	must(c.t, s.takeOut())
}

// writeProtected has the switch of the stick on.
func (c *ceremony) writeProtected(p *people) {
	c.t.Helper()
	must(c.t, c.sticks[0].plug(p.m, plugHow{readOnly: true}))
	c.must(&people{m: p.m}, c.request("phase", "2a", "--yes", "--sa-hash", "-"), 5,
		"read-only file system: the medium is write-protected or mounted read-only: use its switch")
	if c.sticks[0].in != nil {
		c.t.Error("a write-protected stick was not ejected")
		must(c.t, c.sticks[0].takeOut())
	}
}

// wrongStick has the stick of a share officer where that of the databases
// belongs.
func (c *ceremony) wrongStick(p *people) {
	c.t.Helper()
	wrong := c.stick("SHARE1")
	must(c.t, wrong.plug(p.m, p.how))
	c.must(&people{m: p.m}, c.request("phase", "3a", "--yes", "--sa-hash", "-", "--wait", "0s"), 5,
		"usb:SHARE1 was prepared for share officer 1; wanted is the stick for all databases",
		"take this stick out and plug in the one that is wanted")
	if wrong.in == nil {
		c.t.Fatal("a stick that nobody used was ejected")
	}
	c.must(&people{m: p.m}, wire.Request{Args: []string{"/gapferry", "media", "eject", "--stick", "usb:SHARE1"}}, 0)
	if wrong.in != nil {
		c.t.Fatal("media eject did not say that the stick may be removed")
	}
}

// systemDisk has a part of the computer itself on a removable USB disk.
func (c *ceremony) systemDisk(p *people) {
	c.t.Helper()
	image := filepath.Join(c.dir, "var")
	must(c.t, c.fs.format(image))
	system, err := p.m.plug(image, c.fs, plugHow{point: "/var"})
	must(c.t, err)
	c.t.Cleanup(func() {
		if err := system.unplug(); err != nil {
			c.t.Error(err)
		}
	})
	const why = "is on the disk that carries /var of this computer"
	c.must(&people{m: p.m, skip: c.sticks[0].purpose}, c.request("phase", "3a", "--yes", "--sa-hash", "-", "--wait", "0s"), 5,
		"plug in the stick for all databases; waiting", "cannot be used: it "+why)
	must(c.t, c.sticks[0].plug(p.m, p.how))
	lines, err := p.m.run(wire.Request{Args: []string{"/gapferry", "media", "list"}})
	must(c.t, err)
	list := strings.Join(lines, "\n")
	if unwrapped := strings.Join(strings.Fields(list), " "); !strings.Contains(unwrapped, why) || !strings.Contains(unwrapped, "1 of 2 mounted volumes may be used as a stick") {
		c.t.Error("media list does not know the system's disk")
	}
	c.t.Logf("media list at %s:\n%s", p.m.name, list)
}
