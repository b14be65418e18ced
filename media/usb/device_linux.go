package usb

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// deviceNumber is "8:17" as stat shows it.
func deviceNumber(s string) uint64 {
	var major, minor uint32
	fmt.Sscanf(s, "%d:%d", &major, &minor) // mounts has checked the form
	return unix.Mkdev(major, minor)
}

// retry repeats a system call that a signal interrupted.
func retry(call func() error) error {
	for {
		if err := call(); err != unix.EINTR {
			return err
		}
	}
}
