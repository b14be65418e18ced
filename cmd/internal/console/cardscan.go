package console

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/refusal"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/outside"
	"github.com/gapferry/gapferry/media"
)

// cardReader reads the SA-key hash from a card, where its words are not typed.
type cardReader struct {
	read func(profile string) (string, error)
	each bool // every officer shows a card of their own; else one is read once

	name  string // where it is read from, for people
	words io.Writer
	text  *string // what read gave, if it is read once
}

// hash reads the card of an officer.
func (c *cardReader) hash(profile string) (coproc.Thumbprint, error) {
	if !c.each && profile != "" {
		fmt.Fprintf(c.words, "    the card of %s is read from %s\n", profile, c.name)
	}
	if c.text == nil || c.each {
		text, err := c.read(profile)
		if err != nil {
			return coproc.Thumbprint{}, err
		}
		c.text = &text
	}
	return parseHash(*c.text)
}

// scan reads the card that an officer shows. It is not theirs until they say so.
func (c *cardReader) scan(profile, _ string) (coproc.Thumbprint, bool, error) {
	hash, err := c.hash(profile)
	return hash, true, err
}

// NewCardReader finds the card that the flags name: nil if its words are typed.
// Where officers log on at the terminal, flags name none but their own.
func NewCardReader(ctx context.Context, from string, in io.Reader, sticks *carrier.Opener) (*cardReader, error) {
	if spec, err := media.ParseSpec(from); err == nil {
		if spec.Scheme != "camera" && spec.Scheme != "wedge" {
			return nil, terminal.Usagef("--sa-hash takes camera:, wedge:, a file or -, not %s", media.Escape(from))
		}
		look := sticks.Scanner(spec)
		return &cardReader{each: spec.Rest != "-", name: look.Name(), words: sticks.Out, read: func(profile string) (string, error) { return look.Card(ctx, profile) }}, nil
	}
	if from == "" {
		if terminal.IsTerminal(in) {
			return nil, nil // it is typed
		}
		from = "-"
	}
	if isPicture(from) {
		return &cardReader{name: media.Escape(from), words: sticks.Out, read: func(string) (string, error) {
			if stick := sticks.PathOnStick(from); stick != "" {
				return "", hashFromStick(stick)
			}
			return carrier.CardInPicture(from)
		}}, nil
	}
	name := media.Escape(from)
	if from == "-" {
		name = "standard input"
	}
	return &cardReader{name: name, words: sticks.Out, read: func(string) (string, error) { return cardText(from, in, sticks) }}, nil
}

// cardText reads the words from a file or from standard input.
func cardText(path string, in io.Reader, sticks *carrier.Opener) (string, error) {
	r := in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", terminal.Usagef("the SA-key hash cannot be read: %v", err)
		}
		defer f.Close()
		r = f
	}
	if f, ok := r.(*os.File); ok {
		if stick := sticks.FileOnStick(f); stick != "" {
			return "", hashFromStick(stick)
		}
	}
	b, err := io.ReadAll(io.LimitReader(r, 4096))
	if err != nil {
		return "", err
	}
	text, err := outside.Plain(b)
	if err != nil {
		return "", terminal.Usagef("the SA-key hash cannot be read: %v", err)
	}
	return string(text), nil
}

// hashFromStick refuses a card that comes the same way as the key.
func hashFromStick(stick string) error {
	return &refusal.Error{Code: refusal.CodeHashSource, Text: fmt.Sprintf(
		"the SA-key hash comes from %s, the stick that carries the key: then nobody has checked anything", stick)}
}

// isPicture reports whether a card is named that is a picture.
func isPicture(card string) bool {
	switch strings.ToLower(filepath.Ext(card)) {
	case ".png", ".jpg", ".jpeg":
		return true
	}
	return false
}
