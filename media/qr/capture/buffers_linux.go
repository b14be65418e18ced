package capture

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// buffers is how many frames the driver fills ahead; it may make more or fewer
// of them, and Linux up to 1024. They are emptied as they come.
const (
	buffers    = 4
	maxBuffers = 32 // VIDEO_MAX_FRAME
)

// start has the driver make its buffers and fill them. After an error, close
// gives back what there is.
func (c *v4l2) start() error {
	r := v4l2RequestBuffers{count: buffers, kind: typeCapture, memory: memoryMmap}
	if err := ioctl(c.fd, vidiocRequestBuffers, unsafe.Pointer(&r)); err != nil {
		return fmt.Errorf("request buffers: %w", err)
	}
	c.owner = true
	if r.count == 0 || r.count > maxBuffers {
		return fmt.Errorf("its driver made %d buffers when asked for %d: use another camera", r.count, buffers)
	}
	for i := range r.count {
		if err := c.addBuffer(i); err != nil {
			return err
		}
	}
	kind := int32(typeCapture)
	if err := ioctl(c.fd, vidiocStreamOn, unsafe.Pointer(&kind)); err != nil {
		return fmt.Errorf("start streaming: %w", err)
	}
	return nil
}

// addBuffer maps a buffer of the driver and hands it over to be filled.
func (c *v4l2) addBuffer(index uint32) error {
	b := v4l2Buffer{index: index, kind: typeCapture, memory: memoryMmap}
	if err := ioctl(c.fd, vidiocQueryBuffer, unsafe.Pointer(&b)); err != nil {
		return fmt.Errorf("map a buffer: %w", err)
	}
	// Drivers need to take no other protection than this one (V4L2 mmap()).
	data, err := unix.Mmap(c.fd, int64(b.m.offset), int(b.length), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("map a buffer: %w", err)
	}
	c.buffers = append(c.buffers, data)
	return c.queue(index)
}

// queue gives a buffer to the driver.
func (c *v4l2) queue(index uint32) error {
	b := v4l2Buffer{index: index, kind: typeCapture, memory: memoryMmap}
	if err := ioctl(c.fd, vidiocQueueBuffer, unsafe.Pointer(&b)); err != nil {
		return fmt.Errorf("queue a buffer: %w", err)
	}
	return nil
}

// wait waits up to a second for a frame.
func (c *v4l2) wait() (bool, error) {
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(c.fd), Events: unix.POLLIN}}, 1000)
		if err != unix.EINTR {
			return n > 0, err
		}
	}
}

// frame takes a frame from the driver and gives its buffer back. ok is false
// for a damaged one.
func (c *v4l2) frame() (s still, ok bool, err error) {
	b := v4l2Buffer{kind: typeCapture, memory: memoryMmap}
	err = ioctl(c.fd, vidiocDequeueBuffer, unsafe.Pointer(&b))
	switch {
	case err == unix.EAGAIN:
		return still{}, false, nil // nothing there after all
	case err != nil:
		return still{}, false, err
	}
	data, err := c.filled(&b)
	if err != nil {
		return still{}, false, err
	}
	if b.flags&flagError == 0 {
		s, ok = c.layout.still(data)
	}
	return s, ok, c.queue(b.index)
}

// filled is what the driver put into a buffer.
func (c *v4l2) filled(b *v4l2Buffer) ([]byte, error) {
	if uint64(b.index) >= uint64(len(c.buffers)) || uint64(b.bytesUsed) > uint64(len(c.buffers[b.index])) {
		return nil, errors.New("its driver gives more than its buffers hold: use another camera")
	}
	return c.buffers[b.index][:b.bytesUsed:b.bytesUsed], nil
}

// close gives everything back, in whatever state the camera is. Its errors are
// those of a camera that is gone, but for the last.
func (c *v4l2) close() error {
	if c.owner { // else they are another program's
		kind := int32(typeCapture)
		_ = ioctl(c.fd, vidiocStreamOff, unsafe.Pointer(&kind))
		// Before the rest: a mapping keeps the device open, beyond its descriptor.
		for _, data := range c.buffers {
			_ = unix.Munmap(data)
		}
		r := v4l2RequestBuffers{kind: typeCapture, memory: memoryMmap} // none
		_ = ioctl(c.fd, vidiocRequestBuffers, unsafe.Pointer(&r))
	}
	return unix.Close(c.fd)
}
