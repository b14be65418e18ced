package paper

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"github.com/gapferry/gapferry/media"
)

//go:embed page.html
var pageHTML string

//go:embed paper.css
var paperCSS string

// pages are the templates of page.html, which escapes what is put into them for
// the place where it stands. Every value goes through one of functions: what is
// not printable is shown as its number, which is more than escaping.
var pages = template.New("page.html")

// functions of the templates. They are given here, because markup needs pages.
func init() { template.Must(pages.Funcs(functions()).Parse(pageHTML)) }

func functions() template.FuncMap {
	return template.FuncMap{
		"show":   show,
		"from1":  func(index int) int { return index + 1 },
		"mm":     func(length float64) string { return fmt.Sprintf("%.1f", length) },
		"typed":  commandLines,
		"quote":  quote,
		"style":  func() template.CSS { return template.CSS(paperCSS) },
		"markup": markup,
	}
}

// show makes visible what would not be seen, or would turn the text around.
func show(value any) string {
	if text, ok := value.(string); ok {
		return media.Escape(text)
	}
	return media.Escape(fmt.Sprint(value))
}

// quote writes a string of CSS: all but plain letters and digits as their
// numbers, so that no text can end the string or the style. The templates cannot
// do it: they take a string of CSS for an address, and refuse what has a colon.
func quote(text string) template.CSS {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range media.Escape(text) {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == ' ':
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\%06x `, r) // the blank ends the number
		}
	}
	b.WriteByte('"')
	return template.CSS(b.String())
}

// commandLines are the lines of a command on paper. They are not shown: a
// backslash ends a line here. Words of commands are written in this package,
// but for names that the plan's check let pass.
func commandLines(c command) string { return strings.Join(c.lines(commandWidth), "\n") }

func markup(b block) (template.HTML, error) {
	var page bytes.Buffer
	name, data := b.html()
	err := pages.ExecuteTemplate(&page, name, data)
	return template.HTML(page.String()), err
}

// Papers that pages are made for.
var papers = []string{"A4", "Letter"}

// filled is what the template "page" shows.
type filled struct {
	*Doc
	Paper     string
	Rehearsal string // the mark of one
	Formats   []format
	Parts     []pagePart
}

// format is the style of a kind of pages: CSS margin boxes have the name of the
// part, and a page's direction is its style's.
type format struct {
	Name string // of the style
	Head string
	Wide bool
}

type pagePart struct {
	Format string
	Blocks []block
}

// HTML is the document as one page that loads nothing and runs nothing. Paper
// is A4 or Letter. The page numbers and running heads are the browser's page
// margins, which Chromium has from 131 on; others leave them out.
func (d *Doc) HTML(paper string) ([]byte, error) {
	if paper != papers[0] && paper != papers[1] {
		return nil, fmt.Errorf("paper is %s or %s, not %q", papers[0], papers[1], paper)
	}
	p := filled{Doc: d, Paper: paper}
	if d.Rehearsal {
		p.Rehearsal = rehearsalWords
	}
	for _, part := range d.parts {
		p.Parts = append(p.Parts, pagePart{p.format(part), part.blocks})
	}
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "page", p); err != nil {
		return nil, fmt.Errorf("write a page: %w", err)
	}
	return b.Bytes(), nil
}

// format gives the name of a part's style, which parts that are alike share.
func (p *filled) format(of part) string {
	for _, f := range p.Formats {
		if f.Head == of.name && f.Wide == of.wide {
			return f.Name
		}
	}
	name := fmt.Sprintf("part%d", len(p.Formats)+1)
	p.Formats = append(p.Formats, format{name, of.name, of.wide})
	return name
}
