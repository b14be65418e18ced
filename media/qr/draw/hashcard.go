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
	var m markup
	m.open(c.Title, p)
	m.raw("<section class=\"page cards\">\n")
	m.card(c)
	m.raw("<div class=\"cut\"><span>cut here, and carry the two cards apart</span></div>\n")
	m.card(c)
	m.raw("</section>\n")
	return m.close(), nil
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

func (m *markup) card(c *HashCard) {
	m.raw("<div class=\"card\">\n")
	m.rehearsal(c.Rehearsal)
	m.element("h1", "title", c.Title)
	m.raw("<div class=\"face\">\n<div>\n")
	m.facts(c.Facts)
	m.raw("<ol class=\"words\">\n")
	for i, w := range c.Words {
		m.raw("<li><i>%d</i>", i+1)
		m.text(w)
		m.raw("</li>\n")
	}
	m.raw("</ol>\n<div class=\"hex\">\n")
	for _, g := range c.HexGroups {
		m.element("span", "group", g)
	}
	m.raw("</div>\n</div>\n")
	m.code(c.Code, c.codeModule())
	m.raw("</div>\n")
	m.element("p", "warning", cardWarning)
	m.notes(c.Notes)
	m.raw("<table class=\"sign\"><tr><th>Carried by</th><td>name</td><td>signature</td><td>date</td></tr></table>\n</div>\n")
}

// cardWarning is why there are cards at all: a hash that comes with the key
// proves nothing.
const cardWarning = "Never carry this card with the stick or the sheet that brings the key."
