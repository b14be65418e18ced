//go:build unix

package flock

import "golang.org/x/sys/unix"

func try(fd uintptr) error {
	for {
		switch err := unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB); err {
		case unix.EINTR:
		case unix.EWOULDBLOCK:
			return ErrHeld
		default:
			return err
		}
	}
}
