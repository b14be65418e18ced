package capture

import (
	"encoding/binary"
	"io"
)

// encoded is a stream of JPEG or PNG pictures, one after another. They say
// where they end, and have a mark at which they begin: after a damaged one the
// next one is looked for.
type encoded struct {
	mark   string
	length func(*window) (int, error) // of the picture at the beginning
}

func jpegLength(w *window) (int, error) {
	info, err := walkJPEG(w)
	return info.length, err
}

// pngLength finds the end of a PNG: its last chunk is IEND (PNG 3rd edition, section 5).
func pngLength(w *window) (int, error) {
	for at := len(markPNG); ; {
		if err := w.has(at + 12); err != nil {
			return 0, err
		}
		kind := string(w.buf[at+4 : at+8])
		n := binary.BigEndian.Uint32(w.buf[at:])
		switch {
		case string(w.buf[at:at+8]) == markPNG:
			return 0, errAnew
		case n > MaxFileBytes || !isLetters(kind):
			return 0, errParts
		}
		at += 12 + int(n)
		if err := w.has(at); err != nil {
			return 0, err
		}
		if kind == "IEND" {
			return at, nil
		}
	}
}

func isLetters(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// next takes one picture. A damaged one ends where the next one begins.
func (s *encoded) next(w *window) (still, error) {
	if err := w.seek([]byte(s.mark)); err != nil {
		if err == errEnded {
			err = io.EOF
		}
		return still{}, err
	}
	n, err := s.length(w)
	if err != nil {
		w.take(1) // so that the next mark is looked for
		return still{}, err
	}
	return still{data: w.take(n)}, nil
}
