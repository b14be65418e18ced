package console

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
	"github.com/gapferry/gapferry/media/qr/frame"
)

// rowWords is how many words of a card stand in a row.
const rowWords = 4

// cardTyping is an officer who types words of their card, row by row, with a way
// back.
type cardTyping struct {
	page      *terminal.Page
	heading   string
	positions []int // that are asked for, from 1
	whole     bool  // the whole card is: digits and the card's code do, too
	words     []string
	digits    []string // rows of hex digits, instead
	problem   string   // what was wrong with the last row
	told      bool     // the heading, where the page is not seen
}

// wholeCard are the positions of all words.
func wholeCard() []int {
	all := make([]int, coproc.WordCount)
	for i := range all {
		all[i] = i + 1
	}
	return all
}

// howToType says what can be typed besides words.
const howToType = "  An empty line changes nothing, < goes back a row, stop leaves.\n"

// typedCard has an officer type their whole card, until it is one. code is true
// where a scanner typed its code.
func (d *Desk) typedCard(profile, problem string) (hash coproc.Thumbprint, code bool, err error) {
	p, err := d.Terminal.OpenPage()
	if err != nil {
		return hash, false, err
	}
	defer p.Close()
	c := &cardTyping{
		page: p, positions: wholeCard(), whole: true, problem: problem,
		heading: "  The SA-key hash, from " + cardOf(profile) + "\n\n" +
			"  Type the words, row by row, or 64 hex digits, or scan its code.\n" + howToType,
	}
	for {
		text, err := c.run()
		if err != nil {
			return hash, false, err
		}
		if hash, err := frame.ParseHashText(frame.CleanTyped(text)); err == nil {
			return hash, true, nil
		}
		if hash, err = coproc.ParseThumbprint(text); err == nil {
			return hash, false, nil
		}
		if err := c.mend(err); err != nil {
			return hash, false, err
		}
	}
}

// cardOf names a card, for people.
func cardOf(profile string) string {
	if profile == "" {
		return "its card"
	}
	return "the card of " + profile
}

// typedWords has an officer type some words of their card.
func (d *Desk) typedWords(profile string, positions []int, problem string) ([]string, error) {
	p, err := d.Terminal.OpenPage()
	if err != nil {
		return nil, err
	}
	defer p.Close()
	return wordsOnPage(p, profile, positions, problem)
}

func wordsOnPage(p *terminal.Page, profile string, positions []int, problem string) ([]string, error) {
	c := &cardTyping{
		page: p, positions: positions, problem: problem,
		heading: "  From " + profile + "'s own card\n\n  Type the words that have these numbers.\n" + howToType,
	}
	if _, err := c.run(); err != nil {
		return nil, err
	}
	return c.words, nil
}

// run asks row by row until everything is there, and gives it as one text.
func (c *cardTyping) run() (string, error) {
	for len(c.words) < len(c.positions) {
		line, err := c.page.Ask(c.show(c.prompt(len(c.words))))
		if err != nil {
			return "", err
		}
		if whole, done := c.take(line); done {
			return whole, nil
		}
	}
	return strings.Join(c.words, " "), nil
}

// prompt asks for the row that begins behind n words.
func (c *cardTyping) prompt(n int) string {
	if c.whole {
		return fmt.Sprintf("    the card, from word %d on: ", n+1)
	}
	row := c.positions[n:min(n+rowWords, len(c.positions))]
	return fmt.Sprintf("    words %s: ", strings.Trim(fmt.Sprint(row), "[]"))
}

// show writes the page, and gives the prompt below it.
func (c *cardTyping) show(prompt string) string {
	var b strings.Builder
	if c.page.Seen || !c.told {
		c.told = true
		b.WriteString(c.heading)
		if !c.page.Seen {
			b.WriteString("  What is typed is not shown.\n")
		}
		b.WriteByte('\n')
	}
	if c.page.Seen {
		for i, w := range c.words {
			fmt.Fprintf(&b, "    %2d %-10s", c.positions[i], w)
			if i%rowWords == rowWords-1 || i == len(c.words)-1 {
				b.WriteByte('\n')
			}
		}
		for _, row := range c.digits {
			b.WriteString("    " + row + "\n")
		}
		b.WriteByte('\n')
	} else if n := len(c.words); n > 0 && c.problem == "" {
		fmt.Fprintf(&b, "    %d of %d words are there\n", n, len(c.positions))
	}
	if c.problem != "" {
		terminal.PrintWrapped(&b, "    ", media.Escape(c.problem))
		c.problem = ""
	}
	c.page.Write(b.String())
	return prompt
}

