package paper

import (
	"strings"
	"unicode/utf8"

	"github.com/gapferry/gapferry/media"
)

// screenWidth is the width that text for a screen is made for.
const screenWidth = 79

// screen writes text, escaped and broken at blanks.
type screen struct{ strings.Builder }

// say writes a text behind a prefix; what does not fit goes on below it.
func (s *screen) say(prefix, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(prefix))
	for i, line := range wrap(media.Escape(text), screenWidth-len(indent)) {
		if i == 0 {
			s.line(prefix + line)
		} else {
			s.line(indent + line)
		}
	}
}

func (s *screen) line(text string) { s.WriteString(strings.TrimRight(text, " ") + "\n") }

// wrap breaks a text into lines of so many characters: at blanks, and inside of
// words that are longer than a line. It gives at least one line.
func wrap(text string, width int) []string {
	var lines []string
	line, used := "", 0
	for i, word := range strings.Split(text, " ") {
		n := utf8.RuneCountInString(word)
		if i > 0 && used+1+n <= width {
			line, used = line+" "+word, used+1+n
			continue
		}
		if i > 0 {
			lines = append(lines, line)
		}
		if n > width {
			runes := []rune(word)
			for ; len(runes) > width; runes = runes[width:] {
				lines = append(lines, string(runes[:width]))
			}
			word, n = string(runes), len(runes)
		}
		line, used = word, n
	}
	return append(lines, line)
}
