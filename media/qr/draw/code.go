package draw

import (
	"errors"
	"fmt"
	"strings"

	qrcode "github.com/skip2/go-qrcode"
)

// alphanumeric is ISO/IEC 18004 table 5, in the order of the values.
const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// Code is one QR code: its modules, without a quiet zone. Make one with Encode
// or Readable.
type Code struct {
	version int
	dark    [][]bool // by row
}

// Encode writes text (1 to Capacity characters of 0-9 A-Z space $ % * + - . / :)
// as a code of exactly this version (1 to 40) and level.
func Encode(text string, level Level, version int) (*Code, error) {
	if err := check(text, level, version); err != nil {
		return nil, err
	}
	q, err := qrcode.NewWithForcedVersion(text, version, levels[level].skip2)
	if err != nil {
		return nil, fmt.Errorf("write a code: %w", err)
	}
	q.DisableBorder = true // every use has a quiet zone of its own
	return &Code{version: version, dark: q.Bitmap()}, nil
}

// check refuses what the encoder would turn into another kind of code: one
// lower-case letter would make the text bytes, which scanners mangle.
func check(text string, level Level, version int) error {
	capacity := Capacity(version, level)
	switch at := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune(alphanumeric, r) }); {
	case !level.known():
		return fmt.Errorf("there is no error correction level %d: the levels are L, M, Q and H", int(level))
	case capacity == 0:
		return fmt.Errorf("there is no version %d of a code: versions are 1 to 40", version)
	case text == "":
		return errors.New("a code needs a text of at least one character")
	case at >= 0:
		return fmt.Errorf("character %d of the text is %#02x: alphanumeric text has only 0-9 A-Z space $%%*+-./: in it", at+1, text[at])
	case len(text) > capacity:
		return fmt.Errorf("the text has %d characters, a code of version %d-%v holds %d", len(text), version, level, capacity)
	}
	return nil
}

// Size is the number of modules along a side, 21 (version 1) to 177.
func (c *Code) Size() int { return len(c.dark) }

// side is Size with the quiet zone.
func (c *Code) side() int { return c.Size() + 2*quietModules }

// Version is 1 to 40.
func (c *Code) Version() int { return c.version }

// At says whether the module in column x of row y is dark; outside of the code
// nothing is.
func (c *Code) At(x, y int) bool {
	return y >= 0 && y < len(c.dark) && x >= 0 && x < len(c.dark[y]) && c.dark[y][x]
}
