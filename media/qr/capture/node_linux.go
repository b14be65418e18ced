package capture

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// node is an open device of V4L2 that sends pictures.
type node struct {
	fd   int
	card string // what it says that it is
}

const majorV4L2 = 81 // Documentation/admin-guide/devices.txt of Linux

var errNotCamera = errors.New("it is not a camera, or not one that sends a stream")

// openNode opens such a device, and nothing else.
func openNode(path string) (node, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return node{}, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFCHR || unix.Major(uint64(st.Rdev)) != majorV4L2 { //nolint:unconvert // widths differ between platforms
		return node{}, errNotCamera
	}
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return node{}, err
	}
	var c v4l2Capability
	if err := ioctl(fd, vidiocQueryCap, unsafe.Pointer(&c)); err != nil {
		unix.Close(fd)
		return node{}, err
	}
	caps := c.capabilities
	if caps&capDeviceCaps != 0 {
		caps = c.deviceCaps
	}
	if caps&capVideoCapture == 0 || caps&capStreaming == 0 {
		unix.Close(fd)
		return node{}, errNotCamera
	}
	return node{fd, unix.ByteSliceToString(c.card[:])}, nil
}

// maxAnswers bounds a list that a device gives entry by entry: the longest of
// webcams have some 30.
const maxAnswers = 256

// formats are the pixel formats that it gives.
func (n node) formats() (all []uint32) {
	for i := range uint32(maxAnswers) {
		d := v4l2FormatDesc{index: i, kind: typeCapture}
		if ioctl(n.fd, vidiocEnumFormats, unsafe.Pointer(&d)) != nil {
			break
		}
		all = append(all, d.pixelFormat)
	}
	return all
}

// sizes are those of a format that are worth considering.
func (n node) sizes(format uint32) (all [][2]int) {
	for i := range uint32(maxAnswers) {
		e := v4l2FrameSize{index: i, pixelFormat: format}
		if ioctl(n.fd, vidiocEnumSizes, unsafe.Pointer(&e)) != nil {
			break
		}
		all = append(all, e.worth()...)
	}
	if len(all) == 0 {
		return sizes // it does not say: the driver takes the nearest
	}
	return all
}

// worth are sizes out of one entry: the one that it names, or some of its range.
func (e *v4l2FrameSize) worth() (all [][2]int) {
	var s [6]int
	for i, v := range e.size {
		s[i] = int(min(v, MaxSide+1))
	}
	add := func(w, h int) {
		if checkSize(w, h, 0) == nil {
			all = append(all, [2]int{w, h})
		}
	}
	if e.kind == sizeDiscrete {
		add(s[0], s[1])
		return all
	}
	w, h := steps{s[0], s[1], s[2]}, steps{s[3], s[4], s[5]}
	for _, want := range sizes {
		add(w.nearest(want[0]), h.nearest(want[1]))
	}
	return all
}

// rate is the highest in pictures a second, 0 if it does not say.
func (n node) rate(format uint32, width, height int) (rate float64) {
	for i := range uint32(maxAnswers) {
		e := v4l2FrameInterval{index: i, pixelFormat: format, width: uint32(width), height: uint32(height)}
		if ioctl(n.fd, vidiocEnumIntervals, unsafe.Pointer(&e)) != nil {
			break
		}
		if shortest := e.interval[0]; shortest.numerator > 0 {
			rate = max(rate, float64(shortest.denominator)/float64(shortest.numerator))
		}
	}
	return rate
}

// set sets a mode. The driver may take another size and form, which it returns.
func (n node) set(m mode) (layout, error) {
	f := v4l2Format{kind: typeCapture}
	f.pix.pixelFormat, f.pix.width, f.pix.height = m.format, uint32(m.width), uint32(m.height)
	if err := ioctl(n.fd, vidiocSetFormat, unsafe.Pointer(&f)); err != nil {
		return layout{}, fmt.Errorf("set a size of %d × %d: %w", m.width, m.height, err)
	}
	l := layout{f.pix.pixelFormat, int(f.pix.width), int(f.pix.height), int(f.pix.bytesPerLine)}
	if !l.known() {
		return layout{}, fmt.Errorf("it was set to %d × %d and gives %d × %d of the form %s",
			m.width, m.height, f.pix.width, f.pix.height, fourLetters(l.format))
	}
	return l, nil
}

// setRate sets the pictures a second. Not every camera can be told; then it has
// a rate of its own.
func (n node) setRate(rate uint32) {
	p := v4l2StreamParm{kind: typeCapture, timePerFrame: v4l2Fraction{1, rate}}
	_ = ioctl(n.fd, vidiocSetParm, unsafe.Pointer(&p))
}
