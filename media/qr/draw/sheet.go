package draw

import (
	"errors"
	"fmt"
)

// Sheet is a paper of codes, to print, sign, file and scan again: one HTML
// page for a browser's print dialogue, which needs nothing but itself. Texts
// are given as they are and are escaped here; what is longer than 300
// characters is cut.
type Sheet struct {
	Title     string
	Facts     [][2]string // name and value: "from", "sa"
	Paper     string      // "A4" or "Letter"
	Figures   []Figure
	Notes     []string // sentences: what to do with the sheet
	Rehearsal bool     // puts a mark on every page that cannot be missed
}

// Figure is one code of a sheet and the words around it.
type Figure struct {
	Code    *Code
	Heading string   // "code 3 of 5, any 4 suffice"
	Lines   []string // "certificate of the SA key", "from sa to css"
	ID      string   // small, for comparing: digits of a digest; may be empty
}

// What a sheet may have. A set of codes has at most 256.
const (
	maxFigures = 1024
	maxRows    = 40 // of facts, of notes, of lines at a code
)

// HTML is the page. It fails if there is no code, if there is too much of
// something, or if a code does not fit the paper with modules of 0.5 mm.
func (s *Sheet) HTML() ([]byte, error) {
	p, err := findPaper(s.Paper)
	if err != nil {
		return nil, err
	}
	if err := s.bounds(); err != nil {
		return nil, err
	}
	width, high := p.inner()
	first, others := s.free(width, high)
	l := plan(s.Figures, s.Rehearsal, width, first, others)
	if l.pages == nil {
		return nil, fmt.Errorf("a code with its words does not fit on %s with modules of %v mm: use smaller codes or fewer words", s.Paper, leastModule)
	}
	return fill("sheet", s.filled(p, l))
}

// filledSheet is what the template of a sheet shows.
type filledSheet struct {
	*Sheet
	Paper   format
	Short   string // the title, at the foot
	Columns int
	Cell    float64 // width of a column, in millimetres
	Quiet   float64 // width of the quiet zone, in millimetres
	Pages   [][]drawnFigure
}

type drawnFigure struct {
	Figure
	Drawing drawing
}

func (s *Sheet) filled(p paper, l layout) filledSheet {
	f := filledSheet{
		Sheet: s, Paper: p.format(), Short: clip(s.Title, 60), Columns: l.columns, Cell: l.cell, Quiet: l.module * quietModules,
		Pages: make([][]drawnFigure, len(l.pages)),
	}
	for i, figures := range l.pages {
		for _, one := range figures {
			f.Pages[i] = append(f.Pages[i], drawnFigure{one, drawingOf(one.Code, l.module)})
		}
	}
	return f
}

func (s *Sheet) bounds() error {
	switch {
	case len(s.Figures) == 0:
		return errors.New("a sheet needs at least one code")
	case len(s.Figures) > maxFigures:
		return fmt.Errorf("a sheet has %d codes, at most %d can be printed: use larger codes", len(s.Figures), maxFigures)
	case len(s.Facts) > maxRows || len(s.Notes) > maxRows:
		return fmt.Errorf("a sheet has %d facts and %d notes, at most %d of each can be printed", len(s.Facts), len(s.Notes), maxRows)
	}
	for i, f := range s.Figures {
		if f.Code == nil || f.Code.Size() == 0 {
			return fmt.Errorf("figure %d of the sheet has no code", i+1)
		}
		if len(f.Lines) > maxRows {
			return fmt.Errorf("figure %d of the sheet has %d lines of text, at most %d can be printed", i+1, len(f.Lines), maxRows)
		}
	}
	return nil
}
