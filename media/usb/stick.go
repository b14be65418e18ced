package usb

import (
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/gapferry/gapferry/media"
)

// Stick is a removable volume as a carrier: "usb:[LABEL]".
type Stick struct {
	*media.Dir
	volume Volume
}

// Volume is what was known of the stick when it was opened.
func (s *Stick) Volume() Volume { return s.volume }

// NoStickError is no usable stick, or none with the label that was asked for.
// Whoever can wait asks again: a stick is there 1 to 3 seconds after it was
// plugged in, if something mounts it.
type NoStickError struct {
	Label string // that was asked for; print it with Escape
	// Others are sticks that are mounted and not the one: with another label,
	// or not usable (see Volume.Why).
	Others []Volume
	// Unmounted are sticks that are plugged in and not mounted: "/dev/sdb1".
	Unmounted []string
}

func (e *NoStickError) Error() string {
	s := "no stick is there"
	if e.Label != "" {
		s = "no stick is labelled " + media.Escape(e.Label)
	}
	for _, v := range e.Others {
		s += "; " + v.String()
		if v.Usable {
			s += " has another label"
		} else {
			s += " cannot be used: it " + v.Why
		}
	}
	for _, d := range e.Unmounted {
		s += fmt.Sprintf("; %s is plugged in but not mounted: mount it with the options nosuid,nodev,noexec", media.Escape(d))
	}
	return s
}

// AboutMedium marks a problem of a medium.
func (*NoStickError) AboutMedium() {}

// ChooseError is more than one stick that could be meant. None is guessed.
type ChooseError struct {
	Volumes []Volume
}

func (e *ChooseError) Error() string {
	var all []string
	for _, v := range e.Volumes {
		all = append(all, v.String())
	}
	return fmt.Sprintf("%d sticks are there: %s: name the one by its label (usb:LABEL) or its folder (dir:PATH), or unplug the others",
		len(all), strings.Join(all, ", "))
}

// AboutMedium marks a problem of a medium.
func (*ChooseError) AboutMedium() {}

// OpenStick opens the one usable stick, or the one with a label. A label that
// matches exactly goes before one that differs in case. The errors are
// *NoStickError, *ChooseError and *media.StepError.
func (s System) OpenStick(label string) (*Stick, error) {
	volumes, err := s.Volumes()
	if err != nil {
		return nil, err
	}
	// Mac and Linux keyboards write one letter with an accent in two ways.
	label = norm.NFC.String(label)
	var exact, folded, usable []Volume
	for _, v := range volumes {
		switch is := norm.NFC.String(v.Label); {
		case !v.Usable:
			continue
		case is == label:
			exact = append(exact, v)
		case strings.EqualFold(is, label):
			folded = append(folded, v)
		}
		usable = append(usable, v)
	}
	found := usable
	if label != "" {
		if found = exact; len(found) == 0 {
			found = folded
		}
	}
	switch len(found) {
	case 0:
		return nil, s.noStick(label, volumes)
	case 1:
		return openStick(found[0]), nil
	}
	return nil, &ChooseError{found}
}

// Reopen opens a stick that was unplugged and plugged in again, wherever it is
// mounted now: the volume with the same serial number and UUID, or without
// a UUID the same label. Reading it then reads the stick itself, which is the
// strongest check of a write that one room can do. The errors are
// *NoStickError, *ChooseError and *media.StepError.
func (s System) Reopen(v Volume) (*Stick, error) {
	volumes, err := s.Volumes()
	if err != nil {
		return nil, err
	}
	var found []Volume
	for _, o := range volumes {
		// Without a label of its own, Label follows the mount point.
		if o.Usable && o.Serial == v.Serial && o.UUID == v.UUID && (v.UUID != "" || o.Label == v.Label) {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 0:
		return nil, s.noStick(v.Label, volumes)
	case 1:
		return openStick(found[0]), nil
	}
	return nil, &ChooseError{found}
}

func openStick(v Volume) *Stick {
	return &Stick{media.MountedDir(v.Mount, "usb:"+media.Escape(v.Label), deviceNumber(v.number)), v}
}

// noStick tells what is there instead.
func (s System) noStick(label string, volumes []Volume) *NoStickError {
	e := &NoStickError{Label: label}
	mounted := map[string]bool{}
	for _, v := range volumes {
		if v.USB || v.Bit || v.Card {
			e.Others = append(e.Others, v)
		}
		mounted[v.Device], mounted[v.Disk] = true, true
		for _, sib := range v.Siblings {
			mounted[sib.Device] = true // the stick itself is known
		}
	}
	devices := s.devices()
	for _, b := range devices.all() {
		disk := b.disk()
		divided := !b.isPartition() && b.isDivided()
		removable := disk.removable() || disk.isCard() || devices.usbDevice(disk) != ""
		if removable && !divided && b.size() > 0 && !mounted[b.path()] && len(namesIn(string(b), "holders")) == 0 {
			e.Unmounted = append(e.Unmounted, b.path())
		}
	}
	return e
}
