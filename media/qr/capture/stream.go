package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// OpenStream takes pictures off a stream, whose first bytes say what it is:
// YUV4MPEG2 (8 bits; of colour, only luma is used), PNM (P5, P6), JPEG or PNG
// pictures, one after another. The package documentation has the commands that
// make them.
//
// The stream is read in the background from now on. With EveryFrame it waits
// for Next and no picture is lost: for recordings. With NewestFrame pictures
// are dropped while Next is not called, so that a slow reader does not fall
// behind a camera: for live streams. After the end, the last one is still given.
//
// A damaged JPEG or PNG is a *PictureError, and reading goes on with the next
// one. In the other formats nothing says where that begins: the source ends
// with an error, unless what is damaged is that the stream ended early.
func OpenStream(r io.Reader, pace Pace) Source {
	s := &stream{w: window{r: r}}
	return startBackground(pace, s.next, nil)
}

// format takes pictures off a stream.
type format interface {
	// next takes one. A flaw is about that picture.
	next(*window) (still, error)
}

type stream struct {
	w       window
	format  format // nil before the first picture
	resumes bool   // after a damaged picture
}

func (s *stream) next() (still, error) {
	if s.format == nil {
		if err := s.begin(); err != nil {
			return still{}, err
		}
	}
	f, err := s.format.next(&s.w)
	var why imageProblem
	switch {
	case !errors.As(err, &why):
		return f, err
	case s.resumes:
		return still{why: string(why)}, nil
	case why == errEnded:
		s.format = ended{}
		return still{why: string(why)}, nil
	}
	return still{}, fmt.Errorf("a picture of the stream is damaged and nothing says where the next one begins: start the capture program again (%w)", err)
}

// begin finds out what the stream is.
func (s *stream) begin() (err error) {
	w := &s.w
	if err := w.has(len(markY4M)); err != nil && err != errEnded {
		return err
	}
	switch {
	case len(w.buf) == 0:
		return errors.New("the stream ended before its first picture: look at what the capture program says")
	case bytes.HasPrefix(w.buf, []byte(markY4M)):
		s.format, err = readY4MHeader(w)
	case bytes.HasPrefix(w.buf, []byte(markJPEG)):
		s.format, s.resumes = &encoded{markJPEG, jpegLength}, true
	case bytes.HasPrefix(w.buf, []byte(markPNG)):
		s.format, s.resumes = &encoded{markPNG, pngLength}, true
	case isPNM(w.buf):
		s.format = pnmStream{}
	default:
		return fmt.Errorf("the stream begins with %s: it must be YUV4MPEG2, PNM, JPEG or PNG pictures, as of ffmpeg with -pix_fmt gray -f yuv4mpegpipe -",
			quote(string(w.buf[:min(len(w.buf), 16)])))
	}
	return err
}

// ended is a stream of which nothing more is expected.
type ended struct{}

func (ended) next(*window) (still, error) { return still{}, io.EOF }

// pnmStream is PNM pictures, one after another.
type pnmStream struct{}

func (pnmStream) next(w *window) (still, error) {
	if err := w.begin(); err != nil {
		return still{}, err
	}
	gray, err := readPNM(w)
	return still{gray: gray}, err
}
