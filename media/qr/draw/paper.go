package draw

import "fmt"

// paper is a sheet in upright format, in millimetres.
type paper struct {
	name          string // as CSS calls it
	width, height float64
}

// The papers: ISO 216, and ANSI/ASME Y14.1 size A.
var papers = map[string]paper{
	"A4":     {"A4", 210, 297},
	"Letter": {"letter", 215.9, 279.4},
}

// margin is at every edge, in millimetres: more than any office printer leaves
// white, and enough for a file's holes.
const margin = 15

// slack is kept free at the foot of a page, so that no rounding in a browser
// pushes its last line to a page of its own.
const slack = 2

func findPaper(name string) (paper, error) {
	p, ok := papers[name]
	if !ok {
		return p, fmt.Errorf("there is no paper %q: the papers are A4 and Letter", clip(name, 40))
	}
	return p, nil
}

// inner is the part of the paper that can be printed on.
func (p paper) inner() (width, height float64) {
	return p.width - 2*margin, p.height - 2*margin - slack
}

// How large a module is printed, in millimetres.
//
// A webcam of 1280 pixels that sees 28 cm of paper has 4.6 pixels to a
// millimetre; package detect reads from about 1.5 pixels a module on, other
// readers from 3 on, which is fairModule. A scanner of 300 dots an inch has 6
// pixels for leastModule. Above mostModule a code only gets harder to hold in
// a camera's view.
const (
	leastModule = 0.5
	fairModule  = 0.68
	mostModule  = 1.0
)
