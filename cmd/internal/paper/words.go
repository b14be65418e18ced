package paper

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// plural counts something.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// numbers joins share indexes: "1, 2, 4".
func numbers(list []int) string {
	s := make([]string, len(list))
	for i, n := range list {
		s[i] = fmt.Sprint(n)
	}
	return strings.Join(s, ", ")
}

// moment is a time of a journal, UTC; empty for none.
func moment(unix int64) string {
	if unix == 0 {
		return ""
	}
	return time.Unix(unix, 0).UTC().Format("2006-01-02 15:04:05Z")
}

// minute is moment without seconds, for a column.
func minute(unix int64) string {
	if unix == 0 {
		return ""
	}
	return time.Unix(unix, 0).UTC().Format("2006-01-02 15:04Z")
}

// maxText is how much of a text of a journal stands on paper, in
// characters. An officer's remark has up to 1000 bytes; whoever makes a journal
// by hand can write millions.
const maxText = 400

// truncate shortens a text of a journal.
func truncate(text string) string {
	n := 0
	for at := range text {
		if n == maxText {
			return fmt.Sprintf("%s… (%d more; see the journal)", text[:at], utf8.RuneCountInString(text[at:]))
		}
		n++
	}
	return text
}

// orElse gives a text, or what stands for none.
func orElse(s, none string) string {
	if s == "" {
		return none
	}
	return s
}

// groupHex writes hex digits in groups of eight.
func groupHex(hex string) string {
	var groups []string
	for ; len(hex) > 8; hex = hex[8:] {
		groups = append(groups, hex[:8])
	}
	return strings.Join(append(groups, hex), " ")
}
