package frame

import "strings"

// CleanTyped prepares a line from a scanner that types like a keyboard, before
// it goes to Collector.Add or ParseHashText, which are strict. Such scanners
// change case (caps lock), and put things before and after the text: the kind
// of code ("]Q1"), tabs, line ends.
//
//   - Letters are made upper case.
//   - What stands before a text of ours is cut off.
//   - What stands after it is cut off as long as it is neither letter nor digit.
//     In base45, where blanks and signs belong to the text, only control
//     characters are.
//
// A text that is not ours comes back in upper case, without control characters
// around it.
func CleanTyped(line string) string {
	text := strings.TrimFunc(upper(line), control)
	start, found := len(text), ""
	for _, begin := range []string{prefix + string(rune(Base45)), prefix + string(rune(Base32)), hashPrefix} {
		if i := strings.Index(text, begin); i >= 0 && i < start {
			start, found = i, begin
		}
	}
	switch found {
	case "":
		return text
	case prefix + string(rune(Base45)):
		return text[start:]
	}
	return strings.TrimRightFunc(text[start:], noise)
}

// upper changes ASCII letters only: no other text is ours.
func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

func control(r rune) bool { return r < ' ' || r == 0x7f }

func noise(r rune) bool { return r > 'Z' || !digit(byte(r)) && !letter(byte(r)) }
