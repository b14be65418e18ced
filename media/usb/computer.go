package usb

import "slices"

// computer is what one look at a System found: what is mounted, and on which
// devices.
type computer struct {
	system System
	devices
	mounts []mount // in the order they were made
}

// look reads what is mounted now. The error is a *media.StepError.
func (s System) look() (computer, error) {
	c := computer{system: s, devices: s.devices()}
	var err error
	c.mounts, err = readMounts(s.proc("self", "mountinfo"), c.devices)
	return c, err
}

// under are the devices of the mount that a path lies on.
func (c computer) under(path string) []block {
	best := -1
	for i, m := range c.mounts {
		if isUnder(path, m.point) && (best < 0 || len(m.point) >= len(c.mounts[best].point)) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	return c.mounts[best].on
}

// pointsOn lists what is mounted of a disk, the last mounted first.
func (c computer) pointsOn(disk string) (points []string) {
	for _, m := range slices.Backward(c.mounts) {
		if m.block != "" && slices.ContainsFunc(m.block.disks(), func(b block) bool { return b.path() == disk }) {
			points = append(points, m.point)
		}
	}
	return points
}

// hidden reports whether another mount lies over m, on its own mount point or
// on a folder above it.
func (c computer) hidden(m mount) bool {
	byID := map[int]mount{}
	for _, o := range c.mounts {
		byID[o.id] = o
	}
	// The mounts that m is reached through, and where each is left for the next.
	left := map[int]string{m.id: m.point}
	for o, ok := m, true; ok; {
		if _, loop := left[o.parent]; loop {
			break
		}
		left[o.parent] = o.point
		o, ok = byID[o.parent]
	}
	return slices.ContainsFunc(c.mounts, func(o mount) bool {
		_, onTheWay := left[o.id]
		point, onIt := left[o.parent]
		return !onTheWay && onIt && isUnder(point, o.point)
	})
}
