package paper

import "strings"

// command is what is typed: words, as a shell gives them to the program.
type command []string

// String is the command as it is typed. Words that a shell would not leave
// alone are quoted.
func (c command) String() string {
	words := make([]string, len(c))
	for i, w := range c {
		words[i] = w
		if strings.ContainsAny(w, " …'\"\\$`&|;<>()*?[]#~!") {
			words[i] = `"` + w + `"`
		}
	}
	return strings.Join(words, " ")
}

// lines breaks a command that is longer than a line before one of its flags,
// as a shell reads it.
func (c command) lines(width int) []string {
	var lines []string
	line := ""
	for i := 0; i < len(c); {
		k := i + 1
		for k < len(c) && !strings.HasPrefix(c[k], "--") {
			k++
		}
		piece := c[i:k].String()
		more := len(` \`) // behind it, where it is not the last
		if k == len(c) {
			more = 0
		}
		switch {
		case line == "":
			line = piece
		case len([]rune(line))+1+len([]rune(piece))+more <= width:
			line += " " + piece
		default:
			lines = append(lines, line+` \`)
			line = "    " + piece
		}
		i = k
	}
	return append(lines, line)
}

// commandBlock is a command on its own.
type commandBlock struct{ Command command }

// commandWidth is the width of commands on paper, in characters: what fits beside the
// number of a step and its time, on A4.
const commandWidth = 68

func (c commandBlock) html() (string, any) { return "command", c.Command }

func (c commandBlock) text(s *screen) {
	for _, l := range c.Command.lines(screenWidth - 6) {
		s.line("      " + l)
	}
}

// gapferry makes a command of words and lists of words.
func gapferry(words string, more ...[]string) command {
	c := append(command{"gapferry"}, strings.Fields(words)...)
	for _, m := range more {
		c = append(c, m...)
	}
	return c
}

// store is the directory of a room's store, named after its coprocessor: typed
// in the wrong room, a command finds no store and does nothing.
func store(device string) []string { return []string{"--store", "room-" + device} }

// noteCommand keeps a remark of an officer in the journal.
func noteCommand(device, profile, text string, more ...string) command {
	return gapferry("journal note", store(device), []string{"--profile", profile, "--text", text}, more)
}
