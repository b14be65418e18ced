package main

import (
	"github.com/urfave/cli/v2"

	"github.com/gapferry/gapferry/cmd/internal/carrier"
	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media/qr/draw"
	"github.com/gapferry/gapferry/media/qr/frame"
)

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

func qrOptionsOf(ctx *cli.Context) carrier.CodeOptions {
	o := carrier.CodeOptions{Form: frame.Base45, Rate: ctx.Float64(rateFlag.Name)}
	if ctx.Bool(typedFlag.Name) {
		o.Form = frame.Base32
	}
	if ctx.String(cellsFlag.Name) == "spaces" {
		o.Cells = draw.Spaces
	}
	return o
}
