package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
)

func (d *desk) SAKeyHash(q ceremony.HashQuestion) (coproc.Thumbprint, error) {
	if d.hash != nil {
		if q.Problem != "" {
			return coproc.Thumbprint{}, ceremony.ErrNoAnswer // it was read once
		}
		return d.readCard()
	}
	for {
		if q.Problem != "" {
			fmt.Fprintf(d.words, "    %s\n", media.Escape(q.Problem))
		}
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

// readCard reads the card from where the flags say, once.
func (d *desk) readCard() (coproc.Thumbprint, error) {
	if d.cardText == nil {
		text, err := d.hash()
		if err != nil {
			return coproc.Thumbprint{}, err
		}
		d.cardText = &text
	}
	return parseHash(*d.cardText)
}

func (d *desk) CardWords(q ceremony.CardQuestion) ([]string, error) {
	if d.hash != nil {
		if q.Problem != "" {
			return nil, ceremony.ErrNoAnswer
		}
		hash, err := d.readCard()
		if err != nil {
			return nil, err
		}
		return wordsAt(hash, q.Positions), nil
	}
	if q.Problem != "" {
		fmt.Fprintf(d.words, "    %s\n", media.Escape(q.Problem))
	}
	for {
		line, err := d.terminal.line(fmt.Sprintf("    %s's own card, words %s: ", q.Profile, strings.Trim(fmt.Sprint(q.Positions), "[]")))
		if err != nil {
			return nil, err
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
			prompt = "    SA-key hash from the card: words, row by row, or 64 hex digits\n" + prompt
		}
		line, err := d.terminal.line(prompt)
		if err != nil {
			return "", err
		}
		if _, err := coproc.ParseThumbprint(hex + line); err == nil {
			return hex + line, nil
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
	hash, err := coproc.ParseThumbprint(text)
	if err != nil {
		return hash, &ceremony.Refusal{Code: ceremony.CodeHashDiffers, Text: "the SA-key hash: " + err.Error(), Err: err}
	}
	return hash, nil
}

func (d *desk) ShowSAKeyHash(hash coproc.Thumbprint) error {
	text := hashCard(hash)
	if d.card != "" {
		if stick := d.sticks.pathOnStick(d.card); stick != "" {
			return cardOnStick(stick)
		}
		err := media.WriteFileNew(d.card, []byte(text))
		var conflict *media.ConflictError
		if err != nil && !errors.As(err, &conflict) {
			return err
		}
		if conflict != nil {
			return fmt.Errorf("write the hash card: %w", err)
		}
	}
	fmt.Fprintf(d.words, "\n  Write the SA-key hash on two cards, one for each registering officer, and\n  carry them apart from the stick:\n\n%s\n", indent(text))
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

// hashSource reads the card from a file or from standard input, and refuses
// one that lies on a stick that carries the key.
func (e *env) hashSource(path string, sticks *rack) (func() (string, error), error) {
	if path == "" {
		if f, ok := e.in.(*os.File); ok && isTerminal(f) {
			return nil, nil // it is typed
		}
		path = "-"
	}
	return func() (string, error) {
		r := e.in
		if path != "-" {
			f, err := os.Open(path)
			if err != nil {
				return "", usagef("the SA-key hash cannot be read: %v", err)
			}
			defer f.Close()
			r = f
		}
		if f, ok := r.(*os.File); ok {
			if stick := sticks.fileOnStick(f); stick != "" {
				return "", &ceremony.Refusal{Code: ceremony.CodeHashSource, Text: fmt.Sprintf(
					"the SA-key hash comes from %s, the stick that carries the key: then nobody has checked anything", stick)}
			}
		}
		b, err := io.ReadAll(io.LimitReader(r, 4096))
		if err != nil {
			return "", err
		}
		return string(b), nil
	}, nil
}
