package usb

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gapferry/gapferry/media"
)

// Errors of Eject that are not the kernel's.
var (
	errNotMounted   = errors.New("is not mounted there any more")
	errStillMounted = errors.New("is still mounted")
)

func (e *Ejected) note(format string, args ...any) {
	e.Notes = append(e.Notes, fmt.Sprintf(format, args...))
}

// machine is what Eject does to the computer, apart for the tests.
type machine interface {
	syncfs(point string) error
	unmount(point string) error
	openDisk(path string) (disk, error)
}

// disk is a disk that nobody else has open.
type disk interface {
	flush() error              // the kernel's cache and the disk's
	scsi(command []byte) error // one without data
	close() error
}

// SCSI commands (SBC-3, SPC-4). None moves data.
var (
	synchronizeCache = []byte{0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0} // (10), everything, return when done
	allowRemoval     = []byte{0x1e, 0, 0, 0, 0, 0}
	stopAndEject     = []byte{0x1b, 0, 0, 0, 0x02, 0} // START STOP UNIT: LoEj set, START clear
)

// busyTries and busyPause are how long a volume may be busy for a moment, as
// when a desktop looks at the files of a new stick. Variables for the tests.
var (
	busyTries = 10
	busyPause = 100 * time.Millisecond
)

// Eject makes a stick ready to be pulled out: it unmounts every file system
// of the stick, then tells the stick to store what it holds back and to stop.
// It tries no force: a volume in use is a *BusyError and stays mounted. Other
// errors are *media.StepError; unmounting is for root or for the file manager.
//
// An error or Notes can stand beside what was done: ask MayRemove before
// saying that the stick may be removed.
func (s System) Eject(v Volume) (Ejected, error) {
	return s.eject(v, kernel{})
}

func (s System) eject(v Volume, on machine) (Ejected, error) {
	var done Ejected
	points, err := s.toUnmount(v)
	if err != nil {
		return done, err
	}
	for _, point := range points {
		// unmount(2) hides an error of the last writes.
		if err := on.syncfs(point); err != nil {
			return done, &media.StepError{Step: "sync", Path: point, Err: err}
		}
		err := patiently(func() error { return on.unmount(point) })
		if errors.Is(err, unix.EBUSY) {
			return done, s.busy(point)
		}
		if err != nil {
			return done, &media.StepError{Step: "unmount", Path: point, Err: err}
		}
		done.Unmounted = append(done.Unmounted, point)
	}
	c, err := s.look()
	if err != nil {
		return done, err
	}
	if left := c.pointsOn(v.Disk); len(left) > 0 {
		return done, &media.StepError{Step: "unmount", Path: left[0], Err: errStillMounted}
	}
	s.stop(v, on, &done)
	return done, nil
}

// toUnmount lists the mount points of a stick, the last mounted first. It
// refuses what is no stick, whatever v says.
func (s System) toUnmount(v Volume) ([]string, error) {
	volumes, err := s.Volumes()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(volumes, func(o Volume) bool { return o.number == v.number && o.Mount == v.Mount && o.Disk == v.Disk })
	if i < 0 {
		return nil, &media.StepError{Step: "eject", Path: v.Mount, Err: errNotMounted}
	}
	if now := volumes[i]; !now.Usable {
		return nil, &media.StepError{Step: "eject", Path: v.Mount, Err: &refusal{now.Why}}
	}
	c, err := s.look()
	if err != nil {
		return nil, err
	}
	return c.pointsOn(v.Disk), nil
}

// refusal is a reason that is safe to print.
type refusal struct{ why string }

func (r *refusal) Error() string { return r.why }

// patiently repeats what fails with EBUSY for a moment.
func patiently(do func() error) error {
	for i := 1; ; i++ {
		err := do()
		if !errors.Is(err, unix.EBUSY) || i >= busyTries {
			return err
		}
		time.Sleep(busyPause)
	}
}

func (s System) busy(point string) *BusyError {
	e := &BusyError{Mount: point}
	e.Holders, e.Unseen = s.holders(point)
	if c, err := s.look(); err == nil {
		for _, m := range c.mounts {
			if m.point != point && isUnder(m.point, point) {
				e.Mounts = append(e.Mounts, m.point)
			}
		}
	}
	return e
}

// stop flushes and stops a stick of which nothing is mounted here any more.
func (s System) stop(v Volume, on machine, done *Ejected) {
	path := filepath.Join(s.devices().dev, strings.TrimPrefix(v.Disk, "/dev/"))
	var d disk
	// Exclusively: that fails as long as a mount namespace of another
	// process, or a LUKS mapping, holds any part of the disk.
	err := patiently(func() (err error) { d, err = on.openDisk(path); return err })
	switch {
	case errors.Is(err, unix.EBUSY) && v.Mapped:
		done.note("%s is unmounted, but its encryption is still open: close it (cryptsetup close) before you unplug it", media.Escape(v.Disk))
		return
	case errors.Is(err, unix.EBUSY):
		done.note("%s is unmounted here, but something else on this computer still uses it", media.Escape(v.Disk))
		return
	case err != nil:
		done.note("%s was not told to store what it holds back: %s", media.Escape(v.Disk), media.Cause(err))
		return
	}
	defer d.close()
	done.Unused = true
	if err := d.flush(); err != nil {
		done.note("%s did not store what it held back: %s", media.Escape(v.Disk), media.Cause(err))
		return
	}
	if err := tell(d, synchronizeCache); err != nil && !unknownCommand(err) {
		done.note("%s did not store what it held back: %s", media.Escape(v.Disk), media.Cause(err))
		return
	}
	done.Flushed = true
	unlock := tell(d, allowRemoval) // no stick locks, card readers may
	if err := tell(d, stopAndEject); err != nil {
		done.note("%s was not stopped: %s", media.Escape(v.Disk), media.Cause(cmp.Or(err, unlock)))
		return
	}
	done.Stopped = true
}

// tell sends a command, again if the stick has news to tell first.
func tell(d disk, command []byte) error {
	var err error
	for range 3 {
		err = d.scsi(command)
		var sense *scsiError
		if !errors.As(err, &sense) || sense.key != unitAttention {
			break
		}
	}
	return err
}
