package ceremony

import (
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// mistaken is a desk whose key officer gives what answer makes of the right
// words.
type mistaken struct {
	*people
	answer func(right []string) []string
	asked  []CardQuestion
}

func (m *mistaken) CardWords(q CardQuestion) ([]string, journal.Means, error) {
	m.asked = append(m.asked, q)
	var right []string
	for _, i := range q.Positions {
		right = append(right, coproc.Words(m.people.hash)[i-1])
	}
	return m.answer(right), 0, nil
}

// registering does phase 2a up to the SA key at a desk.
func (w *world) registering(d Desk) error {
	w.t.Helper()
	n := w.open("css")
	defer n.Close()
	_, err := n.RunPhase("2a", Options{Incoming: read(n.Folders("2a"), w.stick), Deliver: w.stick.deliver}, d)
	return err
}

// Eight words are asked for, other ones each time. Three wrong answers end the
// log-on: each is in the journal, and the officer has to log on again.
func TestThreeWrongCardAnswers(t *testing.T) {
	w := after(t, small, "1")
	d := &mistaken{people: w.people, answer: func(right []string) []string {
		return append(slices.Clone(right[:7]), coproc.Words(coproc.Thumbprint{})[0])
	}}
	mustRefuse(t, w.registering(d), refusal.CodeHashDiffers, "does not have the words of the registered SA-key hash; 3 wrong answers end the log-on, and are in the journal")
	if len(d.asked) != 3 || slices.Equal(d.asked[0].Positions, d.asked[1].Positions) {
		t.Errorf("asked was %+v", d.asked)
	}
	for _, q := range d.asked {
		if p := q.Positions; len(p) != 8 || !slices.IsSorted(p) || len(slices.Compact(slices.Clone(p))) != 8 || p[0] < 1 || p[7] > coproc.WordCount {
			t.Errorf("words %v were asked for", p)
		}
	}
	if !w.info("css").SAKey.IsZero() {
		t.Error("the SA key was registered")
	}
	n := w.open("css")
	refused := 0
	for _, r := range n.Records() {
		if r.Event == journal.EventRefused && r.Code == refusal.CodeHashDiffers && r.Profile == "KEYREG" {
			refused++
		}
	}
	if refused != 3 || n.Unsigned() != 0 {
		t.Errorf("%d refusals are in the journal, %d records are not signed", refused, n.Unsigned())
	}
	n.Close()
	w.people.asked = nil
	w.phase("css", "2a")
	if !slices.Contains(w.people.asked, "KEYREG") {
		t.Errorf("the officer did not log on again: %v", w.people.asked)
	}
}

// A desk that brings fewer words than were asked for, or more, is refused,
// whatever words they are.
func TestCardWordsCount(t *testing.T) {
	for name, answer := range map[string]func([]string) []string{
		"none":  func([]string) []string { return nil },
		"three": func(right []string) []string { return right[:3] },
		"seven": func(right []string) []string { return right[:7] },
		"nine":  func(right []string) []string { return append(slices.Clone(right), right[0]) },
		"one":   func(right []string) []string { return []string{strings.Join(right, " ")} },
	} {
		t.Run(name, func(t *testing.T) {
			w := after(t, small, "1")
			mustRefuse(t, w.registering(&mistaken{people: w.people, answer: answer}), refusal.CodeHashDiffers, "the card of KEYREG")
			if !w.info("css").SAKey.IsZero() {
				t.Error("the SA key was registered")
			}
		})
	}
}
