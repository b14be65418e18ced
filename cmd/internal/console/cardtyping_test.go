package console

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
)

// Where an officer does not see what they type, it may be something else than a
// card: nothing near to it is named.
func TestNearWordsOnlyWhereSeen(t *testing.T) {
	t.Parallel()
	_, err := coproc.TypedWords("abandon vacent")
	for _, seen := range []bool{true, false} {
		c := &cardTyping{page: &terminal.Page{Seen: seen}, positions: wholeCard(), words: make([]string, 4)}
		text := c.wrongRow(err)
		if !strings.HasPrefix(text, "word 6 of the card is not") || strings.Contains(text, "vacant") != seen || strings.Contains(text, "vacent") {
			t.Errorf("seen %v: %s", seen, text)
		}
	}
	if strings.Contains(err.Error(), "vac") {
		t.Errorf("the error repeats it: %v", err)
	}
}
