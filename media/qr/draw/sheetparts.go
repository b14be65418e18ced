package draw

// Heights in millimetres of the parts of a page, as print.css makes them.
const (
	rehearsalHeight = 20
	footerHeight    = 9
	signHeight      = 30
	factPadding     = 1.4
	factNameWidth   = 38
	factNamePadding = 4
	partGap         = 4 // below the title, the facts, the notes
	noteIndent      = 5
)

// free is what is left for codes on the first page and on the others.
func (s *Sheet) free(width, high float64) (first, others float64) {
	others = high - footerHeight
	if s.Rehearsal {
		others -= rehearsalHeight
	}
	first = others - signHeight - height(s.Title, titleSize*1.1, titleLine, width) - 3*partGap
	for _, f := range s.Facts {
		name := height(f[0], bodySize*1.1, bodyLine, factNameWidth-factNamePadding)
		first -= factPadding + max(name, height(f[1], bodySize, bodyLine, width-factNameWidth))
	}
	for _, n := range s.Notes {
		first -= height(n, bodySize, bodyLine, width-noteIndent)
	}
	return first, others
}

func (m *markup) notes(notes []string) {
	if len(notes) == 0 {
		return
	}
	m.raw("<ul class=\"notes\">\n")
	for _, n := range notes {
		m.raw("<li>")
		m.text(n)
		m.raw("</li>\n")
	}
	m.raw("</ul>\n")
}

func (m *markup) figures(figures []Figure, l layout, rehearsal bool) {
	if len(figures) == 0 {
		return
	}
	m.raw("<div class=\"grid\" style=\"grid-template-columns: repeat(%d, %.2fmm)\">\n", l.columns, l.cell)
	for _, f := range figures {
		m.raw("<figure style=\"--quiet: %.2fmm\">\n", l.module*quietModules)
		m.element("h2", "heading", f.Heading)
		m.code(f.Code, l.module)
		m.raw("<figcaption>\n")
		if rehearsal {
			m.raw("<p class=\"line\"><b>REHEARSAL</b></p>\n") // for a code that is cut out
		}
		for _, line := range f.Lines {
			m.element("p", "line", line)
		}
		if f.ID != "" {
			m.element("p", "id", f.ID)
		}
		m.raw("</figcaption>\n</figure>\n")
	}
	m.raw("</div>\n")
}

// signatures is filled in by hand: who vouches that this sheet is the one that
// was made, and who took it over.
func (m *markup) signatures() {
	m.raw("<table class=\"sign\">\n")
	for _, who := range []string{"Printed by", "Received by"} {
		m.raw("<tr><th>%s</th><td>name</td><td>signature</td><td>date and time</td></tr>\n", who)
	}
	m.raw("</table>\n")
}

func (m *markup) footer(s *Sheet, page, of int) {
	m.raw("<footer><span>")
	if s.Rehearsal {
		m.raw("<b>REHEARSAL</b> ")
	}
	m.text(clip(s.Title, 60))
	m.raw("</span><span>sheet %d of %d</span></footer>\n", page, of)
}
