package draw

import "math"

// layout is how the codes of a sheet are laid on its pages: in rows and
// columns of equal cells. Pages are laid out here and not by the browser,
// because only then "sheet 2 of 3" is true and no code is cut by a page's end.
type layout struct {
	columns int
	cell    float64 // width of a column, in millimetres
	module  float64 // in millimetres, the same for all codes
	marked  bool    // a line of each figure says REHEARSAL
	pages   [][]Figure
}

// gap is between two columns and between two rows, in millimetres.
const gap = 8

// codeMargins are above and below a code, in millimetres.
const codeMargins = 2

// maxColumns keeps the words at a code readable.
const maxColumns = 3

// plan finds the layout with the fewest pages, and among these the one with the
// largest modules. first and others are what is free on the first page and on
// the others, in millimetres.
func plan(figures []Figure, rehearsal bool, width, first, others float64) layout {
	side := 0
	for _, f := range figures {
		side = max(side, f.Code.side())
	}
	var best layout
	for hundredths := 100; ; hundredths -= 2 { // from mostModule down
		module := float64(hundredths) / 100
		if module < leastModule || module < fairModule && best.pages != nil {
			return best
		}
		code := module * float64(side)
		columns := min(int((width+gap)/(code+gap)), maxColumns, len(figures))
		if columns == 0 {
			continue // wider than the page
		}
		l := layout{columns: columns, cell: (width - gap*float64(columns-1)) / float64(columns), module: module, marked: rehearsal}
		if l.fill(figures, first, others) && (best.pages == nil || len(l.pages) < len(best.pages)) {
			best = l
		}
	}
}

// fill puts rows of figures on pages. It reports false if a row is higher than
// a page.
func (l *layout) fill(figures []Figure, first, others float64) bool {
	page, free := []Figure{}, first
	for at := 0; at < len(figures); at += l.columns {
		row := figures[at:min(at+l.columns, len(figures))]
		high := l.rowHeight(row)
		if high > free {
			l.pages = append(l.pages, page)
			page, free = nil, others
		}
		if high > free {
			return false
		}
		page, free = append(page, row...), free-high-gap
	}
	l.pages = append(l.pages, page)
	return true
}

// rowHeight is the height of the highest figure of a row, in millimetres.
func (l *layout) rowHeight(row []Figure) float64 {
	high := 0.0
	for _, f := range row {
		h := height(f.Heading, headSize, headLine, l.cell) + l.module*float64(f.Code.side()) + codeMargins
		if l.marked {
			h += bodyLine
		}
		for _, text := range f.Lines {
			h += height(text, bodySize, bodyLine, l.cell)
		}
		if f.ID != "" {
			h += height(f.ID, smallSize, smallLine, l.cell)
		}
		high = math.Max(high, h)
	}
	return high
}
