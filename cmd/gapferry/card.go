package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
	"github.com/gapferry/gapferry/media/qr/frame"
)

func (d *desk) SAKeyHash(q ceremony.HashQuestion) (coproc.Thumbprint, ceremony.Means, error) {
	if d.hash != nil {
		hash, err := d.readCard(q.Problem, q.Profile)
		return hash, ceremony.CardByFile, err
	}
	hash, err := d.typedHash(q)
	return hash, 0, err
}

// readCard reads the card of an officer where its words are not typed.
func (d *desk) readCard(problem, profile string) (coproc.Thumbprint, error) {
	if problem != "" && !d.hash.each {
		return coproc.Thumbprint{}, ceremony.ErrNoAnswer // it was read once
	}
	d.tellProblem(problem)
	return d.hash.hash(profile)
}

// typedHash has an officer type their whole card.
func (d *desk) typedHash(q ceremony.HashQuestion) (coproc.Thumbprint, error) {
	for {
		d.tellProblem(q.Problem)
		text, err := d.typeCard()
		if err != nil {
			return coproc.Thumbprint{}, err
		}
		hash, err := parseHash(text)
		if err == nil {
			return hash, nil
		}
		q.Problem = err.Error()
	}
}

func (d *desk) tellProblem(problem string) {
	if problem != "" {
		fmt.Fprintf(d.words, "    %s\n", media.Escape(problem))
	}
}

func (d *desk) CardWords(q ceremony.CardQuestion) ([]string, ceremony.Means, error) {
	if d.hash != nil {
		hash, err := d.readCard(q.Problem, q.Profile)
		if err != nil {
			return nil, ceremony.CardByFile, err
		}
		return wordsAt(hash, q.Positions), ceremony.CardByFile, nil
	}
	words, err := d.typedWords(q)
	return words, 0, err
}

// typedWords has an officer type some words of their card.
func (d *desk) typedWords(q ceremony.CardQuestion) ([]string, error) {
	d.tellProblem(q.Problem)
	for {
		line, err := d.terminal.line(fmt.Sprintf("    from %s's own card, type words %s: ", q.Profile, strings.Trim(fmt.Sprint(q.Positions), "[]")))
		if err != nil {
			return nil, err
		}
		if hash, err := frame.ParseHashText(frame.CleanTyped(line)); err == nil {
			return wordsAt(hash, q.Positions), nil // a scanner typed the whole card
		}
		words, err := coproc.TypedWords(line)
		if err == nil && len(words) == len(q.Positions) {
			return words, nil
		}
		if err == nil {
			err = fmt.Errorf("%d words are asked for", len(q.Positions))
		}
		fmt.Fprintf(d.words, "    %s: type them again\n", media.Escape(err.Error()))
	}
}

func wordsAt(hash coproc.Thumbprint, positions []int) []string {
	var words []string
	for _, p := range positions {
		words = append(words, coproc.Words(hash)[p-1])
	}
	return words
}

// typeCard asks for the card row by row; a row may have any number of words. A
// mistyped word is asked for at once. Hex is taken as a whole.
func (d *desk) typeCard() (string, error) {
	var words []string
	hex := ""
	for len(words) < coproc.WordCount {
		prompt := fmt.Sprintf("    the card, from word %d on: ", len(words)+1)
		if len(words) == 0 {
			prompt = "    SA-key hash from the card: words, row by row, 64 hex digits, or its code\n" + prompt
		}
		line, err := d.terminal.line(prompt)
		if err != nil {
			return "", err
		}
		if _, err := parseHash(hex + line); err == nil {
			return hex + line, nil
		}
		if frame.IsHashText(frame.CleanTyped(line)) {
			fmt.Fprintln(d.words, "    the card's code was not read right: scan it again")
			continue
		}
		if len(words) == 0 && strings.Trim(line, "0123456789abcdefABCDEF ") == "" && len(line) >= 8 {
			hex += line + " "
			fmt.Fprintln(d.words, "    and the next row of digits:")
			continue
		}
		row, err := coproc.TypedWords(line)
		if err != nil {
			fmt.Fprintf(d.words, "    in this row, %s: type the row again\n", media.Escape(err.Error()))
			continue
		}
		words = append(words, row...)
	}
	return strings.Join(words, " "), nil
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
		return hash, &ceremony.Refusal{Code: ceremony.CodeHashDiffers, Text: "the SA-key hash: " + err.Error(), Err: err}
	}
	return hash, nil
}

func (d *desk) ShowSAKeyHash(hash coproc.Thumbprint) error {
	if d.card != "" {
		if stick := d.sticks.pathOnStick(d.card); stick != "" {
			return cardOnStick(stick)
		}
		if err := writeCard(d.card, hash, d.plan, "A4"); err != nil {
			return err
		}
		d.cardWritten = true
		say(d.words, "    ", "wrote the hash card to "+d.card+": carry it apart from the stick")
	}
	fmt.Fprintf(d.words, "\n  Write the SA-key hash on two cards, one for each registering officer, and\n  carry them apart from the stick:\n\n%s\n", indent(hashCard(hash)))
	return nil
}

// cardOnStick refuses to put the card beside the key.
func cardOnStick(stick string) error {
	return &ceremony.Refusal{Code: ceremony.CodeHashSource, Text: fmt.Sprintf("the hash card must not be on %s, the stick that carries the key", stick)}
}

// hashCard is the SA-key hash as a card shows it.
func hashCard(hash coproc.Thumbprint) string {
	var b strings.Builder
	words := coproc.Words(hash)
	for row := 0; row < len(words); row += 4 {
		for i := row; i < row+4; i++ {
			fmt.Fprintf(&b, "%2d %-10s", i+1, words[i])
		}
		b.WriteByte('\n')
	}
	groups := coproc.HexGroups(hash)
	fmt.Fprintf(&b, "\n%s\n%s\n", strings.Join(groups[:4], " "), strings.Join(groups[4:], " "))
	return b.String()
}

func indent(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = "      " + strings.TrimRight(l, " ")
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
