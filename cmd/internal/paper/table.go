package paper

import (
	"strings"
	"unicode/utf8"

	"github.com/gapferry/gapferry/media"
)

// table has one head, which paper repeats on every page, and rows in groups.
type table struct {
	Cols   []column
	groups []group
	Class  string // of the HTML
}

// column is a column of a table.
type column struct {
	Head  string
	Width string // on paper, in CSS; empty: what is left
	Class string // of its cells: "mono", "mark", "fill" to be written on
	paper bool   // on paper only: a column to be written on
	below bool   // on a screen, below the row: it can be long
}

// group is some rows under a line of their own, or under none.
type group struct {
	Title string
	rows  [][]string
}

// maxRows is how many rows of a long table are one table on paper: a browser
// takes very long to break one of many thousand rows into pages.
const maxRows = 200

func (t table) html() (string, any) { return "table", t }

// Pieces cuts a long table, between groups if it can.
func (t table) Pieces() [][]group {
	pieces, rows := [][]group{nil}, 0
	for _, g := range t.groups {
		for first := true; first || len(g.rows) > 0; first = false {
			n := min(len(g.rows), maxRows)
			if rows > 0 && rows+n > maxRows {
				pieces, rows = append(pieces, nil), 0
			}
			last := len(pieces) - 1
			pieces[last] = append(pieces[last], group{g.Title, g.rows[:n]})
			g.Title, g.rows, rows = "", g.rows[n:], rows+n
		}
	}
	return pieces
}

// firstRows is how many rows of a group stay on one page with its title: a
// browser breaks a table anywhere between rows, but not inside of a body that
// does not want it.
const firstRows = 2

// First are the rows that stay with the title, Rest are the others.
func (g group) First() [][]string { return g.rows[:min(firstRows, len(g.rows))] }
func (g group) Rest() [][]string  { return g.rows[min(firstRows, len(g.rows)):] }

// cell is a cell on paper.
type cell struct{ Class, Text string }

// Cells are those of a row; a blank is a place to write on.
func (t table) Cells(row []string) []cell {
	cells := make([]cell, len(t.Cols))
	for i, c := range t.Cols {
		if row[i] == blankText {
			cells[i] = cell{Class: "blank"}
		} else {
			cells[i] = cell{c.Class, row[i]}
		}
	}
	return cells
}

// plainWhat heads a column whose texts need no name beside them.
const plainWhat = "What"

// Between columns on a screen, and the narrowest that one is made.
const (
	gutter    = "  "
	minColumn = 6
)

func (t table) text(s *screen) {
	var shown, below []int
	for i, c := range t.Cols {
		switch {
		case c.below:
			below = append(below, i)
		case !c.paper:
			shown = append(shown, i)
		}
	}
	widths := t.fit(shown)
	head := make([]string, len(t.Cols))
	for i, c := range t.Cols {
		head[i] = c.Head
	}
	t.row(s, shown, widths, head)
	for _, g := range t.groups {
		if g.Title != "" {
			s.line("")
			s.say("  ", g.Title)
		}
		for _, row := range g.rows {
			t.row(s, shown, widths, row)
			for _, i := range below {
				text := row[i]
				if t.Cols[i].Head != plainWhat {
					text = strings.ToLower(t.Cols[i].Head) + ": " + text
				}
				if row[i] != "" {
					s.say("      ", text)
				}
			}
		}
	}
}

// fit gives each column what its longest cell needs, and takes from the widest
// until all of them fit the screen.
func (t table) fit(shown []int) []int {
	widths := make([]int, len(shown))
	total := 0
	for k, i := range shown {
		for _, word := range strings.Split(t.Cols[i].Head, " ") {
			widths[k] = max(widths[k], utf8.RuneCountInString(word))
		}
		for _, g := range t.groups {
			for _, row := range g.rows {
				widths[k] = max(widths[k], utf8.RuneCountInString(media.Escape(row[i])))
			}
		}
		total += widths[k] + len(gutter)
	}
	for ; total > screenWidth; total-- {
		widest := 0
		for k := range widths {
			if widths[k] > widths[widest] {
				widest = k
			}
		}
		if widths[widest] <= minColumn {
			break
		}
		widths[widest]--
	}
	return widths
}

func (t table) row(s *screen, shown, widths []int, row []string) {
	cells, high := make([][]string, len(shown)), 1
	for k, i := range shown {
		cells[k] = wrap(media.Escape(row[i]), widths[k])
		high = max(high, len(cells[k]))
	}
	for y := range high {
		var line strings.Builder
		for k := range shown {
			part := ""
			if y < len(cells[k]) {
				part = cells[k][y]
			}
			line.WriteString(gutter + pad(part, widths[k]))
		}
		s.line(line.String())
	}
}
