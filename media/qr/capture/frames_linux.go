package capture

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// v4l2 is a camera that has been started.
type v4l2 struct {
	node
	path    string
	layout  layout
	owner   bool     // the driver made its buffers for this descriptor
	buffers [][]byte // its memory
	closing chan struct{}
}

// Bounds of a camera that does not do its work.
const (
	silence    = 10 // seconds without a picture
	maxDamaged = 60 // damaged pictures in a row: two seconds
)

// next waits for a frame. Damaged ones are left out.
func (c *v4l2) next() (still, error) {
	silent, damaged := 0, 0
	for {
		select {
		case <-c.closing:
			return still{}, errClosed
		default:
		}
		ready, err := c.wait()
		if err != nil {
			return still{}, cameraError(c.path, err)
		}
		if !ready {
			if silent++; silent >= silence {
				return still{}, cameraError(c.path, fmt.Errorf("no picture for %d seconds: unplug it, plug it in again and repeat", silence))
			}
			continue
		}
		s, ok, err := c.frame()
		if err != nil {
			return still{}, c.gone(err)
		}
		if ok {
			return s, nil
		}
		if damaged++; damaged >= maxDamaged {
			return still{}, cameraError(c.path, fmt.Errorf("%d damaged pictures in a row: use another cable, port or camera", maxDamaged))
		}
	}
}

// gone is the error of a camera that worked until now.
func (c *v4l2) gone(err error) error {
	if errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ENXIO) {
		return fmt.Errorf("camera %s: it was unplugged: plug it in and repeat", quote(c.path))
	}
	return cameraError(c.path, err)
}

// stop closes the camera when no frame is being taken any more: the buffers
// are the driver's memory, and are taken away with it.
func (c *v4l2) stop(ended <-chan struct{}) error {
	close(c.closing)
	<-ended // within the second of wait
	return c.close()
}
