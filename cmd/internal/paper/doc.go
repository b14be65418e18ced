// Package paper makes what a ceremony needs on paper: the two forms of the
// procedure, the script to follow room by room, the shortest route, and the
// auditor's report. Each is one self-contained HTML page for a browser's print
// dialogue, and the same as text for a screen. It knows the plan and what a
// transcript came to; it reads no files and speaks with nobody.
package paper

import (
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/plan"
)

// Doc is a document, for paper (HTML) and for a screen (Text). Texts in it are
// as they came, and are escaped when it is written.
type Doc struct {
	Title     string // of the ceremony
	Kind      string // "Forms", "Script", "Report"
	Reference string // what tells it from every other: ceremony id and digests
	Rehearsal bool   // puts a mark on every page that cannot be missed
	parts     []part
}

// part is a run of pages that begins on a new one.
type part struct {
	name   string // in the header of its pages
	wide   bool   // landscape
	blocks []block
}

// block is a piece of a part.
type block interface {
	html() (template string, data any) // which template of page.html writes it, from what
	text(*screen)
}

// newDoc begins a document about a plan.
func newDoc(p *plan.Plan, kind string) *Doc {
	return &Doc{
		Title: p.Title, Kind: kind, Rehearsal: p.Rehearsal,
		Reference: "ceremony " + p.Ceremony + ", plan " + p.Digest().Short(),
	}
}

func (d *Doc) add(name string, wide bool, blocks ...block) {
	d.parts = append(d.parts, part{name, wide, blocks})
}

// Text is the document for a screen of 80 columns.
func (d *Doc) Text() string {
	var s screen
	s.say("", d.Title)
	s.say("", d.Kind+": "+d.Reference)
	if d.Rehearsal {
		s.say("", rehearsalWords)
	}
	for _, p := range d.parts {
		for _, b := range p.blocks {
			b.text(&s)
		}
	}
	return s.String()
}

const rehearsalWords = "REHEARSAL: for practice only; no live node accepts anything of it"

// joinNames joins names: "csr1, csr2 and csr3"; of many, the first few and how many
// there are.
func joinNames(names []string) string {
	const most = 8
	switch n := len(names); {
	case n == 0:
		return "nobody"
	case n == 1:
		return names[0]
	case n > most:
		return strings.Join(names[:most-1], ", ") + ", … " + plural(n, "in all", "in all")
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}
