//go:build !linux

package media

// Eject is for Linux. Elsewhere the system's own way of ejecting is the one to use.
func (s System) Eject(Volume) (Ejected, error) { return Ejected{}, &UnsupportedError{"usb"} }
