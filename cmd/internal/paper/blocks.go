package paper

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/coproc"
)

// title is the head of a part, heading that of something in it.
type (
	title     string
	heading   string
	paragraph string
	notes     []string    // sentences, one below the other
	facts     [][2]string // names and values; an empty value is a line to write on
)

func (t title) html(m *markup) { m.element("h1", "title", string(t)) }
func (t title) text(s *screen) {
	s.line("")
	s.say("", string(t))
	s.line(strings.Repeat("=", min(columns, len([]rune(string(t))))))
}

// together are blocks that stay on one page.
type together []block

func (t together) html(m *markup) {
	m.raw("<div class=\"together\">\n")
	for _, b := range t {
		b.html(m)
	}
	m.raw("</div>\n")
}

func (t together) text(s *screen) {
	for _, b := range t {
		b.text(s)
	}
}

func (h heading) html(m *markup) { m.element("h2", "heading", string(h)) }
func (h heading) text(s *screen) {
	s.line("")
	s.say("", string(h))
	s.line("")
}

func (p paragraph) html(m *markup) { m.element("p", "para", string(p)) }
func (p paragraph) text(s *screen) { s.say("", string(p)) }

func (n notes) html(m *markup) {
	m.raw("<ul class=\"notes\">\n")
	for _, text := range n {
		m.element("li", "note", text)
	}
	m.raw("</ul>\n")
}

func (n notes) text(s *screen) {
	for _, text := range n {
		s.say("  - ", text)
	}
}

// written is the width of names in lists of facts, on a screen.
const written = 28

// blankText is a line to write on, on a screen.
const blankText = "________________"

func (f facts) html(m *markup) {
	m.raw("<table class=\"facts\">\n")
	for _, row := range f {
		m.raw("<tr><th>")
		m.text(row[0])
		if row[1] == "" {
			m.raw("</th><td class=\"fill\">")
		} else {
			m.raw("</th><td>")
		}
		m.text(row[1])
		m.raw("</td></tr>\n")
	}
	m.raw("</table>\n")
}

func (f facts) text(s *screen) {
	for _, row := range f {
		name := row[0] + strings.Repeat(" ", max(2, written-len([]rune(row[0]))))
		s.say("  "+name, plainOr(row[1], blankText))
	}
}

// hashGrid is a SHA-256 value as a card has it: 24 words and eight groups of
// digits, or places to write them.
type hashGrid struct{ hash *coproc.Thumbprint }

func (g hashGrid) html(m *markup) {
	words, hex := make([]string, coproc.WordCount), make([]string, 8)
	if g.hash != nil {
		words, hex = coproc.Words(*g.hash), coproc.HexGroups(*g.hash)
	}
	m.raw("<ol class=\"words\">\n")
	for i, w := range words {
		m.raw("<li><i>%d</i>", i+1)
		m.text(w)
		m.raw("</li>\n")
	}
	m.raw("</ol>\n<div class=\"hex\">\n")
	for _, h := range hex {
		m.element("span", "group", h)
	}
	m.raw("</div>\n")
}

func (g hashGrid) text(s *screen) {
	const perRow, word = 4, 17
	words, hex := make([]string, coproc.WordCount), make([]string, 8)
	for i := range words {
		words[i] = "__________"
	}
	for i := range hex {
		hex[i] = "________"
	}
	if g.hash != nil {
		words, hex = coproc.Words(*g.hash), coproc.HexGroups(*g.hash)
	}
	row := ""
	for i, w := range words {
		row += pad(fmt.Sprintf("%2d %s", i+1, w), word)
		if i%perRow == perRow-1 {
			s.line("  " + row)
			row = ""
		}
	}
	s.line("")
	s.line("     " + strings.Join(hex[:4], "  "))
	s.line("     " + strings.Join(hex[4:], "  "))
}

// pad fills a text up to a width.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-len([]rune(s))))
}

// signatures are lines to sign on.
type signatures []string

func (g signatures) html(m *markup) {
	m.raw("<table class=\"sign\">\n")
	for _, who := range g {
		m.raw("<tr><th>")
		m.text(who)
		m.raw("</th><td>name</td><td>signature</td><td>date and time</td></tr>\n")
	}
	m.raw("</table>\n")
}

func (g signatures) text(s *screen) {
	for i, who := range g {
		if i > 0 {
			s.line("")
		}
		s.say("  ", who)
		s.line("    name ____________________  signature ____________________  date __________")
	}
}