// take takes in one line. done says that the line, with the digits before it,
// is the whole card.
func (c *cardTyping) take(line string) (whole string, done bool) {
	switch {
	case line == "":
		return "", false
	case line == "<":
		c.back()
		return "", false
	case !c.whole && frame.IsHashText(frame.CleanTyped(line)):
		c.problem = "a scanned code is nobody's word: type the words"
		return "", false
	case c.whole:
		whole := strings.Join(append(slices.Clone(c.digits), line), " ")
		if _, err := parseHash(whole); err == nil {
			return whole, true
		}
		if frame.IsHashText(frame.CleanTyped(line)) {
			c.problem = "the card's code was not read right: scan it again"
			return "", false
		}
		if len(c.words) == 0 && strings.Trim(line, "0123456789abcdefABCDEF ") == "" && len(line) >= 8 {
			c.digits, c.problem = append(c.digits, line), "and the next row of digits"
			if len(strings.ReplaceAll(strings.Join(c.digits, ""), " ", "")) >= 2*len(coproc.Thumbprint{}) {
				c.digits, c.problem = nil, "these are not 64 digits: begin again"
			}
			return "", false
		}
	}
	row, err := coproc.TypedWords(line)
	if err == nil && len(c.words)+len(row) > len(c.positions) {
		err = fmt.Errorf("there are %d words, and %d are still asked for", len(row), len(c.positions)-len(c.words))
	}
	if err != nil {
		c.problem = c.wrongRow(err)
		return "", false
	}
	c.words = append(c.words, row...)
	return "", false
}

// wrongRow says what is wrong with a row. Words of the list that are near to
// what was typed are named where it was seen while it was typed: a hash card is
// no secret, but what is typed at a wrong prompt may be one.
func (c *cardTyping) wrongRow(err error) string {
	var word *coproc.WordError
	if !errors.As(err, &word) || len(c.words)+word.Index > len(c.positions) {
		return fmt.Sprintf("in this row, %s: type the row again", err)
	}
	number := c.positions[len(c.words)+word.Index-1]
	text := fmt.Sprintf("word %d of the card is not a BIP-39 word nor its first letters: type the row again", number)
	if c.page.Seen && len(word.Near) > 0 {
		text += fmt.Sprintf(" (%s?)", strings.Join(word.Near, ", "))
	}
	return text
}

// back forgets the row typed last.
func (c *cardTyping) back() {
	switch {
	case len(c.digits) > 0:
		c.digits = c.digits[:len(c.digits)-1]
	case len(c.words) > 0:
		c.words = c.words[:(len(c.words)-1)/rowWords*rowWords]
	}
}

// mend has one row typed again where all words together are no card.
func (c *cardTyping) mend(why error) error {
	c.digits = nil
	if len(c.words) < len(c.positions) {
		c.words, c.problem = nil, why.Error()
		return nil
	}
	rows := len(c.words) / rowWords
	c.problem = fmt.Sprintf("%s: compare each row with the card", why)
	for {
		line, err := c.page.Ask(c.show(fmt.Sprintf("    which row is wrong, 1 to %d: ", rows)))
		if err != nil {
			return err
		}
		row, err := strconv.Atoi(line)
		if err != nil || row < 1 || row > rows {
			c.problem = fmt.Sprintf("type a number from 1 to %d, or stop", rows)
			continue
		}
		at := (row - 1) * rowWords
		rest := slices.Clone(c.words[at+rowWords:])
		whole := c.positions
		c.words, c.positions = c.words[:at], c.positions[:at+rowWords]
		_, err = c.run()
		c.positions = whole
		if c.words = append(c.words, rest...); len(c.words) > len(whole) {
			return errors.New("too many words") // run does not take more than it asks for
		}
		return err
	}
}

// WordsAt are some words of a card.
func WordsAt(hash coproc.Thumbprint, positions []int) []string {
	var words []string
	for _, p := range positions {
		words = append(words, coproc.Words(hash)[p-1])
	}
	return words
}

func parseHash(text string) (coproc.Thumbprint, error) {
	if strings.TrimSpace(text) == "" {
		return coproc.Thumbprint{}, ceremony.ErrNoAnswer
	}
	if hash, err := frame.ParseHashText(frame.CleanTyped(text)); err == nil {
		return hash, nil // from the card's code
	}
	hash, err := coproc.ParseThumbprint(text)
	if frame.IsHashText(frame.CleanTyped(text)) {
		err = errors.New("the card's code was not read right: scan it again")
	}
	if err != nil {
		return hash, &refusal.Error{Code: refusal.CodeHashDiffers, Text: "the SA-key hash: " + err.Error(), Err: err}
	}
	return hash, nil
}
