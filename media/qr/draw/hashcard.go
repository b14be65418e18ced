package draw

import (
	"errors"
	"fmt"
	"math"
)

// HashCard is one page with the same card twice, to cut apart: each of two
// officers carries one to where a key is registered, and not together with the
// key. So it says that on its face.
type HashCard struct {
	Title     string
	Facts     [][2]string
	Words     []string // the hash as words, in order
	HexGroups []string // the same hash in hexadecimal digits
	Code      *Code    // the same hash again, to scan
	Paper     string   // "A4" or "Letter"
	Rehearsal bool
	Notes     []string
}

// What a card has room for.
const (
	maxCardRows  = 12 // of facts, of notes
	maxCardWords = 48
	maxCardHex   = 16
	cardCode     = 46.0 // millimetres, with the quiet zone
)

// HTML is the page. It fails if words, digits or code are missing, if there is
// too much of something, or if the code does not fit the card with modules of
// 0.5 mm.
func (c *HashCard) HTML() ([]byte, error) {
	p, err := findPaper(c.Paper)
	if err != nil {
		return nil, err
	}
	if err := c.bounds(); err != nil {
		return nil, err
	}
	return fill("cards", struct {
		*HashCard
		Paper   format
		Drawing drawing
	}{c, p.format(), drawingOf(c.Code, c.codeModule())})
}

func (c *HashCard) bounds() error {
	switch {
	case len(c.Words) == 0 || len(c.HexGroups) == 0:
		return errors.New("a hash card needs the hash as words and as digits")
	case c.Code == nil || c.Code.Size() == 0:
		return errors.New("a hash card needs a code")
	case len(c.Words) > maxCardWords || len(c.HexGroups) > maxCardHex:
		return fmt.Errorf("a hash card has room for %d words and %d groups of digits, not for %d and %d", maxCardWords, maxCardHex, len(c.Words), len(c.HexGroups))
	case len(c.Facts) > maxCardRows || len(c.Notes) > maxCardRows:
		return fmt.Errorf("a hash card has room for %d facts and %d notes, not for %d and %d", maxCardRows, maxCardRows, len(c.Facts), len(c.Notes))
	case c.codeModule() < leastModule:
		return fmt.Errorf("a code of version %d is too large for a card: use a smaller version", c.Code.Version())
	}
	return nil
}

// codeModule is how large the code's modules are printed, in millimetres.
func (c *HashCard) codeModule() float64 {
	return math.Min(mostModule, cardCode/float64(c.Code.side()))
}
