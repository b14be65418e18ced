package capture

import (
	"bytes"
	"errors"
	"io"
	"slices"
)

// window is what was read of a stream and is not used up yet. It never writes
// over what it gave out, so that a frame may stay a part of it.
type window struct {
	r   io.Reader // nil: there is nothing but buf
	buf []byte
	err error // of r, once it gave one
}

// What can be wrong with one picture of a stream.
const (
	errEnded   = imageProblem("it ends too early: was it copied or recorded to its end?")
	errTooLong = imageProblem("it has no end within the largest size of a picture")
)

// readChunk is the least room that a read gets.
const readChunk = 64 << 10

// has reads on until buf holds n bytes. The error is errEnded, errTooLong, or
// that of the reader.
func (w *window) has(n int) error {
	if n > MaxFileBytes {
		return errTooLong
	}
	for len(w.buf) < n {
		if err := w.more(); err != nil {
			return err
		}
	}
	return nil
}

// begin waits for the first byte of something. io.EOF: the stream ended as it should.
func (w *window) begin() error {
	err := w.has(1)
	if err == errEnded {
		return io.EOF
	}
	return err
}

// more reads at least one byte.
func (w *window) more() error {
	w.buf = slices.Grow(w.buf, readChunk)
	n, err := w.read(w.buf[len(w.buf):cap(w.buf)])
	w.buf = w.buf[:len(w.buf)+n]
	return err
}

// read reads at least one byte from behind buf. What a reader gives together
// with an error counts, and the error comes with the next call.
func (w *window) read(p []byte) (int, error) {
	if w.r == nil {
		w.err = io.EOF
	}
	for range 100 { // as bufio: a reader that gives neither bytes nor an error is broken
		if w.err == io.EOF {
			return 0, errEnded
		}
		if w.err != nil {
			return 0, w.err
		}
		var n int
		n, w.err = w.r.Read(p)
		if n > 0 {
			return n, nil
		}
	}
	return 0, io.ErrNoProgress
}

// take gives the first n bytes, which has has found, and forgets them.
func (w *window) take(n int) []byte {
	b := w.buf[:n:n]
	w.buf = w.buf[n:]
	return b
}

// fill takes len(p) bytes, without holding them in buf.
func (w *window) fill(p []byte) error {
	n := copy(p, w.buf)
	w.buf = w.buf[n:]
	for n < len(p) {
		k, err := w.read(p[n:])
		if err != nil {
			return err
		}
		n += k
	}
	return nil
}

// skip forgets the next n bytes.
func (w *window) skip(n int) error {
	for {
		k := min(n, len(w.buf))
		w.buf = w.buf[k:]
		if n -= k; n == 0 {
			return nil
		}
		if err := w.more(); err != nil {
			return err
		}
	}
}

// seek forgets what is before the next mark: the rest of a damaged picture, or
// what a program put between two, of which there may be MaxFileBytes.
func (w *window) seek(mark []byte) error {
	for lost := 0; ; {
		if i := bytes.Index(w.buf, mark); i >= 0 {
			w.buf = w.buf[i:]
			return nil
		}
		k := max(0, len(w.buf)-len(mark)+1)
		w.buf = w.buf[k:]
		if lost += k; lost > MaxFileBytes {
			return errNoise
		}
		if err := w.more(); err != nil {
			return err
		}
	}
}

var errNoise = errors.New("no further picture comes: start the capture program again")

// line takes one line without its end. Its length is bounded, since it may be
// none.
func (w *window) line(limit int) (string, error) {
	for at := 0; ; {
		if i := bytes.IndexByte(w.buf[at:], '\n'); i >= 0 && at+i <= limit {
			line := w.take(at + i + 1)
			return string(line[:len(line)-1]), nil
		}
		if at = len(w.buf); at > limit {
			return "", errLine
		}
		if err := w.more(); err != nil {
			return "", err
		}
	}
}

const errLine = imageProblem("its header line does not end")
