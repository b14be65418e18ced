package carrier

import (
	"fmt"
	"io"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/terminal"
	"github.com/gapferry/gapferry/media"
)

// show rewrites the line that says how far the scan is.
func (s *scan) show(look reading) {
	var parts []string
	for _, p := range s.collector.Progress() {
		if !p.Complete {
			part := fmt.Sprintf("bundle %s: %d of %d codes", shortID(p.Set), p.Got, p.Need)
			if p.Contradiction {
				part += ", which contradict each other: go on, or begin again"
			}
			parts = append(parts, part)
		}
	}
	if len(look.texts) == 0 && look.hint != "" {
		parts = append(parts, look.hint)
	}
	s.line.set(strings.Join(parts, "; "))
}

// print says something in which everything from outside is escaped.
func (s *scan) print(prefix, text string) {
	s.line.clear()
	terminal.PrintSafe(s.opener.Out, prefix, text)
}

// maxTold bounds what a hostile source can make a scan say.
const maxTold = 200

// printOnce is tell for what may come again and again.
func (s *scan) printOnce(prefix, text string) {
	if s.printed[text] || len(s.printed) > maxTold {
		return
	}
	if s.printed[text] = true; len(s.printed) > maxTold {
		text = "and more, which is not said any more"
	}
	s.print(prefix, text)
}

// statusLine is one line of a terminal that is written again and again.
type statusLine struct {
	out  io.Writer // nil: nobody looks
	text string
}

func (l *statusLine) set(text string) {
	text = media.Escape(text)
	if l.out == nil || text == l.text {
		return
	}
	if r := []rune(text); len(r) > terminal.Width-4 {
		text = string(r[:terminal.Width-5]) + "…"
	}
	fmt.Fprintf(l.out, "\r\x1b[K    %s", text)
	l.text = text
}

func (l *statusLine) clear() {
	if l.out != nil && l.text != "" {
		fmt.Fprint(l.out, "\r\x1b[K")
		l.text = ""
	}
}
