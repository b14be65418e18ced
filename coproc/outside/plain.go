package outside

import (
	"bytes"
	"errors"
	"unicode/utf8"
)

// ErrNotUTF8 refuses a text that is not in UTF-8.
var ErrNotUTF8 = errors.New("it is not in UTF-8: save it as UTF-8 in the program that wrote it")

var errUTF16 = errors.New("it is in UTF-16, as some programs on Windows write text: save it as UTF-8 there")

// The marks that some programs write before a text, to say how it is encoded.
var (
	markUTF8  = []byte("\xef\xbb\xbf")
	marksWide = [][]byte{[]byte("\xff\xfe"), []byte("\xfe\xff")}
)

// Plain is a text that people wrote with a program of their own: without the
// mark of UTF-8 before it, if there is one. Text of another encoding is refused
// in words that name it, where it can be told. The text is not copied.
func Plain(text []byte) ([]byte, error) {
	text = bytes.TrimPrefix(text, markUTF8)
	for _, mark := range marksWide {
		if bytes.HasPrefix(text, mark) {
			return nil, errUTF16
		}
	}
	// Without a mark, each letter of ASCII has a zero byte beside it.
	if begin := text[:min(len(text), 64)]; len(begin) > 1 && bytes.Count(begin, []byte{0}) >= len(begin)/3 {
		return nil, errUTF16
	}
	if !utf8.Valid(text) {
		return nil, ErrNotUTF8
	}
	return text, nil
}
