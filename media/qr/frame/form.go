package frame

import (
	"encoding/base32"
	"errors"
	"strconv"
)

// Form is how the bytes of a frame are written as text. Both use only
// characters of the alphanumeric mode of QR codes.
type Form byte

const (
	// Base45 (RFC 9285) is for cameras: 3 characters for 2 bytes.
	Base45 Form = 'A'

	// Base32 (RFC 4648, upper case, no padding) is for scanners that type: it has
	// no character that keyboard layouts move or that trimming takes away.
	// It needs 7 % more characters: 8 for 5 bytes.
	Base32 Form = 'B'
)

// MaxText is the longest text, in characters: what the largest QR code holds
// (version 40, level L, alphanumeric mode; ISO/IEC 18004, table 7).
const MaxText = 4296

// prefix begins every text: two letters, the version of the format, and the
// form, which is the fourth character.
const (
	prefix    = "GF1"
	prefixLen = len(prefix) + 1
)

var noPadding = base32.StdEncoding.WithPadding(base32.NoPadding)

var errBase32 = errors.New("it is not base32 text")

func (f Form) valid() bool { return f == Base45 || f == Base32 }

// encode writes the bytes of a frame as the text of a code.
func (f Form) encode(data []byte) string {
	head := prefix + string(rune(f))
	if f == Base32 {
		return head + noPadding.EncodeToString(data)
	}
	return head + encode45(data)
}

// decode is the inverse of encode for a text without its prefix.
func (f Form) decode(body string) ([]byte, error) {
	if f == Base45 {
		return decode45(body)
	}
	// The library skips line ends and unused bits: writing it again shows
	// whether this is the one text of these bytes.
	data, err := noPadding.DecodeString(body)
	if err != nil || noPadding.EncodeToString(data) != body {
		return nil, errBase32
	}
	return data, nil
}

// holds is how many bytes a text of n characters holds at most, n >= prefixLen.
func (f Form) holds(n int) int {
	if f == Base32 {
		return (n - prefixLen) * 5 / 8
	}
	return bytes45(n - prefixLen)
}

// length is how many characters a text of n bytes has.
func (f Form) length(n int) int {
	if f == Base32 {
		return prefixLen + noPadding.EncodedLen(n)
	}
	return prefixLen + len45(n)
}

func (f Form) String() string {
	switch f {
	case Base45:
		return "base45"
	case Base32:
		return "base32"
	}
	return strconv.QuoteRune(rune(f))
}
