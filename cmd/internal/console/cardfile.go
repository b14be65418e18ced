package console

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/media"
	"github.com/gapferry/gapferry/media/qr/draw"
	"github.com/gapferry/gapferry/media/qr/frame"
)

// WriteCard writes the SA-key hash to a file: a page with two cards to print
// (.html), the code alone (.png), or text.
func WriteCard(path string, hash coproc.Thumbprint, p *plan.Plan, paper string) error {
	err := carrier.NeedDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	data := []byte(CardText(hash))
	switch strings.ToLower(filepath.Ext(path)) {
	case ".html", ".htm":
		data, err = cardPage(hash, p, paper)
	case ".png":
		var code *draw.Code
		if code, err = CardCode(hash); err == nil {
			data, err = code.PNG(cardPixels)
		}
	}
	if err != nil {
		return fmt.Errorf("make the hash card: %w", err)
	}
	err = media.WriteFileNew(path, data)
	var conflict *media.ConflictError
	if errors.As(err, &conflict) {
		return &CardThereError{path}
	}
	return err
}

// CardThereError is a file that is there where a hash card was to be written, and
// is no such card.
type CardThereError struct{ path string }

func (e *CardThereError) Error() string {
	return "the hash card was not written: " + media.Escape(e.path) + " is there already, and holds something else"
}

// Advice says what to do about it.
func (*CardThereError) Advice() string {
	return "no card is ever overwritten: move that file away and give the same command again, or name another file"
}

// AboutMedium marks a problem of a medium.
func (*CardThereError) AboutMedium() {}

// cardPixels is the width of a module in a picture of the card's code.
const cardPixels = 10

// The versions that the code of a card is tried with: the smallest one that
// every reader at hand reads.
const cardLeast, cardMost = 4, 8

// CardCode is the card's code. Its text is fixed, so where stock readers cannot
// read one version, the next one is taken.
func CardCode(hash coproc.Thumbprint) (code *draw.Code, err error) {
	for version := cardLeast; version <= cardMost; version++ {
		code, err = draw.Readable(func(byte) string { return frame.HashText(hash) }, draw.M, version)
		if err == nil {
			break
		}
	}
	return code, err
}

// cardPage is the page with two cards.
func cardPage(hash coproc.Thumbprint, p *plan.Plan, paper string) ([]byte, error) {
	code, err := CardCode(hash)
	if err != nil {
		return nil, err
	}
	card := &draw.HashCard{
		Title: "SA-key hash", Words: coproc.Words(hash), HexGroups: coproc.HexGroups(hash), Code: code, Paper: paper, Rehearsal: p.Rehearsal,
		Facts: [][2]string{{"title", p.Title}, {"ceremony", p.Ceremony}, {"SA node", p.ID(p.SA()).String()}},
	}
	return card.HTML()
}
