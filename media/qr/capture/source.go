package capture

import (
	"context"
	"fmt"
	"image"
	"strconv"
)

// Picture is one picture in grey, its rectangle beginning at (0,0).
type Picture struct {
	// Name is the file's name below its folder, "csr1.db/x.png", or "frame 12"
	// of a stream or camera, counted from 1 and with those that were left out.
	// A file's name can hold anything: escape it when printing.
	Name string
	Gray *image.Gray
}

// Source gives pictures until io.EOF.
type Source interface {
	// Next waits for the next picture. A *PictureError is about one picture,
	// and the source goes on; any other error ends it: io.EOF when there is no
	// more, the context's error when that has ended.
	Next(ctx context.Context) (Picture, error)

	// Close gives back what the source holds, also while Next waits, which then
	// fails. A stream's reader is left to the caller.
	Close() error
}

// PictureError is one picture that cannot be used.
type PictureError struct {
	Name string // as in Picture: it can hold anything
	Why  string // safe to print: what is wrong and what to do
}

// Error names the picture, quoted and clipped, and says what is wrong.
func (e *PictureError) Error() string { return quote(e.Name) + ": " + e.Why }

// AboutMedium marks a problem of a medium.
func (*PictureError) AboutMedium() {}

// maxQuoted is how many bytes of a text from outside an error shows.
const maxQuoted = 80

// quote makes a text from outside safe to print, on one line and bounded.
func quote(s string) string {
	if len(s) > maxQuoted {
		return strconv.Quote(s[:maxQuoted]) + "…"
	}
	return strconv.Quote(s)
}

// imageProblem is what is wrong with one picture: the Why of its *PictureError. Errors
// of another type are about the whole source.
type imageProblem string

func (f imageProblem) Error() string { return string(f) }

func imageProblemf(format string, args ...any) error {
	return imageProblem(fmt.Sprintf(format, args...))
}
