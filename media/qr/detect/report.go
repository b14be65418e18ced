package detect

import (
	"image"
	"time"
)

// A Code is one QR code that was read.
type Code struct {
	Text         string         // see textOf: UTF-8 if the code's bytes are that, else Latin-1
	Corners      [4]image.Point // around the symbol without its quiet zone, clockwise from its top left
	Version      int            // 1..40
	ModulePixels float64        // the mean width of a module in pixels of the picture
}

// Options say how much work to put into a picture. The zero value is for
// files: all codes, all passes.
type Options struct {
	// Budget ends the search: nothing new is begun when it is used up. What is
	// under way is finished, which takes some tens of milliseconds at most. 0 is no limit.
	Budget time.Duration
	// Max is how many codes are wanted, 0 all of them.
	Max int
	// Fast is for camera frames: few passes, and the first that reads something is the last.
	Fast bool
}

// A Report is what Decode found.
type Report struct {
	Codes []Code // in the order they were found
	Hint  Hint   // what to tell the operator; only meaningful if Codes is empty
}
