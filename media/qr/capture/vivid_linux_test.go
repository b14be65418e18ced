package capture

import (
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gapferry/gapferry/media/qr/detect"
	"github.com/gapferry/gapferry/media/qr/draw"
)

// TestVivid reads a camera through a real kernel: the driver "vivid", which
// makes a webcam and cables from an output to an input. It runs where that is
// loaded, as in a machine of package media/lab.
func TestVivid(t *testing.T) {
	v := openVivid(t)
	t.Run("Cameras", v.cameras)
	t.Run("Webcam", v.webcam)
	for _, format := range []uint32{formatGREY, formatNV12, formatYUYV} {
		t.Run("Bars/"+string(name(format)), func(t *testing.T) { v.bars(t, format) })
	}
	v.connect(t)
	for _, format := range []uint32{formatGREY, formatNV12, formatYUYV} {
		t.Run("Code/"+string(name(format)), func(t *testing.T) { v.code(t, format) })
	}
	t.Run("Busy", v.busy)
	t.Run("Faults", v.faults)
	t.Run("NoStart", v.noStart)
	t.Run("Unplugged", v.unplugged)
}

func name(f uint32) []byte { return []byte{byte(f), byte(f >> 8), byte(f >> 16), byte(f >> 24)} }

// vivid is the two devices of the driver.
type vivid struct {
	camera, output string
	in, out        int // descriptors
}

// Controls of vivid (drivers/media/test-drivers/vivid/vivid-ctrls.c of Linux
// 6.1): VIVID_CID_VIVID_BASE and their numbers.
const (
	vividBase       = 0x00f00000 | 0xf000
	vividOSD        = vividBase + 1
	vividLoop       = vividBase + 37
	vividDisconnect = vividBase + 65
	vividBadFrame   = vividBase + 66
	vividBadBuffers = vividBase + 67
	vividBadQueue   = vividBase + 68
	vividBadStart   = vividBase + 69
	vividBadStream  = vividBase + 70
)

// Further ioctls of linux/videodev2.h, and the buffer type of an output.
const (
	vidiocSetControl = toDriver | fromDriver | 8<<16 | 28
	vidiocSetInput   = toDriver | fromDriver | 4<<16 | 39
	vidiocSetOutput  = toDriver | fromDriver | 4<<16 | 47
	capVideoOutput   = 0x00000002
	typeOutput       = 2
)

func openVivid(t *testing.T) *vivid {
	v := &vivid{in: -1, out: -1}
	paths, err := filepath.Glob("/dev/video*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			continue
		}
		var c v4l2Capability
		err = ioctl(fd, vidiocQueryCap, unsafe.Pointer(&c))
		ours := err == nil && unix.ByteSliceToString(c.driver[:]) == "vivid"
		switch {
		case ours && v.camera == "" && c.deviceCaps&capVideoCapture != 0:
			v.camera, v.in = path, fd
		case ours && v.output == "" && c.deviceCaps&capVideoOutput != 0:
			v.output, v.out = path, fd
		default:
			unix.Close(fd)
		}
	}
	t.Cleanup(v.close)
	if v.camera == "" || v.output == "" {
		t.Skip("needs the driver vivid: it is loaded in a machine of media/lab")
	}
	return v
}

func (v *vivid) close() {
	for _, fd := range []*int{&v.in, &v.out} {
		if *fd >= 0 {
			unix.Close(*fd)
		}
		*fd = -1
	}
}

func set(t *testing.T, fd int, request uintptr, what string, value int32) {
	t.Helper()
	if err := ioctl(fd, request, unsafe.Pointer(&value)); err != nil {
		t.Fatalf("set %s to %d: %v", what, value, err)
	}
}

func control(t *testing.T, fd int, id uint32, value int32) {
	t.Helper()
	arg := struct {
		id    uint32
		value int32
	}{id, value}
	if err := ioctl(fd, vidiocSetControl, unsafe.Pointer(&arg)); err != nil {
		t.Fatalf("set control %#x to %d: %v", id, value, err)
	}
}

// as makes a camera choose a mode.
func as(format uint32, w, h int) func(node) (mode, error) {
	return func(node) (mode, error) { return mode{format, w, h, 0}, nil }
}

