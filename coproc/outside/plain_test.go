package outside

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	wide := func(order binary.AppendByteOrder, s string) string {
		var b []byte
		for _, u := range utf16.Encode([]rune(s)) {
			b = order.AppendUint16(b, u)
		}
		return string(b)
	}
	const utf16, utf8 = "it is in UTF-16, as some programs on Windows write text: save it as UTF-8 there", "it is not in UTF-8: save it as UTF-8 in the program that wrote it"
	for _, test := range []struct{ text, want, err string }{
		{"format = 1\n", "format = 1\n", ""},
		{"\ufeffformat = 1\n", "format = 1\n", ""},
		{"\ufeff", "", ""},
		{"", "", ""},
		{"x", "x", ""},
		{"title = \"Jos\u00e9\"", "title = \"Jos\u00e9\"", ""},
		{"a\ufeffb", "a\ufeffb", ""},
		{wide(binary.LittleEndian, "\ufeffformat = 1\n"), "", utf16},
		{wide(binary.BigEndian, "\ufeffformat = 1\n"), "", utf16},
		{wide(binary.LittleEndian, "format = 1\n"), "", utf16},
		{wide(binary.BigEndian, "format = 1\n"), "", utf16},
		{wide(binary.LittleEndian, "\ufeff"), "", utf16},
		{"title = \"Jos\xe9\"", "", utf8},
	} {
		got, err := Plain([]byte(test.text))
		if string(got) != test.want || err == nil != (test.err == "") || err != nil && err.Error() != test.err {
			t.Errorf("%q: %q, %v, want %q, %s", test.text, got, err, test.want, test.err)
		}
	}
}
