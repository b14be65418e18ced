package ceremony

import (
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
)

// A remark is kept under the signature of the officer who made it.
func TestNote(t *testing.T) {
	w := after(t, small, "1")
	n := w.open("sa")
	defer n.Close()
	const text = "the stick was dropped, and looks whole"
	if err := n.Note(Remark{Profile: "AUDITOR", Text: "  " + text + " "}, w.people); err != nil {
		t.Fatal(err)
	}
	records := n.Records()
	last := records[len(records)-1]
	if last.Event != journal.EventNote || last.Text != text || last.Profile != "AUDITOR" || n.Unsigned() != 0 {
		t.Errorf("%+v, %d unsigned", last, n.Unsigned())
	}
	before := len(records)
	for bad, words := range map[string]string{
		" ": "the remark is empty", "a\nb": "characters that are not printed", "\x1b[2J": "characters that are not printed",
		"\xff": "characters that are not printed", strings.Repeat("x", maxNote+1): "the remark has 1001 bytes",
	} {
		mustRefuse(t, n.Note(Remark{Profile: "AUDITOR", Text: bad}, w.people), refusal.CodeNote, words)
	}
	if err := n.Note(Remark{Profile: "NOBODY", Text: text}, w.people); err == nil {
		t.Error("somebody who has no profile made a remark")
	}
	for _, r := range n.Records()[before:] {
		if r.Event == journal.EventNote {
			t.Errorf("kept: %+v", r)
		}
	}
}
