package capture

import (
	"slices"
	"testing"
)

// What a driver says about its sizes, which need not make sense.
func TestWorth(t *testing.T) {
	const discrete, continuous, stepwise = 1, 2, 3 // enum v4l2_frmsizetypes
	for _, test := range []struct {
		kind uint32
		size [6]uint32
		want [][2]int
	}{
		{discrete, [6]uint32{1280, 720}, [][2]int{{1280, 720}}},
		{discrete, [6]uint32{0, 720}, nil},
		{discrete, [6]uint32{1 << 31, 1<<32 - 1}, nil},
		{discrete, [6]uint32{65536, 10}, nil},
		{continuous, [6]uint32{16, 4096, 1, 16, 4096, 1}, [][2]int{{1920, 1080}, {1280, 720}, {640, 480}}},
		{stepwise, [6]uint32{100, 1000, 100, 100, 1000, 100}, [][2]int{{1000, 1000}, {1000, 700}, {600, 400}}},
		{stepwise, [6]uint32{16, 1<<32 - 1, 1, 16, 1 << 31, 1}, [][2]int{{1920, 1080}, {1280, 720}, {640, 480}}},
		{stepwise, [6]uint32{1920, 1<<32 - 1, 0, 1080, 1<<32 - 1, 1 << 31}, [][2]int{{1920, 1080}, {1920, 1080}, {1920, 1080}}},
		{stepwise, [6]uint32{1 << 31, 1 << 31, 1, 1080, 1080, 1}, nil},
		{stepwise, [6]uint32{}, nil},
	} {
		e := v4l2FrameSize{kind: test.kind, size: test.size}
		if got := e.worth(); !slices.Equal(got, test.want) {
			t.Errorf("%d %d: %d\nwant %d", test.kind, test.size, got, test.want)
		}
	}
}