// next is the next picture, which must come.
func next(t *testing.T, s Source) Picture {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	p, err := s.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The driver has nodes for output and metadata too: none of them is a camera.
func (v *vivid) cameras(t *testing.T) {
	all, err := Cameras()
	if err != nil || len(all) != 1 || all[0] != (Camera{v.camera, "vivid"}) {
		t.Errorf("cameras %q, %v", all, err)
	}
	if _, err := OpenCamera(v.output); err == nil || err.Error() != "camera "+quote(v.output)+": it is not a camera, or not one that sends a stream" {
		t.Errorf("the output as a camera: %v", err)
	}
}

func (v *vivid) webcam(t *testing.T) {
	s, err := OpenCamera("")
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	for range 3 {
		p := next(t, s)
		var n int
		if _, err := fmt.Sscanf(p.Name, "frame %d", &n); err != nil || n <= last {
			t.Errorf("%q after frame %d", p.Name, last)
		}
		last = n
		if p.Gray.Rect != image.Rect(0, 0, 1280, 720) {
			t.Errorf("its size is %v", p.Gray.Rect)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Next(context.Background()); err != errClosed {
		t.Errorf("after Close: %v", err)
	}
}

// bars looks at the test pattern: eight bars, each darker than the one before.
// The size is none of the driver's, which takes another.
func (v *vivid) bars(t *testing.T, format uint32) {
	c, err := startCamera(v.camera, as(format, 500, 300))
	if err != nil {
		t.Fatal(err)
	}
	s := startBackground(NewestFrame, c.next, c.stop)
	defer s.Close()
	g := next(t, s).Gray
	t.Logf("%+v", c.layout)
	w, h := g.Rect.Dx(), g.Rect.Dy()
	if w != 320 && w != 640 {
		t.Errorf("its size is %v", g.Rect)
	}
	for i := 1; i < 8; i++ {
		a, b := g.GrayAt((2*i-1)*w/16, h*3/4).Y, g.GrayAt((2*i+1)*w/16, h*3/4).Y
		if a < b+5 {
			t.Errorf("bar %d is %d bright, the one before %d", i+1, b, a)
		}
	}
}

// connect connects the HDMI output to the HDMI input. Both have 1280 × 720 at
// first.
func (v *vivid) connect(t *testing.T) {
	t.Helper()
	set(t, v.in, vidiocSetInput, "input", 3)
	set(t, v.out, vidiocSetOutput, "output", 1)
	control(t, v.in, vividOSD, 2) // no text in the picture
	control(t, v.in, vividLoop, 1)
}

// show puts a picture on the output: its driver goes on with the last buffer
// that it got until there is another.
func (v *vivid) show(t *testing.T, g *image.Gray, format uint32) (hide func()) {
	t.Helper()
	fd, err := unix.Open(v.output, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := v4l2Format{kind: typeOutput}
	f.pix.width, f.pix.height, f.pix.pixelFormat, f.pix.field = 1280, 720, format, 1
	if err := ioctl(fd, vidiocSetFormat, unsafe.Pointer(&f)); err != nil {
		t.Fatal(err)
	}
	stride, step := int(f.pix.bytesPerLine), 1
	if format == formatYUYV {
		step = 2
	}
	// write(2) on an output fails in Linux 6.1, so: memory of the driver.
	request := v4l2RequestBuffers{count: 2, kind: typeOutput, memory: memoryMmap}
	if err := ioctl(fd, vidiocRequestBuffers, unsafe.Pointer(&request)); err != nil {
		t.Fatal(err)
	}
	var frames [][]byte
	for i := range request.count {
		b := v4l2Buffer{index: i, kind: typeOutput, memory: memoryMmap}
		if err := ioctl(fd, vidiocQueryBuffer, unsafe.Pointer(&b)); err != nil {
			t.Fatal(err)
		}
		frame, err := unix.Mmap(fd, int64(b.m.offset), int(b.length), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, frame)
		for y := range 720 {
			for x := range 1280 {
				frame[y*stride+step*x] = g.GrayAt(x, y).Y
			}
		}
		b.bytesUsed = b.length
		if err := ioctl(fd, vidiocQueueBuffer, unsafe.Pointer(&b)); err != nil {
			t.Fatal(err)
		}
	}
	kind := int32(typeOutput)
	if err := ioctl(fd, vidiocStreamOn, unsafe.Pointer(&kind)); err != nil {
		t.Fatal(err)
	}
	return func() {
		for _, frame := range frames {
			unix.Munmap(frame)
		}
		unix.Close(fd)
	}
}

// code shows a QR code on the output and reads it with the camera.
func (v *vivid) code(t *testing.T, format uint32) {
	text := "SHOWN ON AN OUTPUT AS " + string(name(format))
	code, err := draw.Encode(text, draw.M, 10)
	if err != nil {
		t.Fatal(err)
	}
	screen := drawing(1280, 720, int(format))
	symbol := code.Image(10)
	for y := range symbol.Rect.Dy() {
		copy(screen.Pix[(y+20)*screen.Stride+300:], symbol.Pix[y*symbol.Stride:][:symbol.Rect.Dx()])
	}
	hide := v.show(t, screen, format)
	defer hide()
	c, err := startCamera(v.camera, as(format, 1280, 720))
	if err != nil {
		t.Fatal(err)
	}
	s := startBackground(NewestFrame, c.next, c.stop)
	defer s.Close()
	var p Picture
	for range 10 { // the first may be from before the output began
		if p = next(t, s); near(p.Gray, screen, 0) == nil {
			break
		}
	}
	if err := near(p.Gray, screen, 0); err != nil {
		t.Errorf("what was shown is not what was seen: %v", err)
	}
	found := detect.Decode(p.Gray, detect.Options{})
	if len(found.Codes) != 1 || found.Codes[0].Text != text {
		t.Errorf("read %+v, %v", found.Codes, found.Hint)
	}
}

func (v *vivid) busy(t *testing.T) {
	first, err := OpenCamera("")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	next(t, first)
	want := "camera " + quote(v.camera) + ": another program is using it: close that one"
	if _, err := OpenCamera(v.camera); err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	next(t, first)
}

// faults makes the driver fail in ways that a camera can while it works.
func (v *vivid) faults(t *testing.T) {
	c, err := startCamera(v.camera, as(formatGREY, 640, 360))
	if err != nil {
		t.Fatal(err)
	}
	control(t, v.in, vividBadFrame, 1)
	damaged := 0
	for range 2 * buffers {
		if ready, err := c.wait(); !ready || err != nil {
			t.Fatalf("no frame: %v", err)
		}
		_, ok, err := c.frame()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			damaged++
		}
	}
	if damaged != 1 {
		t.Errorf("%d of %d frames are damaged, not the one that the driver marked", damaged, 2*buffers)
	}
	s := startBackground(NewestFrame, c.next, c.stop)
	defer s.Close()
	control(t, v.in, vividBadFrame, 1)
	next(t, s)
	next(t, s)
	control(t, v.in, vividBadStream, 1)
	want := "camera " + quote(v.camera) + ": it failed: unplug it, plug it in again and repeat"
	if err := last(t, s); err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}

// last is the error that ends a source.
func last(t *testing.T, s Source) error {
	t.Helper()
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		_, err := s.Next(ctx)
		cancel()
		if err != nil {
			return err
		}
	}
}

// unplugged pulls the camera out. When all have closed it, vivid plugs it in again.
func (v *vivid) unplugged(t *testing.T) {
	s, err := OpenCamera("")
	if err != nil {
		t.Fatal(err)
	}
	next(t, s)
	control(t, v.in, vividDisconnect, 1)
	if got, want := last(t, s).Error(), "camera "+quote(v.camera)+": it was unplugged: plug it in and repeat"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing it: %v", err)
	}
	v.close()
	if s, err = OpenCamera(""); err != nil {
		t.Fatal(err)
	}
	next(t, s)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// noStart is a camera that does not start, as one on a hub without the
// bandwidth for it. It is free again for the next that opens it.
func (v *vivid) noStart(t *testing.T) {
	for _, test := range []struct {
		control uint32
		want    string
	}{
		{vividBadBuffers, "request buffers: invalid argument"},
		{vividBadQueue, "queue a buffer: invalid argument"},
		{vividBadStart, "start streaming: invalid argument"},
	} {
		open, mapped := descriptors(t), mappings(t, v.camera)
		for range 2 {
			control(t, v.in, test.control, 1)
			want := "camera " + quote(v.camera) + ": " + test.want
			if _, err := OpenCamera(""); err == nil || err.Error() != want {
				t.Errorf("%v\nwant %s", err, want)
			}
		}
		if now := descriptors(t); now != open {
			t.Errorf("%s: %d descriptors were open, now %d", test.want, open, now)
		}
		if now := mappings(t, v.camera); now != mapped {
			t.Errorf("%s: %d buffers were mapped, now %d", test.want, mapped, now)
		}
		s, err := OpenCamera("")
		if err != nil {
			t.Fatalf("after an error (%s): %v", test.want, err)
		}
		next(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if now := mappings(t, v.camera); now != mapped {
			t.Errorf("closed: %d buffers were mapped, now %d", mapped, now)
		}
	}
}

// descriptors counts what this process has open.
func descriptors(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// mappings counts what this process has mapped of a file.
func mappings(t *testing.T, path string) int {
	t.Helper()
	all, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(all), path+"\n")
}
