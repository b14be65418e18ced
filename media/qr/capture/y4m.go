package capture

import (
	"fmt"
	"image"
	"strconv"
	"strings"
)

// maxY4MLine bounds a header line of YUV4MPEG2 (yuv4mpeg(5)), in bytes.
// Programs write about 60; comments (X…) may be longer.
const maxY4MLine = 1024

// y4m is a YUV4MPEG2 stream: a header line, then a line and the planes of each
// frame. Only the first plane, luma, is kept.
type y4m struct {
	width, height int
	rest          int // bytes of the other planes of a frame
}

// readY4MHeader takes the header line.
func readY4MHeader(w *window) (*y4m, error) {
	line, err := w.line(maxY4MLine)
	if err != nil {
		return nil, fmt.Errorf("YUV4MPEG2 header: %w", err)
	}
	s, chroma := &y4m{}, "420"
	for _, field := range strings.Fields(strings.TrimPrefix(line, markY4M)) {
		value := field[1:]
		switch field[0] {
		case 'W':
			s.width, err = strconv.Atoi(value)
		case 'H':
			s.height, err = strconv.Atoi(value)
		case 'C':
			chroma = value
		}
		if err != nil {
			return nil, fmt.Errorf("YUV4MPEG2 header: %s is no size", quote(field))
		}
	}
	if err := checkSize(s.width, s.height, 0); err != nil {
		return nil, fmt.Errorf("YUV4MPEG2 header: %w", err)
	}
	half, quarter, halfRows := (s.width+1)/2, (s.width+3)/4, (s.height+1)/2
	switch chroma {
	case "mono":
	case "420", "420jpeg", "420mpeg2", "420paldv":
		s.rest = 2 * half * halfRows
	case "411":
		s.rest = 2 * quarter * s.height
	case "422":
		s.rest = 2 * half * s.height
	case "444":
		s.rest = 2 * s.width * s.height
	case "444alpha":
		s.rest = 3 * s.width * s.height
	default:
		return nil, fmt.Errorf("YUV4MPEG2 header: pixels of the form %s are not read: give ffmpeg -pix_fmt gray", quote(chroma))
	}
	return s, nil
}

// next takes one frame.
func (s *y4m) next(w *window) (still, error) {
	if err := w.begin(); err != nil {
		return still{}, err
	}
	line, err := w.line(maxY4MLine)
	if err != nil {
		return still{}, err
	}
	if line != "FRAME" && !strings.HasPrefix(line, "FRAME ") {
		return still{}, imageProblem("it does not begin with a FRAME line")
	}
	gray := image.NewGray(image.Rect(0, 0, s.width, s.height))
	if err := w.fill(gray.Pix); err != nil {
		return still{}, err
	}
	return still{gray: gray}, w.skip(s.rest)
}
