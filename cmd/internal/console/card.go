package console

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/journal"

	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
)

// SAKeyHash implements ceremony.Desk. Where nobody logs on, nobody is asked
// whether a card that was read is theirs.
func (d *Desk) SAKeyHash(q ceremony.HashQuestion) (coproc.Thumbprint, journal.Means, error) {
	switch {
	case d.Reader != nil && (d.Secrets != nil || q.Profile == ""):
		hash, err := d.readCard(q.Problem, q.Profile)
		return hash, journal.CardByFile, unanswered(err)
	case d.Reader != nil:
		hash, err := d.ownHash(q, d.Reader.scan)
		return hash, 0, unanswered(err)
	}
	hash, err := d.ownHash(q, d.typedCard)
	return hash, 0, unanswered(err)
}

// ownHash has an officer give their card, and see it where it was not typed.
func (d *Desk) ownHash(q ceremony.HashQuestion, give func(profile, problem string) (hash coproc.Thumbprint, scanned bool, err error)) (coproc.Thumbprint, error) {
	for {
		d.tellProblem(q.Problem)
		hash, scanned, err := give(q.Profile, q.Problem)
		if err != nil || !scanned || q.Profile == "" {
			return hash, err
		}
		switch err := d.ownCard(q.Profile, hash); {
		case err == nil:
			return hash, nil
		case !errors.Is(err, errOtherCard):
			return hash, err
		}
		q.Problem = fmt.Sprintf("the card that was read is not the one that %s has: show or type that one", q.Profile)
	}
}

// readCard reads the card of an officer for a script.
func (d *Desk) readCard(problem, profile string) (coproc.Thumbprint, error) {
	if problem != "" && !d.Reader.each {
		return coproc.Thumbprint{}, ceremony.ErrNoAnswer // it was read once
	}
	d.tellProblem(problem)
	return d.Reader.hash(profile)
}

func (d *Desk) tellProblem(problem string) {
	if problem != "" {
		terminal.Print(d.Out, "    ", problem)
	}
}

// CardWords implements ceremony.Desk. An officer at the terminal types them,
// whatever was scanned before: they are to prove that there is a card.
func (d *Desk) CardWords(q ceremony.CardQuestion) ([]string, journal.Means, error) {
	if d.Reader != nil && d.Secrets != nil {
		hash, err := d.readCard(q.Problem, q.Profile)
		if err != nil {
			return nil, journal.CardByFile, unanswered(err)
		}
		return WordsAt(hash, q.Positions), journal.CardByFile, nil
	}
	d.tellProblem(q.Problem)
	words, err := d.typedWords(q.Profile, q.Positions, q.Problem)
	return words, 0, unanswered(err)
}

func (d *Desk) ShowSAKeyHash(hash coproc.Thumbprint) error {
	if d.CardFile != "" {
		if stick := d.Sticks.PathOnStick(d.CardFile); stick != "" {
			return CardOnStick(stick)
		}
		if err := WriteCard(d.CardFile, hash, d.Plan, "A4"); err != nil {
			return err
		}
		d.CardWritten = true
		terminal.Print(d.Out, "    ", "wrote the hash card to "+d.CardFile+": carry it apart from the stick")
	}
	const what = "\n  Write the SA-key hash on two cards, one for each registering officer, and\n  carry them apart from the stick:\n\n"
	if d.Secrets != nil {
		fmt.Fprintf(d.Out, "%s%s\n", what, Indent(CardText(hash)))
		return nil
	}
	err := unanswered(d.writeDown(what + Indent(CardText(hash)) + "\n"))
	if errors.Is(err, context.Canceled) {
		return err // nobody was left alone to say it
	}
	if err != nil {
		return &refusal.Error{Code: refusal.CodeNoHash, Text: "nobody said that the cards are written; they are shown again when the phase goes on", Err: err}
	}
	fmt.Fprintln(d.Out, "    both cards are written: carry them apart from the stick")
	return nil
}

// writeDown shows cards until the officer says that they are written: the
// registering officers, who come next, must not find them on the screen.
func (d *Desk) writeDown(cards string) error {
	p, err := d.Terminal.OpenPage()
	if err != nil {
		return err
	}
	defer p.Close()
	return p.Show(cards, "    type yes when both cards are written: ", func(answer string) (bool, error) { return answer == "yes", nil })
}

// CardOnStick refuses to put the card beside the key.
func CardOnStick(stick string) error {
	return &refusal.Error{Code: refusal.CodeHashSource, Text: fmt.Sprintf("the hash card must not be on %s, the stick that carries the key", stick)}
}

// CardText is the SA-key hash as a card shows it.
func CardText(hash coproc.Thumbprint) string {
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

func Indent(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = "      " + strings.TrimRight(l, " ")
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
