package capture

import "testing"

// What a driver says about a filled buffer is compared with the buffer.
func TestFilled(t *testing.T) {
	c := &v4l2{buffers: [][]byte{make([]byte, 10), make([]byte, 20)}}
	for _, test := range []struct {
		index, bytes uint32
		ok           bool
	}{
		{0, 0, true}, {0, 10, true}, {1, 20, true},
		{0, 11, false}, {1, 21, false}, {1, 1<<32 - 1, false}, {2, 0, false}, {1<<32 - 1, 10, false}, {1 << 31, 10, false},
	} {
		frame, err := c.filled(&v4l2Buffer{index: test.index, bytesUsed: test.bytes})
		if test.ok && (err != nil || len(frame) != int(test.bytes) || cap(frame) != len(frame)) {
			t.Errorf("%+v: %d bytes of %d, %v", test, len(frame), cap(frame), err)
		}
		if want := "its driver gives more than its buffers hold: use another camera"; !test.ok && (err == nil || err.Error() != want) {
			t.Errorf("%+v: %v", test, err)
		}
	}
}
