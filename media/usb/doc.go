// Package usb finds USB sticks among the disks of this computer, and lets go of
// them.
//
// A System says of every mounted volume why it is or is not a stick that may be
// used (Volumes): never one on a disk that this computer runs from, keeps its
// store on, or could be started from. It opens the one that is meant as a
// media.Dir, and never guesses between two (OpenStick); it knows a stick again
// that was unplugged (Reopen); and it makes one ready to be pulled out, and says
// whether it may be (Eject).
//
// It runs no program and asks no service: /proc, /sys, /dev and what udev wrote
// below /run are all that it reads, and so Linux is what it is for. Elsewhere
// no stick is found, and a directory is named instead.
//
//	stick, err := usb.System{}.OpenStick("SA-STICK")
//	…
//	_, err = stick.Write("sa.db", name, data)
//	…
//	ejected, err := usb.System{}.Eject(stick.Volume())
//	if ejected.MayRemove() { … }
package usb
