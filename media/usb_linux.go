package media

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// openUSB is Open for "usb:[LABEL]".
func openUSB(label string) (Carrier, error) {
	stick, err := System{}.OpenStick(label)
	if err != nil {
		return nil, err // not a Carrier that is a nil *Stick
	}
	return stick, nil
}

// deviceNumber is "8:17" as stat shows it.
func deviceNumber(s string) uint64 {
	var major, minor uint32
	fmt.Sscanf(s, "%d:%d", &major, &minor) // mounts has checked the form
	return unix.Mkdev(major, minor)
}
