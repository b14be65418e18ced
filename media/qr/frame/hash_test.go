package frame

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestHashTextRefusals(t *testing.T) {
	damaged := "a damaged SA-key hash card: read it again, or type its words"
	for text, want := range map[string]string{
		"":                              `not an SA-key hash card: ""`,
		golden[0].text:                  `not an SA-key hash card: "` + golden[0].text[:48] + `…"`,
		strings.ToLower(goldenHashText): `not an SA-key hash card: "` + strings.ToLower(goldenHashText)[:48] + `…"`,
		"\x1b[31m":                      `not an SA-key hash card: "\x1b[31m"`,
		"GFHASH":                        damaged,
		goldenHashText[:77]:             damaged,
		goldenHashText + "\n":           damaged,
		goldenHashText[:77] + "B":       damaged,
		goldenHashText[:77] + "a":       damaged,
		goldenHashText[:77] + "G":       damaged,
		goldenHashText[:6] + "1" + goldenHashText[7:]:            damaged,
		goldenHashText[:6] + strings.ToLower(goldenHashText[6:]): damaged,
		"GFHASH" + strings.Repeat("0", 72):                       damaged,
		"GFHASH" + strings.Repeat("0", 1_000_000):                damaged,
	} {
		if hash, err := ParseHashText(text); err == nil || err.Error() != want {
			t.Errorf("%.90q: %x, %v, want %s", text, hash, err, want)
		}
	}
}

// A hash card is never a frame, a frame of no version a hash card.
func TestHashTextIsNoFrame(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	c := newTestCollector()
	for range 1000 {
		hash := [32]byte(randomBytes(rng, 32))
		text := HashText(hash)
		if got, err := ParseHashText(text); err != nil || got != hash {
			t.Fatalf("%s: %x, %v", text, got, err)
		}
		if _, _, refused := parse(text); refused == nil || refused.state != Foreign {
			t.Fatalf("%s is a frame", text)
		}
		if e := c.Add(text); e.State != HashCard || e.Data != nil {
			t.Fatalf("%s: %v", text, e.State)
		}
	}
	for _, g := range golden {
		for version := '0'; version <= '9'; version++ {
			if _, err := ParseHashText("GF" + string(version) + g.text[3:]); err == nil {
				t.Errorf("version %c is a hash card", version)
			}
		}
	}
	if len(c.Progress()) != 0 {
		t.Error("a hash card opened a set")
	}
}
