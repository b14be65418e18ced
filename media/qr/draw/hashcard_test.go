package draw

import (
	"fmt"
	"strings"
	"testing"
)

func sampleCard(t testing.TB) *HashCard {
	t.Helper()
	code, _ := full(t, 6, M, 1)
	c := &HashCard{
		Title: "SA-key hash", Paper: "A4", Code: code,
		Facts: [][2]string{{"ceremony", "vault-2026"}, {"SA", "sa"}, {"made", "2026-03-02 10:14 UTC"}},
		Notes: []string{"One registering officer types the words or scans the code; the other one is asked for some of the words."},
	}
	for i := range 24 {
		c.Words = append(c.Words, []string{"abandon", "umbrella", "wrestle"}[i%3])
	}
	for i := range 8 {
		c.HexGroups = append(c.HexGroups, fmt.Sprintf("%08x", 0x9f86d081*uint32(i+1)))
	}
	return c
}

func TestHashCardIsThereTwice(t *testing.T) {
	c := sampleCard(t)
	page := mustHTML(t, c)
	cards := strings.Split(page, "<div class=\"card\">")[1:]
	if len(cards) != 2 {
		t.Fatalf("%d cards", len(cards))
	}
	first, cut, ok := strings.Cut(cards[0], "<div class=\"cut\">")
	if !ok || !strings.Contains(cut, "cut here") {
		t.Errorf("no cut: %s", cut)
	}
	if !strings.HasPrefix(cards[1], first) {
		t.Error("the cards differ")
	}
	for _, want := range []string{"<li><i>1</i>abandon</li>", "<li><i>24</i>wrestle</li>", "<span class=\"group\">9f86d081</span>", "<svg width=\"46.00mm\" height=\"46.00mm\" viewBox=\"-4 -4 49 49\"",
		"<h1 class=\"title\">SA-key hash</h1>", "Never carry this card with the stick or the sheet that brings the key."} {
		if strings.Count(first, want) != 1 {
			t.Errorf("not once: %s", want)
		}
	}
	if strings.Contains(page, "REHEARSAL") {
		t.Error("it says REHEARSAL")
	}
	c.Rehearsal = true
	if n := strings.Count(mustHTML(t, c), "<b>REHEARSAL</b>"); n != 2 {
		t.Errorf("it says REHEARSAL %d times", n)
	}
}

func TestHashCardRefuses(t *testing.T) {
	large, err := Encode("A", M, 19)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		change func(*HashCard)
		want   string
	}{
		{func(c *HashCard) { c.Paper = "" }, `there is no paper "": the papers are A4 and Letter`},
		{func(c *HashCard) { c.Words = nil }, "a hash card needs the hash as words and as digits"},
		{func(c *HashCard) { c.HexGroups = nil }, "a hash card needs the hash as words and as digits"},
		{func(c *HashCard) { c.Code = nil }, "a hash card needs a code"},
		{func(c *HashCard) { c.Code = &Code{} }, "a hash card needs a code"},
		{func(c *HashCard) { c.Words = make([]string, 49) }, "a hash card has room for 48 words and 16 groups of digits, not for 49 and 8"},
		{func(c *HashCard) { c.Notes = make([]string, 13) }, "a hash card has room for 12 facts and 12 notes, not for 3 and 13"},
		{func(c *HashCard) { c.Code = large }, "a code of version 19 is too large for a card: use a smaller version"},
	} {
		c := sampleCard(t)
		test.change(c)
		_, err := c.HTML()
		wantErr(t, err, test.want)
	}
}
