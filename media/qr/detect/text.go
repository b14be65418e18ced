package detect

import "unicode/utf8"

// textOf makes the text of a code out of what the decoder gave for the hint
// ISO-8859-1: one rune per byte. Bytes that are UTF-8 are taken for that, which
// is what all writers of today put into byte mode whatever the standard says;
// others stay Latin-1. Runes beyond 0xFF come from Kanji mode or from a code
// that names its character set (ECI): they are right already.
func textOf(decoded string) string {
	raw := make([]byte, 0, len(decoded))
	for _, r := range decoded {
		if r > 0xFF {
			return decoded
		}
		raw = append(raw, byte(r))
	}
	if utf8.Valid(raw) {
		return string(raw)
	}
	return decoded
}
