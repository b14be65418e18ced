package draw

import (
	_ "embed"
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"
)

//go:embed print.css
var printCSS string

// maxText is how many characters of one text from outside are printed.
const maxText = 300

// markup writes HTML. Texts go through text, element or row; what is given to
// raw is written in this package.
type markup struct{ b strings.Builder }

func (m *markup) raw(format string, args ...any) { fmt.Fprintf(&m.b, format, args...) }

func (m *markup) text(s string) { m.b.WriteString(html.EscapeString(printable(s))) }

func (m *markup) element(tag, class, text string) {
	m.raw("<%s class=\"%s\">", tag, class)
	m.text(text)
	m.raw("</%s>\n", tag)
}

// open begins a page that can load nothing and run nothing, whatever is in it.
func (m *markup) open(title string, p paper) {
	m.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
	m.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>")
	m.text(title)
	width, height := p.inner()
	m.raw("</title>\n<style>\n@page { size: %s portrait; margin: %dmm }\n.page { width: %.1fmm; min-height: %.1fmm }\n%s</style>\n</head>\n<body>\n",
		p.name, margin, width, height, printCSS)
}

func (m *markup) close() []byte {
	m.raw("</body>\n</html>\n")
	return []byte(m.b.String())
}

// facts writes a table of names and values.
func (m *markup) facts(rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	m.raw("<table class=\"facts\">\n")
	for _, r := range rows {
		m.raw("<tr><th>")
		m.text(r[0])
		m.raw("</th><td>")
		m.text(r[1])
		m.raw("</td></tr>\n")
	}
	m.raw("</table>\n")
}

// rehearsal is the mark of what must never be taken for the real thing.
func (m *markup) rehearsal(on bool) {
	if on {
		m.raw("<div class=\"rehearsal\"><b>REHEARSAL</b><span>%s</span></div>\n", rehearsalWords)
	}
}

const rehearsalWords = "For practice only. Nothing on this paper belongs to a real ceremony."

// code draws a code with its quiet zone and modules of so many millimetres:
// one path, so that no printer leaves a seam between two modules.
func (m *markup) code(c *Code, module float64) {
	side := c.side()
	m.raw("<svg width=\"%.2fmm\" height=\"%.2fmm\" viewBox=\"-%d -%d %d %d\" shape-rendering=\"crispEdges\" role=\"img\"><path d=\"",
		float64(side)*module, float64(side)*module, quietModules, quietModules, side, side)
	for y := range c.Size() {
		for x := 0; x < c.Size(); x++ {
			from := x
			for c.At(x, y) {
				x++
			}
			if x > from {
				m.raw("M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	m.raw("\"/></svg>\n")
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
