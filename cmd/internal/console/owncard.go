package console

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/coproc"
)

// errOtherCard is the answer that a card which was read is not the officer's.
var errOtherCard = errors.New("it is not the officer's card")

// ownCard has an officer prove that a card that a camera or a scanner read is
// theirs. Any code in view can be read, on a badge, on the wall, on the stick;
// so they type words of the card in their hand, which are asked for before
// anything of what was read is shown, and then compare all of it.
func (d *Desk) ownCard(profile string, hash coproc.Thumbprint) error {
	p, err := d.Terminal.OpenPage()
	if err != nil {
		return err
	}
	defer p.Close()
	problem := "a card was read: it is taken if it is yours"
	for attempt := 1; ; attempt++ {
		positions, err := ceremony.AskedWords()
		if err != nil {
			return err
		}
		got, err := wordsOnPage(p, profile, positions, problem)
		if err != nil {
			return err
		}
		if slices.Equal(got, WordsAt(hash, positions)) {
			break
		}
		problem = fmt.Sprintf("the card that was read does not have the words that %s typed", profile)
		if attempt == wrongWords {
			return &refusal.Error{Code: refusal.CodeHashDiffers, Text: fmt.Sprintf("%s; %d wrong answers end the log-on", problem, wrongWords)}
		}
	}
	text := fmt.Sprintf("\n  This card was read. Compare it with the one that %s has in hand:\n\n%s\n", profile, Indent(CardText(hash)))
	return p.Show(text, "    type yes if every word is the same, no if not: ", func(answer string) (bool, error) {
		if answer == "no" {
			return false, errOtherCard
		}
		return answer == "yes", nil
	})
}

// wrongWords is how many wrong answers end a log-on, as where the words are all
// that is asked for.
const wrongWords = 3
