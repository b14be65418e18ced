package paper

import (
	_ "embed"
	"fmt"
	"html"
	"strings"

	"github.com/gapferry/gapferry/media"
)

//go:embed paper.css
var paperCSS string

// markup writes HTML by hand: html/template would bring the network packages
// along. Texts go through text, element or say; what is given to raw is written
// in this package.
type markup struct{ b strings.Builder }

func (m *markup) raw(format string, args ...any) { fmt.Fprintf(&m.b, format, args...) }

func (m *markup) text(s string) { m.b.WriteString(escape(s)) }

// escape shows what would not be seen, or would turn the text around, and makes
// the rest mean itself in HTML, in quoted attributes too.
func escape(s string) string { return html.EscapeString(media.Escape(s)) }

func (m *markup) element(tag, class, text string) {
	m.raw(`<%s class="%s">`, tag, class)
	m.text(text)
	m.raw("</%s>\n", tag)
}

// Papers that pages are made for.
var papers = []string{"A4", "Letter"}

// HTML is the document as one page that loads nothing and runs nothing. Paper
// is A4 or Letter. The page numbers and running heads are the browser's page
// margins, which Chromium has from 131 on; others leave them out.
func (d *Doc) HTML(paper string) ([]byte, error) {
	if paper != papers[0] && paper != papers[1] {
		return nil, fmt.Errorf("paper is %s or %s, not %q", papers[0], papers[1], paper)
	}
	var m markup
	m.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
	m.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>")
	m.text(d.Kind + ": " + d.Title)
	m.raw("</title>\n<style>\n")
	names := d.pages(&m, paper)
	m.raw("%s</style>\n</head>\n<body>\n", paperCSS)
	for i, p := range d.parts {
		m.raw("<section style=\"page: %s\">\n", names[i])
		if d.Rehearsal {
			m.element("p", "rehearsal", rehearsalWords)
		}
		if i == 0 {
			m.element("p", "ceremony", d.Title)
		}
		for _, b := range p.blocks {
			b.html(&m)
		}
		m.raw("</section>\n")
	}
	m.raw("</body>\n</html>\n")
	return []byte(m.b.String()), nil
}

// pages writes a page style for each kind of part, and gives the name of each
// part's.
func (d *Doc) pages(m *markup, paper string) []string {
	type kind struct {
		name string
		wide bool
	}
	named := map[kind]string{}
	names := make([]string, len(d.parts))
	for i, p := range d.parts {
		k := kind{p.name, p.wide}
		if named[k] == "" {
			named[k] = fmt.Sprintf("part%d", len(named)+1)
			d.page(m, named[k], paper, p)
		}
		names[i] = named[k]
	}
	return names
}

func (d *Doc) page(m *markup, name, paper string, p part) {
	turned, mark := "", ""
	if p.wide {
		turned = " landscape"
	}
	if d.Rehearsal {
		mark = "REHEARSAL"
	}
	m.raw("@page %s { size: %s%s; margin: 20mm 16mm 18mm;\n", name, paper, turned)
	for _, box := range []struct{ at, text string }{
		{"top-left", p.name}, {"top-center", mark}, {"top-right", d.Kind}, {"bottom-left", d.Reference},
	} {
		m.raw("  @%s { content: %s }\n", box.at, cssString(box.text))
	}
	m.raw("  @bottom-right { content: \"page \" counter(page) \" of \" counter(pages) }\n}\n")
}

// cssString writes a string of CSS: all but plain letters and digits as their
// numbers, so that no text can end the string or the style.
func cssString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range media.Escape(s) {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == ' ':
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\%06x `, r) // the blank ends the number
		}
	}
	b.WriteByte('"')
	return b.String()
}
