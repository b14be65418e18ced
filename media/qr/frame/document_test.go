package frame

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
)

// What FORMAT.md gives as examples and numbers is what the package does.
func TestDocument(t *testing.T) {
	b, err := os.ReadFile("../FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	document := string(b)
	says := func(want string) {
		if !strings.Contains(document, want) {
			t.Errorf("FORMAT.md does not say %s", want)
		}
	}
	for _, g := range golden {
		says(fmt.Sprintf("\n| %d, %d | `\"%s\"` |\n", g.index, g.nonce, g.text))
	}
	says("\n    " + goldenHashText + "\n")
	says("\n    " + goldenPayload + "\n")
	s := goldenSet(t, Base45)
	for _, index := range []int{0, 1, 2, 3, 4, 254, 255} {
		says(fmt.Sprintf("\n| %d | `%x` |", index, s.shards[index]))
	}
	first := frame{header{0, s.id, s.shape, 0}, s.shards[0]}.bytes()
	for _, part := range [][2]int{{0, 1}, {1, 13}, {13, 16}, {16, 17}, {17, 18}, {18, 29}, {29, 33}} {
		says("\n" + hex.EncodeToString(first[part[0]:part[1]]) + " ")
	}

	for _, code := range []struct {
		name string
		room int
	}{{"5-L", 154}, {"10-M", 311}, {"10-L", 395}, {"15-M", 600}, {"15-L", 758}, {"20-M", 970}, {"20-L", 1249}, {"25-L", 1853}, {"40-L", MaxText}} {
		row := fmt.Sprintf("\n| %s | %d | %d (%d) |", code.name, code.room,
			Base45.holds(code.room)-headerLen-crcLen, Base32.holds(code.room)-headerLen-crcLen)
		for _, length := range []int{512, 1024, 2048, 5120, 8192} {
			a, _ := Need(length, Base45, code.room)
			b, _ := Need(length, Base32, code.room)
			row += fmt.Sprintf(" %d (%d) |", a, b)
		}
		says(row + "\n")
	}
	for _, room := range []int{600, MaxText} {
		shard := Base45.holds(room) - headerLen - crcLen
		says(fmt.Sprintf("255 · %d = %d bytes", shard, 255*shard))
	}
	says(fmt.Sprintf("has %d characters in base45, %d in base32", MinRoom(Base45), MinRoom(Base32)))
	says(fmt.Sprintf("%d unfinished sets; %d\nshards of one index; %d MiB of shards; the names of %d completed sets",
		MaxSets, MaxRivals, MaxBytes>>20, MaxDone))
}
