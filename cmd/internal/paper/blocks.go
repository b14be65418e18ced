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

func (t title) html() (string, any) { return "title", t }
func (t title) text(s *screen) {
	s.line("")
	s.say("", string(t))
	s.line(strings.Repeat("=", min(screenWidth, len([]rune(string(t))))))
}

// together are blocks that stay on one page.
type together []block

func (t together) html() (string, any) { return "together", t }

func (t together) text(s *screen) {
	for _, b := range t {
		b.text(s)
	}
}

func (h heading) html() (string, any) { return "heading", h }
func (h heading) text(s *screen) {
	s.line("")
	s.say("", string(h))
	s.line("")
}

func (p paragraph) html() (string, any) { return "paragraph", p }
func (p paragraph) text(s *screen)      { s.say("", string(p)) }

func (n notes) html() (string, any) { return "notes", n }

func (n notes) text(s *screen) {
	for _, text := range n {
		s.say("  - ", text)
	}
}

// factNameWidth is the width of names in lists of facts, on a screen.
const factNameWidth = 28

// blankText is a line to write on, on a screen.
const blankText = "________________"

func (f facts) html() (string, any) { return "facts", f }

func (f facts) text(s *screen) {
	for _, row := range f {
		name := row[0] + strings.Repeat(" ", max(2, factNameWidth-len([]rune(row[0]))))
		s.say("  "+name, orElse(row[1], blankText))
	}
}

// hashGrid is a SHA-256 value as a card has it: 24 words and eight groups of
// digits, or places to write them.
type hashGrid struct{ hash *coproc.Thumbprint }

func (g hashGrid) html() (string, any) { return "hash", g }

// Words and Hex are those of the hash, or as many empty ones.
func (g hashGrid) Words() []string {
	if g.hash == nil {
		return make([]string, coproc.WordCount)
	}
	return coproc.Words(*g.hash)
}

func (g hashGrid) Hex() []string {
	if g.hash == nil {
		return make([]string, 8)
	}
	return coproc.HexGroups(*g.hash)
}

func (g hashGrid) text(s *screen) {
	const perRow, word = 4, 17
	row := ""
	for i, w := range g.Words() {
		row += pad(fmt.Sprintf("%2d %s", i+1, orElse(w, "__________")), word)
		if i%perRow == perRow-1 {
			s.line("  " + row)
			row = ""
		}
	}
	hex := g.Hex()
	for i := range hex {
		hex[i] = orElse(hex[i], "________")
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

func (g signatures) html() (string, any) { return "signatures", g }

func (g signatures) text(s *screen) {
	for i, who := range g {
		if i > 0 {
			s.line("")
		}
		s.say("  ", who)
		s.line("    name ____________________  signature ____________________  date __________")
	}
}
