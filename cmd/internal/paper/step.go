package paper

import (
	"fmt"
	"strings"
)

// step is one thing to be done in a room: a command, or something by hand.
type step struct {
	number  int
	what    string
	command command
	turns   []turn   // who logs on, in this order
	compare []string // what with what, before anybody says yes
	expect  []string // on the screen at the end; … stands for what differs
	notes   []string
	time    estimate
	uses    []thing
	makes   []thing
}

// turn is an officer's part of a step.
type turn struct {
	who  string
	what string
	any  string // where some of several officers do: how the room's list calls them
}

// fewTurns is how many officers a step has that stays on one page: where many
// choose their passphrases, it would leave half of the page before it empty.
const fewTurns = 6

func (x step) html(m *markup) {
	class := "step"
	if len(x.turns) > fewTurns {
		class += " long"
	}
	m.raw("<div class=\"%s\">\n<div class=\"tick\"><span></span>%d</div>\n<div class=\"do\">\n", class, x.number)
	m.element("p", "what", x.what)
	if x.command != nil {
		commandBlock{x.command}.html(m)
	}
	if len(x.turns) > 0 {
		m.raw("<table class=\"turns\">\n")
		for _, t := range x.turns {
			m.raw("<tr><th><span></span>")
			m.text(t.who)
			m.raw("</th><td>")
			m.text(t.what)
			m.raw("</td></tr>\n")
		}
		m.raw("</table>\n")
	}
	for _, c := range x.compare {
		m.raw("<p class=\"compare\"><b>Compare.</b> ")
		m.text(c)
		m.raw("</p>\n")
	}
	for _, n := range x.notes {
		m.element("p", "aside", n)
	}
	if len(x.expect) > 0 {
		m.element("p", "ends", "At the end the screen says")
		quoted(x.expect).html(m)
	}
	m.raw("</div>\n<div class=\"when\">")
	m.text(x.time.String())
	m.raw("<span>done at</span></div>\n</div>\n")
}

func (x step) text(s *screen) {
	s.line("")
	s.say(fmt.Sprintf("[ ] %2d  ", x.number), x.what)
	const in = "        "
	if x.command != nil {
		for _, l := range x.command.lines(columns - len(in) - 2) {
			s.line(in + "  " + l)
		}
	}
	for _, t := range x.turns {
		s.say(in, "[ ] "+t.who+": "+t.what)
	}
	for _, c := range x.compare {
		s.say(in, "COMPARE: "+c)
	}
	for _, n := range x.notes {
		s.say(in, n)
	}
	if len(x.expect) > 0 {
		s.say(in, "at the end the screen says")
		for _, l := range x.expect {
			s.say(in+"| ", l)
		}
	}
	s.say(in, strings.TrimSpace(x.time.String()+"   done at ____________"))
}

// quoted are lines of a screen.
type quoted []string

func (q quoted) html(m *markup) {
	m.raw("<pre class=\"screen\">")
	for i, line := range q {
		if i > 0 {
			m.raw("\n")
		}
		m.text(line)
	}
	m.raw("</pre>\n")
}

func (q quoted) text(s *screen) {
	for _, l := range q {
		s.say("  | ", l)
	}
}
