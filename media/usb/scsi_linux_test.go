package usb

import (
	"fmt"
	"slices"
	"testing"
)

func TestParseSense(t *testing.T) {
	fixed := func(key byte) []byte { return []byte{0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x3a, 1, 0, 0, 0, 0} }
	for _, c := range []struct {
		b    []byte
		want string
	}{
		{fixed(2), "the stick answers with sense 2/3a/01"},
		{fixed(0xf2), "the stick answers with sense 2/3a/01"},
		{fixed(0), "<nil>"},
		{fixed(1), "<nil>"},
		{[]byte{0x72, 5, 0x20, 0, 0, 0, 0, 0}, "the stick answers with sense 5/20/00"},
		{[]byte{0xf0, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0}, "the stick answers with sense 5/24/00"},
		{fixed(2)[:13], "input/output error"},
		{[]byte{0x72, 5, 0x20}, "input/output error"},
		{[]byte{0x7f, 5, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "input/output error"},
		{nil, "input/output error"},
	} {
		if got := fmt.Sprint(parseSense(c.b)); got != c.want {
			t.Errorf("%x: %s, want %s", c.b, got, c.want)
		}
	}
	if !slices.Equal(stopAndEject, []byte{0x1b, 0, 0, 0, 2, 0}) || len(synchronizeCache) != 10 {
		t.Error("commands")
	}
}
