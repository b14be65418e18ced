package frame

import (
	"strings"
	"testing"
)

func TestCleanTyped(t *testing.T) {
	camera, typed := golden[0].text, golden[8].text
	for _, test := range []struct{ line, want string }{
		{"", ""},
		{typed, typed},
		{typed + "\r\n", typed},
		{"\t\t" + typed + "\t", typed},
		{"  " + typed + " \r", typed},
		{"]Q1" + typed + "\n", typed},
		{"]q3" + strings.ToLower(typed) + "\r", typed},
		{"\x02" + typed + "\x03\x04", typed},
		{"SCAN: " + strings.ToLower(typed) + " #\x1b", typed},
		{"\x1b[200~" + typed + "\x1b", typed},
		{typed + "\u00e9\xff", typed},
		{"\xff\xfe" + typed, typed},
		{strings.ToLower(goldenHashText) + "\t\r\n", goldenHashText},
		{"]Q1" + goldenHashText + "; ", goldenHashText},
		{"\t" + camera + "\r\n", camera},
		{strings.ToLower(camera), camera},
		{"GF1A0 \n", "GF1A0 "},       // a blank may belong to base45
		{"GF1A0GF1B.", "GF1A0GF1B."}, // and so may what begins other texts
		{"http://example.com/ \r\n", "HTTP://EXAMPLE.COM/ "},
		{"gf2a..\n", "GF2A.."},
	} {
		if got := CleanTyped(test.line); got != test.want {
			t.Errorf("%q: got %q, want %q", test.line, got, test.want)
		}
	}
}

// A set typed with caps lock on, by a scanner that says what kind of code it read.
func TestTypedSet(t *testing.T) {
	s := goldenSet(t, Base32)
	c := newTestCollector()
	var e Event
	for i := range 3 {
		line := "]Q1" + strings.ToLower(s.Text(100+i, 0)) + "\t\r\n"
		if strict := c.Add(line); strict.State != Foreign {
			t.Errorf("the collector takes %q for %v", line, strict.State)
		}
		e = c.Add(CleanTyped(line))
	}
	if e.State != Complete || string(e.Data) != goldenPayload {
		t.Errorf("%v %s", e.State, e.Why)
	}
}
