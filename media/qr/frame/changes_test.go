package frame

import (
	"strings"
	"testing"
)

// Every change of one character, every character too few or too many, and every
// two neighbours changed round: none is taken for a frame or a hash card.
func TestEveryChangeIsRefused(t *testing.T) {
	texts := []string{goldenHashText}
	for _, g := range golden {
		texts = append(texts, g.text)
	}
	changes := 0
	for _, text := range texts {
		c := newTestCollector()
		refuse := func(changed string) {
			if changed == text {
				return
			}
			changes++
			switch e := c.Add(changed); e.State {
			case Foreign, OtherVersion, Damaged:
				if e.Why == "" {
					t.Errorf("%q is refused without a word", changed)
				}
			default:
				t.Errorf("%q is taken for %v", changed, e.State)
			}
			if hash, err := ParseHashText(changed); err == nil {
				t.Errorf("%q is taken for the hash %x", changed, hash)
			}
		}
		for i := range len(text) {
			for _, other := range alphabet45 + "abcxyz=_\r\n\t\x00\u00e9" {
				refuse(text[:i] + string(other) + text[i+1:])
				refuse(text[:i] + string(other) + text[i:])
			}
			refuse(text[:i] + text[i+1:])
			refuse(text[:i])
			refuse(text[i:])
			if i > 0 {
				refuse(text[:i-1] + text[i:i+1] + text[i-1:i] + text[i+1:])
			}
		}
		refuse(strings.ToLower(text))
		refuse(text + text)
		if p := c.Progress(); len(p) != 0 {
			t.Errorf("%+v", p)
		}
	}
	if changes < 50_000 {
		t.Errorf("only %d changes were tried", changes)
	}
}
