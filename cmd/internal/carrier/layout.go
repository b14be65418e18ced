package carrier

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/media/qr/draw"
	"github.com/gapferry/gapferry/media/qr/frame"
)

// CodeOptions say how codes are made.
type CodeOptions struct {
	Form  frame.Form
	Cells draw.Cells
	Rate  float64 // codes a second on a screen
}

// stem is how the files with the codes of a bundle's file begin: those for
// typing scanners otherwise than those for cameras.
func (o CodeOptions) stem(name string) string {
	stem := strings.TrimSuffix(name, bundle.Extension)
	if o.Form == frame.Base32 {
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

// minPaperVersion is the smallest version on paper: its six alignment patterns let
// a reader follow a page that is not flat. draw.MaxVersion is the largest.
const minPaperVersion = 7

// LayoutForPaper lays a bundle out for paper and pictures, with level M: paper gets
// stained. Where level L saves all codes but one, that is worth more.
func LayoutForPaper(data []byte, form frame.Form) (layout, error) {
	l, err := fewestCodes(data, form, draw.M, minPaperVersion, draw.MaxVersion)
	if err != nil || l.set.Need() == 1 {
		return l, err
	}
	if one, err := fewestCodes(data, form, draw.L, minPaperVersion, draw.MaxVersion); err == nil && one.set.Need() == 1 {
		return one, nil
	}
	return l, nil
}

// layoutForScreen lays a bundle out for a terminal that has room for a version.
func layoutForScreen(data []byte, form frame.Form, version int) (layout, error) {
	return fewestCodes(data, form, draw.L, 1, version)
}

// fewestCodes makes as few codes as the largest version allows, and those with the
// smallest version that makes no more.
func fewestCodes(data []byte, form frame.Form, level draw.Level, least, most int) (layout, error) {
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

// Code makes one code of the set, which every reader that is at hand reads.
func (l layout) Code(index int) (*draw.Code, error) {
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

// PaperCodes says how many codes a bundle of a size gets on paper, of which some are
// spare, and how many of them are needed.
func PaperCodes(size int) (printed, needed int, err error) {
	l, err := LayoutForPaper(make([]byte, size), frame.Base45) // the number depends on the size alone
	if err != nil {
		return 0, 0, err
	}
	return l.set.Need() + l.spare(), l.set.Need(), nil
}

// ScreenCodes says how many codes a bundle of a size needs in a window.
func ScreenCodes(size int, window draw.Window) (int, error) {
	version, _, _ := draw.Fit(window, draw.HalfBlocks, statusRows, maxScreenVersion)
	l, err := layoutForScreen(make([]byte, size), frame.Base45, version)
	if err != nil {
		return 0, err
	}
	return l.set.Need(), nil
}
