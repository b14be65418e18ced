package draw

import "strings"

// Escape sequences (ECMA-48 SGR with the 256 colours of xterm): colours 16 and
// 231 are black and white of the colour cube, which themes leave alone, unlike
// 0 and 15. Both the background and the ink are always set.
const (
	onWhite = "\x1b[38;5;16;48;5;231m"
	onBlack = "\x1b[38;5;231;48;5;16m"
	reset   = "\x1b[0m"
)

// Lines paints the code with a quiet zone of so many modules (0 to 4; Fit says
// how many there is room for), one string for each row of the terminal,
// without line ends. Each begins with its colours and ends with a reset.
//
// Cells are painted with background colours, and have ink only where a cell's
// halves differ: block characters that should touch leave seams in most fonts,
// and readers fail on them.
func (c *Code) Lines(cells Cells, quiet int) []string {
	quiet = min(max(quiet, 0), quietModules)
	side := c.Size() + 2*quiet
	at := func(x, y int) bool { return c.At(x-quiet, y-quiet) }
	lines := make([]string, 0, cells.window(side).Rows)
	if cells == Spaces {
		for y := range side {
			var p painter
			for x := range side {
				p.cell(at(x, y), at(x, y))
				p.cell(at(x, y), at(x, y))
			}
			lines = append(lines, p.line())
		}
		return lines
	}
	for y := 0; y < side; y += 2 {
		var p painter
		for x := range side {
			p.cell(at(x, y), at(x, y+1))
		}
		lines = append(lines, p.line())
	}
	return lines
}

// painter writes the cells of one line, and colours only where they change.
type painter struct {
	text    strings.Builder
	colours string
}

// cell paints one cell, whose halves are dark or not. Where they differ, the
// colours stay as they are and the ink makes the other half.
func (p *painter) cell(upper, lower bool) {
	switch {
	case upper == lower && upper:
		p.ground(onBlack)
	case upper == lower, p.colours == "":
		p.ground(onWhite)
	}
	ink := p.colours == onWhite // the ink is dark
	switch {
	case upper == lower:
		p.text.WriteByte(' ')
	case upper == ink:
		p.text.WriteRune('▀')
	default:
		p.text.WriteRune('▄')
	}
}

func (p *painter) ground(colours string) {
	if p.colours != colours {
		p.text.WriteString(colours)
		p.colours = colours
	}
}

func (p *painter) line() string { return p.text.String() + reset }
