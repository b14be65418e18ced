package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media/qr/draw"
	"github.com/gapferry/gapferry/media/qr/frame"
)

// qrOptions say how codes are made.
type qrOptions struct {
	form  frame.Form
	cells draw.Cells
	rate  float64 // codes a second on a screen
}

// Flags of every command that shows codes.
var (
	typedFlag = &cli.BoolFlag{
		Name: "typed", Category: categoryQR,
		Usage: "make codes for handheld scanners that type what they read (base32)",
	}
	cellsFlag = &cli.StringFlag{
		Name: "cells", Value: "halves", Category: categoryQR,
		Usage: "how the terminal shows a module: `halves` (half blocks), or spaces (two blanks, where the font has no half blocks)",
		Action: func(_ *cli.Context, cells string) error {
			if cells != "halves" && cells != "spaces" {
				return terminal.Usagef("--cells takes halves or spaces, not %q", cells)
			}
			return nil
		},
	}
	rateFlag = &cli.Float64Flag{
		Name: "rate", Value: 8, Category: categoryQR,
		Usage: "codes shown a second, where more than one is needed: `0.5 to 15`; a camera takes 30 pictures a second, and wants to see each code twice",
		Action: func(_ *cli.Context, rate float64) error {
			if !(rate >= minRate && rate <= maxRate) {
				return terminal.Usagef("--rate takes %v to %v codes a second", minRate, maxRate)
			}
			return nil
		},
	}
)

const categoryQR = "QR codes"

// The slowest and the fastest that codes change on a screen.
const minRate, maxRate = 0.5, 15.0

func qrOptionsOf(ctx *cli.Context) qrOptions {
	o := qrOptions{form: frame.Base45, rate: ctx.Float64(rateFlag.Name)}
	if ctx.Bool(typedFlag.Name) {
		o.form = frame.Base32
	}
	if ctx.String(cellsFlag.Name) == "spaces" {
		o.cells = draw.Spaces
	}
	return o
}

// stem is how the files with the codes of a bundle's file begin: those for
// typing scanners otherwise than those for cameras.
func (o qrOptions) stem(name string) string {
	stem := strings.TrimSuffix(name, bundle.Extension)
	if o.form == frame.Base32 {
		stem += "-typed"
	}
	return stem
}

// layout is how a bundle is spread over codes of one size.
type layout struct {
	set     *frame.Set
	level   draw.Level
	version int
}

// paperLeast is the smallest version on paper: its six alignment patterns let
// a reader follow a page that is not flat. draw.MaxVersion is the largest.
const paperLeast = 7

// onPaper lays a bundle out for paper and pictures, with level M: paper gets
// stained. Where level L saves all codes but one, that is worth more.
func onPaper(data []byte, form frame.Form) (layout, error) {
	l, err := fewest(data, form, draw.M, paperLeast, draw.MaxVersion)
	if err != nil || l.set.Need() == 1 {
		return l, err
	}
	if one, err := fewest(data, form, draw.L, paperLeast, draw.MaxVersion); err == nil && one.set.Need() == 1 {
		return one, nil
	}
	return l, nil
}

// onScreen lays a bundle out for a terminal that has room for a version.
func onScreen(data []byte, form frame.Form, version int) (layout, error) {
	return fewest(data, form, draw.L, 1, version)
}

// fewest makes as few codes as the largest version allows, and those with the
// smallest version that makes no more.
func fewest(data []byte, form frame.Form, level draw.Level, least, most int) (layout, error) {
	least = min(least, most)
	need, err := frame.Need(len(data), form, draw.Capacity(most, level))
	if err != nil {
		return layout{}, fmt.Errorf("%w: make the window larger, or take a stick", err)
	}
	version := least
	for ; version < most; version++ {
		if n, err := frame.Need(len(data), form, draw.Capacity(version, level)); err == nil && n == need {
			break
		}
	}
	set, err := frame.Split(data, form, draw.Capacity(version, level))
	return layout{set, level, version}, err
}

// spare is how many codes more than needed are made for paper: a quarter, so
// that a sheet may get stained.
func (l layout) spare() int {
	if l.set.Need() == 1 {
		return 0
	}
	return (l.set.Need() + 3) / 4
}

// code makes one code of the set, which every reader that is at hand reads.
func (l layout) code(index int) (*draw.Code, error) {
	return draw.Readable(func(nonce byte) string { return l.set.Text(index, nonce) }, l.level, l.version)
}

// summary says how many codes there are.
func (l layout) summary() string {
	if l.set.Need() == 1 {
		return "one code"
	}
	return fmt.Sprintf("%d codes, of which any %d suffice", l.set.Need()+l.spare(), l.set.Need())
}

// heading says which code of how many it is.
func (l layout) heading(index int) string {
	need := l.set.Need()
	if need == 1 {
		return "the only code"
	}
	return fmt.Sprintf("code %d of %d, any %d suffice", index+1, need+l.spare(), need)
}
