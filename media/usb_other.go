//go:build !linux

package media

// openUSB finds sticks through /proc and /sys, which are Linux's.
func openUSB(string) (Carrier, error) { return nil, &UnsupportedError{"usb"} }

func deviceNumber(string) uint64 { return 0 }
