package capture

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestDevicePath(t *testing.T) {
	for in, want := range map[string]string{
		"0": "/dev/video0", "video0": "/dev/video0", "/dev/video0": "/dev/video0", "video12": "/dev/video12",
		"/dev/v4l/by-id/usb-x-index0": "/dev/v4l/by-id/usb-x-index0",
	} {
		if got, err := devicePath(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{
		"video":             `"video" is no camera: say 0, video0 or /dev/video0`,
		"-1":                `"-1" is no camera: say 0, video0 or /dev/video0`,
		"1e3":               `"1e3" is no camera: say 0, video0 or /dev/video0`,
		"video0/../sda":     `"video0/../sda" is no camera: say 0, video0 or /dev/video0`,
		"/dev/../etc/motd":  `"/dev/../etc/motd" is no camera: say 0, video0 or /dev/video0`,
		"99999999999999999": `"99999999999999999" is no camera: say 0, video0 or /dev/video0`,
		"http://camera/\n":  `"http://camera/\n" is no camera: say 0, video0 or /dev/video0`,
	} {
		if got, err := devicePath(in); err == nil || err.Error() != want {
			t.Errorf("%q: %q, %v\nwant %s", in, got, err, want)
		}
	}
}

func TestOnlyCamera(t *testing.T) {
	if got, err := onlyCamera([]Camera{{"/dev/video2", "x"}}); err != nil || got != "/dev/video2" {
		t.Errorf("%q, %v", got, err)
	}
	for _, test := range []struct {
		all  []Camera
		want string
	}{
		{nil, "no camera found: plug one in, or feed frames from a capture program through camera:-"},
		{[]Camera{{"/dev/video0", "HD\x1b[2J Webcam"}, {"/dev/video2", "B"}},
			`2 cameras found, say which one: camera:/dev/video0 is "HD\x1b[2J Webcam", camera:/dev/video2 is "B"`},
	} {
		if _, err := onlyCamera(test.all); err == nil || err.Error() != test.want {
			t.Errorf("%v\nwant %s", err, test.want)
		}
	}
}

// What is no camera is refused before anything is done to it.
func TestOpenCameraBad(t *testing.T) {
	for device, want := range map[string]string{
		"987":       `camera "/dev/video987": it is not there: plug it in`,
		"/dev/null": `camera "/dev/null": it is not a camera, or not one that sends a stream`,
		"/dev/shm":  `camera "/dev/shm": it is not a camera, or not one that sends a stream`,
		"camera":    `"camera" is no camera: say 0, video0 or /dev/video0`,
	} {
		if _, err := OpenCamera(device); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", device, err, want)
		}
	}
	for err, want := range map[error]string{
		unix.EBUSY: `camera "/dev/video0": another program is using it: close that one`,
		fmt.Errorf("request buffers: %w", unix.EBUSY): `camera "/dev/video0": another program is using it: close that one`,
		unix.EACCES: `camera "/dev/video0": this user may not use the camera: add the user to the group "video" and log in again, or feed frames from a capture program through camera:-`,
		unix.EIO:    `camera "/dev/video0": it failed: unplug it, plug it in again and repeat`,
		fmt.Errorf("start streaming: %w", unix.ENOSPC): `camera "/dev/video0": its USB port has not enough bandwidth left: plug it into another one, away from other cameras`,
		unix.EINVAL: `camera "/dev/video0": invalid argument`,
	} {
		if got := cameraError("/dev/video0", err).Error(); got != want {
			t.Errorf("%v: %s\nwant %s", err, got, want)
		}
	}
	c := &v4l2{path: "/dev/video0"}
	if got, want := c.gone(unix.ENODEV).Error(), `camera "/dev/video0": it was unplugged: plug it in and repeat`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// Without a camera, a machine says what to do.
func TestCamerasNone(t *testing.T) {
	if found, _ := os.ReadDir("/sys/class/video4linux"); len(found) > 0 {
		t.Skip("this machine has video devices")
	}
	if all, err := Cameras(); err != errNoCamera || all != nil {
		t.Errorf("%v, %v", all, err)
	}
	if _, err := OpenCamera(""); err != errNoCamera {
		t.Error(err)
	}
}

func TestChooseMode(t *testing.T) {
	for _, test := range []struct {
		name string
		all  []mode // the first is the best
	}{
		{"USB 2: raw is slow in large sizes", []mode{
			{formatMJPG, 1920, 1080, 30}, {formatYUYV, 1920, 1080, 5}, {formatYUYV, 1280, 720, 10}, {formatMJPG, 1280, 720, 30},
			{formatYUYV, 640, 480, 30}, {formatMJPG, 640, 480, 30}}},
		{"raw where it is as fast", []mode{{formatYUYV, 1280, 720, 30}, {formatMJPG, 1280, 720, 30}, {formatMJPG, 1280, 720, 15}}},
		{"luma alone where it is as fast", []mode{{formatGREY, 1280, 720, 30}, {formatNV12, 1280, 720, 30}, {formatYUYV, 1280, 720, 30}}},
		{"30/1.001", []mode{{formatYUYV, 1280, 720, 29.97}, {formatMJPG, 1280, 720, 25}}},
		{"a faster one is better than a larger one below 15", []mode{{formatMJPG, 1280, 720, 30}, {formatMJPG, 1920, 1080, 12}}},
		{"nothing is gained above 30", []mode{{formatYUYV, 1280, 720, 30}, {formatMJPG, 1280, 720, 60}}},
		{"old", []mode{{formatYUYV, 640, 480, 30}, {formatYUYV, 352, 288, 30}, {formatYUYV, 1280, 1024, 7.5}}},
		{"too large, not too small", []mode{{formatMJPG, 2592, 1944, 15}, {formatMJPG, 3840, 2160, 15}, {formatMJPG, 640, 480, 30}}},
		{"rates unknown", []mode{{formatYUYV, 1280, 720, 0}, {formatYUYV, 640, 480, 0}}},
		{"upright", []mode{{formatYUYV, 1280, 960, 30}, {formatYUYV, 720, 1280, 30}}},
	} {
		for range 3 {
			shuffled := slices.Clone(test.all)
			slices.Reverse(shuffled)
			if got := slices.MaxFunc(shuffled, better); got != test.all[0] {
				t.Errorf("%s: %v, want %v", test.name, got, test.all[0])
			}
		}
	}
}

func TestNearest(t *testing.T) {
	for _, test := range []struct {
		steps
		n, want int
	}{
		{steps{320, 3840, 16}, 1920, 1920},
		{steps{320, 3840, 50}, 1920, 1920},
		{steps{320, 3840, 100}, 1920, 1920},
		{steps{300, 3840, 100}, 1920, 1900},
		{steps{320, 1000, 16}, 1920, 992},
		{steps{2000, 3840, 16}, 1920, 2000},
		{steps{320, 3840, 0}, 1919, 1919},
		{steps{320, 100, 1}, 1919, 320}, // nonsense of a device
	} {
		if got := test.nearest(test.n); got != test.want {
			t.Errorf("%v nearest %d: %d, want %d", test.steps, test.n, got, test.want)
		}
	}
}

// Frames of every layout, with rows longer than their pixels; too short ones.
func TestLayout(t *testing.T) {
	want := drawing(16, 9, 1)
	for _, test := range []struct {
		layout
		step int
	}{
		{layout{formatYUYV, 16, 9, 40}, 2},
		{layout{formatYUYV, 16, 9, 32}, 2},
		{layout{formatGREY, 16, 9, 20}, 1},
		{layout{formatNV12, 16, 9, 16}, 1},
	} {
		frame := make([]byte, test.stride*test.height*3/2)
		for i := range frame {
			frame[i] = 0xee
		}
		for y := range 9 {
			for x := range 16 {
				frame[y*test.stride+x*test.step] = want.GrayAt(x, y).Y
			}
		}
		s, ok := test.still(frame)
		if !test.known() || !ok || near(s.gray, want, 0) != nil {
			t.Errorf("%v: %v", test.layout, near(s.gray, want, 0))
		}
		clear(frame) // the driver takes its buffer back
		if near(s.gray, want, 0) != nil {
			t.Errorf("%v: the picture is the driver's memory", test.layout)
		}
		least := test.stride*8 + test.step*16
		for n := range least {
			if _, ok := test.still(frame[:n]); ok {
				t.Errorf("%v: %d bytes are a frame", test.layout, n)
			}
		}
	}
	jpg := jpegOf(t, want)
	l := layout{formatMJPG, 16, 9, 0}
	if s, ok := l.still(jpg); !l.known() || !ok || &s.data[0] == &jpg[0] {
		t.Errorf("%v: %v", l, ok)
	}
	for _, b := range [][]byte{nil, jpg[:2], make([]byte, 5000)} {
		if _, ok := l.still(b); ok {
			t.Errorf("%d bytes are a JPEG frame", len(b))
		}
	}
	for _, l := range []layout{
		{formatYUYV, 16, 9, 31}, {formatYUYV, 0, 9, 32}, {formatGREY, 16, 9, 15}, {formatGREY, 16, 0, 16}, {formatGREY, 16, 9, 1 << 30},
		{formatMJPG, 60000, 60000, 0}, {0, 16, 9, 16}, {formatYUYV, 1 << 30, 1 << 30, 1 << 30},
	} {
		if l.known() {
			t.Errorf("%v is known", l)
		}
	}
}
