package ceremonytest

import (
	"regexp"
	"slices"
	"strings"
)

// Command is a command that a text tells a person to type.
type Command struct {
	Words []string          // "phase", "3b"
	Flags map[string]string // "renew" → "csr1", or "" where the text gives no value
}

func (c Command) is(words ...string) bool { return slices.Equal(c.Words, words) }

func (c Command) has(flag string) bool {
	_, there := c.Flags[flag]
	return there
}

func (c Command) String() string {
	s := strings.Join(c.Words, " ")
	for _, f := range slices.Sorted(keysOf(c.Flags)) {
		s = strings.TrimSpace(s + " --" + f + " " + c.Flags[f])
	}
	return s
}

// second are the first words of commands that have a second one.
var second = []string{"phase", "task", "coprocessor", "journal", "audit", "media", "plan", "transcript", "qr"}

var (
	named    = regexp.MustCompile(`(?:gapferry |\b(?:say )?(?:phase )?(?:3b |2b )?--renew\b|\bphase (?:1|2a|2b|3a|3b|3c|3d)\b)[^` + "`" + `;:)]*`)
	flagName = regexp.MustCompile(`^--([a-z-]+)$`)
	plain    = regexp.MustCompile(`^[a-z0-9-]+$`)
	value    = regexp.MustCompile(`^[A-Za-z0-9_"'<>.…/:=-]+$`)
)

// inBraces are commands of the room where a text is printed: see
// ceremony.Refusal.
var inBraces = regexp.MustCompile(`\{([a-z][^{}]*)\}`)

// Commands are those that a text names, in its order: what follows "gapferry"
// or stands in braces, and phases and flags as sentences have them.
func Commands(text string) (all []Command) {
	text = inBraces.ReplaceAllString(text, "`gapferry $1`")
	for _, s := range named.FindAllString(text, -1) {
		all = append(all, parse(s)...)
	}
	return all
}

// parse reads a stretch of text that begins with a command.
func parse(s string) (all []Command) {
	words := strings.Fields(s)
	c := Command{Flags: map[string]string{}}
	i := 0
	if words[i] == "gapferry" || words[i] == "say" {
		i++
	}
	end := func(word string) (string, bool) {
		cut := strings.TrimRight(word, ",.")
		return cut, cut != word
	}
	for done := false; i < len(words) && !done; i++ {
		var word string
		word, done = end(words[i])
		switch m := flagName.FindStringSubmatch(word); {
		case m != nil:
			c.Flags[m[1]] = ""
			if i+1 < len(words) && !done {
				next, last := end(words[i+1])
				if value.MatchString(next) && !strings.HasPrefix(next, "-") && looksLikeValue(m[1], next) {
					c.Flags[m[1]] = strings.Trim(next, `"'`)
					i++
					done = last
				}
			}
		case len(c.Flags) > 0:
			done = true
		case len(c.Words) == 0 && word == "3b" || len(c.Words) == 0 && word == "2b":
			c.Words = []string{"phase", word}
		case !plain.MatchString(word):
			done = true
		case len(c.Words) == 0:
			c.Words = []string{word}
		case len(c.Words) == 1 && slices.Contains(second, c.Words[0]):
			c.Words = append(c.Words, word)
		default:
			// "gapferry revoke NODE": names of nodes are words, too; others end it.
			if done = !regexp.MustCompile(`^(sa|css|csr\d+)$`).MatchString(word); !done {
				c.Words = append(c.Words, word)
			}
		}
	}
	if len(c.Words) > 0 || len(c.Flags) > 0 {
		all = append(all, c)
	}
	return append(all, Commands(strings.Join(words[i:], " "))...)
}

// looksLikeValue says whether a word behind a flag is its value, and no word of
// the sentence.
func looksLikeValue(flag, word string) bool {
	switch flag {
	case "renew", "target", "node", "lost":
		return regexp.MustCompile(`^(sa|css|csr\d+)$`).MatchString(word)
	case "share", "record", "certificate", "first", "last":
		return regexp.MustCompile(`^\d+$`).MatchString(word)
	case "profile":
		return regexp.MustCompile(`^[A-Z0-9-]+$`).MatchString(word)
	case "kind":
		return strings.Contains(word, "-") || slices.Contains([]string{"share", "statement", "receipt", "cancel", "revoke", "journal"}, word)
	case "from", "to", "store", "reason", "text", "yes", "withdraw":
		return false
	}
	return regexp.MustCompile(`^[0-9a-z-]+$`).MatchString(word)
}
