package draw

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"unicode/utf8"
)

//go:embed page.html
var pageHTML string

//go:embed print.css
var printCSS string

// maxText is how many characters of one text from outside are printed.
const maxText = 300

// pages are the templates of page.html, which escapes what is put into them for
// the place where it stands. Every value goes through one of the functions: what
// is not printable is shown as strconv.Quote writes it, which is more than
// escaping.
var pages = template.Must(template.New("page.html").Funcs(functions).Parse(pageHTML))

var functions = template.FuncMap{
	"show":  func(value any) string { return printable(fmt.Sprint(value)) },
	"from1": func(index int) int { return index + 1 },
	"mm1":   func(length float64) string { return fmt.Sprintf("%.1f", length) },
	"mm2":   func(length float64) string { return fmt.Sprintf("%.2f", length) },
	"path":  path,
	"style": func() template.CSS { return template.CSS(printCSS) },
}

// format is what a page knows of its paper, in millimetres.
type format struct {
	Name          string // as CSS calls it
	Margin        int
	Width, Height float64 // inside of the margins
}

func (p paper) format() format {
	width, height := p.inner()
	return format{p.name, margin, width, height}
}

// drawing is a code with modules of so many millimetres and its quiet zone.
type drawing struct {
	Code  *Code
	Width float64 // in millimetres
	Side  int     // in modules
	Quiet int
}

func drawingOf(c *Code, module float64) drawing {
	return drawing{c, float64(c.side()) * module, c.side(), quietModules}
}

// path draws the dark modules of a code as one path, so that no printer leaves a
// seam between two modules.
func path(c *Code) string {
	var b strings.Builder
	for y := range c.Size() {
		for x := 0; x < c.Size(); x++ {
			from := x
			for c.At(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return b.String()
}

// fill writes a page. It can load nothing and run nothing, whatever is in it.
func fill(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("write a page: %w", err)
	}
	return b.Bytes(), nil
}

// printable shows what would not be seen, or would turn the text around, as
// strconv.Quote writes it, and cuts what is too long.
func printable(s string) string {
	var b strings.Builder
	for s = clip(s, maxText); len(s) > 0; {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 || r == '\\' || !strconv.IsPrint(r) {
			q := strconv.Quote(s[:n])
			b.WriteString(q[1 : len(q)-1])
		} else {
			b.WriteRune(r)
		}
		s = s[n:]
	}
	return b.String()
}

// clip cuts a text to so many characters.
func clip(s string, most int) string {
	n := 0
	for i := range s {
		if n == most {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
