package draw

import (
	"fmt"
	"image"

	"github.com/gapferry/gapferry/media/qr/detect"
)

// variants is how many texts there are to choose from: the nonce is one byte.
const variants = 256

// readAt are the pixels to a module at which a code must be read back: about
// what a camera gives. Of 700 codes of versions 10 to 25, stock gozxing failed
// on 2.4 to 4.6 % at each of 3, 4, 5, 6, 7, 8 and 10 pixels; of the 667 that it
// read at both 3 and 4, it failed on none at any of the others.
var readAt = [...]int{4, 3} // 4 first: it finds most of them

// Readable makes the code of the first variant that our own reader (package
// detect) and stock gozxing both read back as the same text. text(nonce) gives
// the variants, which all mean the same; it is asked for nonce 0, 1, … 255
// until one is good.
//
// A perfect code can be unreadable: stock gozxing, and what is built like it,
// takes chance patterns in the data for the marks in the corners. Every such
// code has brothers without that chance.
func Readable(text func(nonce byte) string, level Level, version int) (*Code, error) {
	last := ""
	for nonce := range variants {
		t := text(byte(nonce))
		if t == last {
			continue // a text that has no variants
		}
		last = t
		c, err := Encode(t, level, version)
		if err != nil {
			return nil, err
		}
		if readsBack(c, t) {
			return c, nil
		}
	}
	return nil, fmt.Errorf("no variant of a text can be read back from a code of version %d-%v: use another version", version, level)
}

func readsBack(c *Code, text string) bool {
	for _, pixels := range readAt {
		img := c.Image(pixels)
		if got, ok := detect.DecodeGozxing(img); !ok || got != text || !ownReads(img, text) {
			return false
		}
	}
	return true
}

func ownReads(img *image.Gray, text string) bool {
	codes := detect.Decode(img, detect.Options{Max: 1}).Codes
	return len(codes) == 1 && codes[0].Text == text
}
