package draw

// Cells is how modules become a terminal's cells.
type Cells int

const (
	// HalfBlocks is two modules a cell, one above the other. It needs a font
	// that has U+2580 and U+2584, the half blocks.
	HalfBlocks Cells = iota
	// Spaces is two cells a module, side by side, with nothing but background
	// colours: it works with every font, and needs twice the columns and rows.
	Spaces
)

// Window is the size of a terminal in cells.
type Window struct{ Cols, Rows int }

// The quiet zones of a terminal, in modules. The standard's 4 costs a version
// or two of size; 2 was read by every reader that was tried, from screenshots
// on a dark theme. 1 is for windows in which nothing else fits.
const (
	fairQuiet  = 2
	leastQuiet = 1
)

// Fit finds the largest version, at most `most`, whose code fits a window with
// its quiet zone while `reserve` rows are kept free for lines of text, and the
// widest quiet zone (4 to 2 modules; 1 if there is no other way) that this
// version can have. ok is false if the window is too small even for version 1.
//
// A code may take the last column: print a line end after each of Lines, and
// none after the last one unless a row is reserved for the cursor.
func Fit(w Window, cells Cells, reserve, most int) (version int, quiet int, ok bool) {
	rows := w.Rows - max(reserve, 0)
	for _, least := range []int{fairQuiet, leastQuiet} {
		for version = min(most, mostVersion); version >= leastVersion; version-- {
			for quiet = quietModules; quiet >= least; quiet-- {
				needs := cells.window(modules(version) + 2*quiet)
				if needs.Cols <= w.Cols && needs.Rows <= rows {
					return version, quiet, true
				}
			}
		}
	}
	return 0, 0, false
}

// window is what a square of modules takes.
func (c Cells) window(side int) Window {
	if c == Spaces {
		return Window{2 * side, side}
	}
	return Window{side, (side + 1) / 2}
}
