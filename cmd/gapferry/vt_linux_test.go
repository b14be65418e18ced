package main

import (
	"fmt"
	"image"
	"image/color"
	"io"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// vt is a terminal that knows what gapferry's screens use, and nothing else:
// what it does not know fails the test.
type vt struct {
	t          testing.TB
	cols, rows int
	cells      [][]vtCell
	x, y       int
	ink, paper uint8
	scrolled   int
	second     bool // xterm's second screen is on
	lacks      bool // there is no second screen: what asks for it is ignored
	first      [][]vtCell
	memory     []string // lines that scrolled off the first screen
	views      int      // times that the last line was written on the second screen
}

type vtCell struct {
	glyph      rune
	ink, paper uint8
}

// The size of a cell in pixels.
const vtWidth, vtHeight = 6, 12

func newVT(t testing.TB, cols, rows int) *vt {
	v := &vt{t: t, cols: cols, rows: rows, ink: 200}
	v.erase()
	return v
}

func (v *vt) erase() {
	v.cells = make([][]vtCell, v.rows)
	for y := range v.cells {
		v.cells[y] = make([]vtCell, v.cols)
		for x := range v.cells[y] {
			v.cells[y][x].glyph = ' '
		}
	}
}

// write takes what a program writes, and calls view whenever a whole view of
// the second screen stands there.
func (v *vt) write(told string, view func(*vt)) {
	for told != "" {
		if rest, ok := strings.CutPrefix(told, "\x1b["); ok {
			end := strings.IndexFunc(rest, func(r rune) bool { return r >= '@' && r <= '~' })
			if end < 0 {
				return // the rest is still to come
			}
			v.control(rest[:end], rest[end])
			told = rest[end+1:]
			if rest[end] == 'K' && v.second && v.y == v.rows-1 {
				v.views++
				view(v)
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(told)
		told = told[n:]
		v.put(r)
	}
}

func (v *vt) control(args string, final byte) {
	switch {
	case args == "?1049" && v.lacks:
	case args == "?1049" && final == 'h':
		v.second, v.first = true, v.cells
		v.erase()
	case args == "?1049" && final == 'l' && v.second:
		v.second, v.cells = false, v.first
	case args == "?1049": // it was not on
	case strings.HasPrefix(args, "?"): // the cursor's look
	case final == 'J' && args == "2":
		v.remember(v.rows) // as tmux does
		v.erase()
	case final == 'J':
		for y := v.y + 1; y < v.rows; y++ {
			clear(v.cells[y])
		}
		clear(v.cells[v.y][v.x:])
	case final == 'K' && args == "2":
		clear(v.cells[v.y])
	case final == 'K':
		for x := min(v.x, v.cols); x < v.cols; x++ {
			v.cells[v.y][x] = vtCell{' ', v.ink, v.paper}
		}
	case final == 'H':
		v.y, v.x = 1, 1
		if _, err := fmt.Sscanf(args, "%d;%d", &v.y, &v.x); err != nil && args != "" {
			v.t.Fatalf("cursor to %q", args)
		}
		v.x, v.y = v.x-1, v.y-1
		if v.x < 0 || v.y < 0 || v.y >= v.rows || v.x >= v.cols {
			v.t.Fatalf("the cursor left the window: %q", args)
		}
	case final == 'm':
		v.colours(args)
	default:
		v.t.Fatalf("unknown control %q %c", args, final)
	}
}

func (v *vt) colours(args string) {
	if args == "0" {
		v.ink, v.paper = 200, 0
		return
	}
	f := strings.Split(args, ";")
	for i := 0; i+2 < len(f); i += 3 {
		n, err := strconv.Atoi(f[i+2])
		if err != nil || f[i+1] != "5" || n != 16 && n != 231 {
			v.t.Fatalf("colours %q", args)
		}
		grey := uint8(0)
		if n == 231 {
			grey = 255
		}
		if f[i] == "38" {
			v.ink = grey
		} else {
			v.paper = grey
		}
	}
}

func (v *vt) put(r rune) {
	switch r {
	case '\r':
		v.x = 0
		return
	case '\n':
		if v.y++; v.y == v.rows {
			v.y--
			v.scrolled++
			v.remember(1)
			copy(v.cells, v.cells[1:])
			v.cells[v.y] = make([]vtCell, v.cols)
		}
		return
	}
	if v.x >= v.cols {
		v.x = 0
		v.put('\n')
	}
	v.cells[v.y][v.x] = vtCell{r, v.ink, v.paper}
	v.x++
}

// remember keeps the first lines of the first screen, which scroll off it.
func (v *vt) remember(lines int) {
	for _, line := range v.cells[:lines] {
		if !v.second {
			v.memory = append(v.memory, textOf(line))
		}
	}
}

func textOf(line []vtCell) string {
	var b strings.Builder
	for _, c := range line {
		b.WriteRune(max(c.glyph, ' '))
	}
	return strings.TrimRight(b.String(), " ")
}

// everything is what somebody sees who scrolls back: what scrolled off, and
// what stands there.
func (v *vt) everything() string {
	all := v.memory
	for _, line := range v.cells {
		all = append(all, textOf(line))
	}
	return strings.Join(all, "\n")
}

// picture is what somebody who films the terminal gets.
func (v *vt) picture() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, v.cols*vtWidth, v.rows*vtHeight))
	for y, line := range v.cells {
		for x, c := range line {
			for py := range vtHeight {
				grey := c.paper
				upper := py < vtHeight/2
				switch {
				case c.glyph == '▀' && upper, c.glyph == '▄' && !upper:
					grey = c.ink
				case c.glyph > ' ' && c.glyph < 0x7f && py%3 == 1:
					grey = c.ink
				}
				for px := range vtWidth {
					img.SetGray(x*vtWidth+px, y*vtHeight+py, color.Gray{Y: grey})
				}
			}
		}
	}
	return img
}

// writePGM adds a picture to a stream of them.
func writePGM(w io.Writer, img *image.Gray) error {
	b := img.Bounds()
	if _, err := fmt.Fprintf(w, "P5\n%d %d\n255\n", b.Dx(), b.Dy()); err != nil {
		return err
	}
	_, err := w.Write(img.Pix)
	return err
}
