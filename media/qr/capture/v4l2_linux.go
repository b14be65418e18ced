package capture

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// What is used here of linux/videodev2.h: its structures as they lie in memory
// on 32 and on 64 bits, and its ioctls.

const (
	capVideoCapture = 0x00000001
	capStreaming    = 0x04000000
	capDeviceCaps   = 0x80000000
	typeCapture     = 1 // V4L2_BUF_TYPE_VIDEO_CAPTURE
	memoryMmap      = 1
	sizeDiscrete    = 1 // V4L2_FRMSIZE_TYPE_DISCRETE
	flagError       = 0x00000040
)

// v4l2Capability is struct v4l2_capability.
type v4l2Capability struct {
	driver       [16]byte
	card         [32]byte
	busInfo      [32]byte
	version      uint32
	capabilities uint32 // of the whole hardware, of which a node for metadata is a part too
	deviceCaps   uint32 // of this node
	_            [3]uint32
}

// v4l2FormatDesc is struct v4l2_fmtdesc.
type v4l2FormatDesc struct {
	index, kind, flags uint32
	description        [32]byte
	pixelFormat        uint32
	_                  [4]uint32
}

// v4l2FrameSize is struct v4l2_frmsizeenum. Its union is width and height, or
// least, most and step of the width, then those of the height.
type v4l2FrameSize struct {
	index, pixelFormat, kind uint32
	size                     [6]uint32
	_                        [2]uint32
}

// v4l2FrameInterval is struct v4l2_frmivalenum. Its union is the interval in
// seconds, or the shortest, the longest and their step.
type v4l2FrameInterval struct {
	index, pixelFormat, width, height, kind uint32
	interval                                [3]v4l2Fraction
	_                                       [2]uint32
}

// v4l2Fraction is struct v4l2_fract.
type v4l2Fraction struct{ numerator, denominator uint32 }

// v4l2Format is struct v4l2_format for pictures: its union is 200 bytes and
// aligned as a pointer.
type v4l2Format struct {
	kind uint32
	pix  struct {
		_            [0]uintptr
		width        uint32
		height       uint32
		pixelFormat  uint32
		field        uint32
		bytesPerLine uint32
		sizeImage    uint32
		_            [200 - 24]byte
	}
}

// v4l2StreamParm is struct v4l2_streamparm for capture.
type v4l2StreamParm struct {
	kind, capability, captureMode uint32
	timePerFrame                  v4l2Fraction // seconds
	_                             [200 - 16]byte
}

// v4l2RequestBuffers is struct v4l2_requestbuffers.
type v4l2RequestBuffers struct {
	count, kind, memory uint32
	_                   [2]uint32
}

// v4l2Buffer is struct v4l2_buffer.
type v4l2Buffer struct {
	index, kind, bytesUsed, flags, field uint32
	_                                    [2]uintptr // timestamp: two of the type long
	_                                    [4]uint32  // timecode
	sequence, memory                     uint32
	m                                    struct { // a union as long as a pointer, and aligned as one
		_      [0]uintptr
		offset uint32
	}
	length uint32
	_      [2]uint32
}

// ioctl numbers (asm-generic/ioctl.h): direction, size of the argument, 'V', number.
const (
	toDriver   = 1<<30 | 'V'<<8
	fromDriver = 2<<30 | 'V'<<8

	vidiocQueryCap       = fromDriver | unsafe.Sizeof(v4l2Capability{})<<16 // number 0
	vidiocEnumFormats    = toDriver | fromDriver | unsafe.Sizeof(v4l2FormatDesc{})<<16 | 2
	vidiocSetFormat      = toDriver | fromDriver | unsafe.Sizeof(v4l2Format{})<<16 | 5
	vidiocRequestBuffers = toDriver | fromDriver | unsafe.Sizeof(v4l2RequestBuffers{})<<16 | 8
	vidiocQueryBuffer    = toDriver | fromDriver | unsafe.Sizeof(v4l2Buffer{})<<16 | 9
	vidiocQueueBuffer    = toDriver | fromDriver | unsafe.Sizeof(v4l2Buffer{})<<16 | 15
	vidiocDequeueBuffer  = toDriver | fromDriver | unsafe.Sizeof(v4l2Buffer{})<<16 | 17
	vidiocStreamOn       = toDriver | unsafe.Sizeof(int32(0))<<16 | 18
	vidiocStreamOff      = toDriver | unsafe.Sizeof(int32(0))<<16 | 19
	vidiocSetParm        = toDriver | fromDriver | unsafe.Sizeof(v4l2StreamParm{})<<16 | 22
	vidiocEnumSizes      = toDriver | fromDriver | unsafe.Sizeof(v4l2FrameSize{})<<16 | 74
	vidiocEnumIntervals  = toDriver | fromDriver | unsafe.Sizeof(v4l2FrameInterval{})<<16 | 75
)

// ioctl asks the driver. The argument becomes a number only in the call itself,
// as package unsafe wants it (rule 4): until it returns, it stays where it is.
func ioctl(fd int, request uintptr, arg unsafe.Pointer) error {
	for {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(arg))
		if errno == 0 {
			return nil
		}
		if errno != unix.EINTR {
			return errno
		}
	}
}
