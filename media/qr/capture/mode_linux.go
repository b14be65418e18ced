package capture

import "cmp"

// Pixel formats of V4L2 that are read (videodev2.h): four letters.
const (
	formatMJPG = 'M' | 'J'<<8 | 'P'<<16 | 'G'<<24
	formatJPEG = 'J' | 'P'<<8 | 'E'<<16 | 'G'<<24
	formatYUYV = 'Y' | 'U'<<8 | 'Y'<<16 | 'V'<<24
	formatNV12 = 'N' | 'V'<<8 | '1'<<16 | '2'<<24
	formatGREY = 'G' | 'R'<<8 | 'E'<<16 | 'Y'<<24
)

// formats that are read, the cheapest first.
var formats = []uint32{formatGREY, formatNV12, formatYUYV, formatMJPG, formatJPEG}

// mode is a way in which a camera can work.
type mode struct {
	format        uint32
	width, height int
	rate          float64 // pictures a second; 0: the camera does not say
}

// What a mode is chosen by. Below 1280 × 720 a camera reads only small codes;
// above 1920 × 1080 a picture takes the reader too long.
const (
	goodWidth, goodHeight = 1280, 720
	mostWidth, mostHeight = 1920, 1080
	usableRate            = 10 // codes are shown at up to 10 a second
	goodRate              = 15
	wantedRate            = 30
)

// sizes are those that are asked for where a camera can make any.
var sizes = [][2]int{{mostWidth, mostHeight}, {goodWidth, goodHeight}, {640, 480}}

// better compares modes: a usable rate, a size between the two, a good rate,
// more pixels, more pictures a second, and pixels that need no decoding.
func better(a, b mode) int {
	return cmp.Or(
		atLeast(a, usableRate)-atLeast(b, usableRate),
		a.class()-b.class(),
		atLeast(a, goodRate)-atLeast(b, goodRate),
		cmp.Compare(a.pixels(), b.pixels()),
		cmp.Compare(min(a.rate, wantedRate), min(b.rate, wantedRate)),
		cmp.Compare(b.cost(), a.cost()),
	)
}

func atLeast(m mode, rate float64) int {
	if m.rate == 0 || m.rate >= rate-0.1 { // 29.97
		return 1
	}
	return 0
}

// class is 2 for a size that is wanted, 1 for a larger one, 0 for a smaller one.
func (m mode) class() int {
	switch {
	case m.width < goodWidth || m.height < goodHeight:
		return 0
	case m.width > mostWidth || m.height > mostHeight:
		return 1
	}
	return 2
}

// pixels are the more the better, but not in a size that is too large.
func (m mode) pixels() int {
	if m.class() == 1 {
		return -m.width * m.height
	}
	return m.width * m.height
}

// cost is the place of the format among formats.
func (m mode) cost() int {
	for i, f := range formats {
		if f == m.format {
			return i
		}
	}
	return len(formats)
}

// steps is a range of sizes.
type steps struct{ min, max, step int }

// nearest is the size of a range that is nearest to n and not above it, if
// there is one.
func (s steps) nearest(n int) int {
	if n <= s.min || s.max < s.min {
		return s.min
	}
	n = min(n, s.max)
	return n - (n-s.min)%max(s.step, 1)
}
