package draw

import (
	"math"
	"strings"
)

// Sizes of text in millimetres, as print.css has them.
const (
	bodySize  = 3.2
	bodyLine  = 4.5
	smallSize = 2.8
	smallLine = 3.8
	titleSize = 7
	titleLine = 8.6
	headLine  = 5
	headSize  = 3.8
)

// height guesses how high a text gets that is broken in a column, in
// millimetres. Which font a printer's browser has is not known, so the guess
// is on the safe side: DejaVu Sans, the widest of the usual ones.
func height(text string, size, line, width float64) float64 {
	lines, used := 1.0, 0.0
	for _, word := range strings.Fields(printable(text)) {
		w := wordWidth(word) * size
		switch space := 0.35 * size; {
		case used > 0 && used+space+w <= width:
			used += space + w
			continue
		case used > 0:
			lines++
		}
		full := math.Ceil(w/width) - 1 // lines that a long word fills alone
		lines, used = lines+full, w-full*width
	}
	return lines * line
}

// wordWidth is in units of the size of the font.
func wordWidth(word string) float64 {
	w := 0.0
	for _, r := range word {
		switch {
		case r >= 0x1100, strings.ContainsRune("MWmw@%", r): // from U+1100 on, East Asian letters are square
			w += 1.05
		case r >= 'A' && r <= 'Z':
			w += 0.77
		default:
			w += 0.65
		}
	}
	return w
}

// Heights in millimetres of the parts of a page, as print.css makes them.
const (
	rehearsalHeight = 20
	footerHeight    = 9
	signHeight      = 30
	factPadding     = 1.4
	factNameWidth   = 38
	factNamePadding = 4
	partGap         = 4 // below the title, the facts, the notes
	noteIndent      = 5
)

// free is what is left for codes on the first page and on the others.
func (s *Sheet) free(width, high float64) (first, others float64) {
	others = high - footerHeight
	if s.Rehearsal {
		others -= rehearsalHeight
	}
	first = others - signHeight - height(s.Title, titleSize*1.1, titleLine, width) - 3*partGap
	for _, f := range s.Facts {
		name := height(f[0], bodySize*1.1, bodyLine, factNameWidth-factNamePadding)
		first -= factPadding + max(name, height(f[1], bodySize, bodyLine, width-factNameWidth))
	}
	for _, n := range s.Notes {
		first -= height(n, bodySize, bodyLine, width-noteIndent)
	}
	return first, others
}
