package capture

// Camera is a device that gives pictures.
type Camera struct {
	Device string // "/dev/video0"
	Name   string // what the device says that it is: it can hold anything
}
