package capture

import "unsafe"

// wide is 1 on 64 bits and 0 on 32.
const wide = unsafe.Sizeof(uintptr(0)) / 8

// The numbers of videodev2.h hold the sizes of its structures. One that differs
// does not compile, so that go vet sees it for processors that are not here.
var (
	only [1]struct{} // has no element but 0

	_ = only[vidiocQueryCap-0x80685600]
	_ = only[vidiocEnumFormats-0xc0405602]
	_ = only[vidiocSetFormat-(0xc0cc5605+wide*4<<16)]
	_ = only[vidiocRequestBuffers-0xc0145608]
	_ = only[vidiocQueryBuffer-(0xc0445609+wide*20<<16)]
	_ = only[vidiocQueueBuffer-(0xc044560f+wide*20<<16)]
	_ = only[vidiocDequeueBuffer-(0xc0445611+wide*20<<16)]
	_ = only[vidiocStreamOn-0x40045612]
	_ = only[vidiocStreamOff-0x40045613]
	_ = only[vidiocSetParm-0xc0cc5616]
	_ = only[vidiocEnumSizes-0xc02c564a]
	_ = only[vidiocEnumIntervals-0xc034564b]

	// Where the fields lie that are used, behind what differs.
	_ = only[unsafe.Offsetof(v4l2Capability{}.deviceCaps)-88]
	_ = only[unsafe.Offsetof(v4l2FormatDesc{}.pixelFormat)-44]
	_ = only[unsafe.Offsetof(v4l2FrameSize{}.size)-12]
	_ = only[unsafe.Offsetof(v4l2FrameInterval{}.interval)-20]
	_ = only[unsafe.Offsetof(v4l2Format{}.pix)-(4+wide*4)]
	_ = only[unsafe.Offsetof(v4l2Format{}.pix.bytesPerLine)-16]
	_ = only[unsafe.Offsetof(v4l2StreamParm{}.timePerFrame)-12]
	_ = only[unsafe.Offsetof(v4l2Buffer{}.flags)-12]
	_ = only[unsafe.Offsetof(v4l2Buffer{}.memory)-(48+wide*12)]
	_ = only[unsafe.Offsetof(v4l2Buffer{}.m)-(52+wide*12)]
	_ = only[unsafe.Offsetof(v4l2Buffer{}.length)-(56+wide*16)]
)
