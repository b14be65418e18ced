//go:build !linux

package usb

import "github.com/gapferry/gapferry/media"

// Eject is for Linux. Elsewhere the system's own way of ejecting is the one to use.
func (s System) Eject(Volume) (Ejected, error) {
	return Ejected{}, &media.UnsupportedError{Scheme: "usb"}
}
