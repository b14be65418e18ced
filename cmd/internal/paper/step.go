package paper

import (
	"fmt"
	"strings"
)

// step is one thing to be done in a room: a command, or something by hand.
type step struct {
	Number  int
	What    string
	Command command
	LogOns  []logOn  // who logs on, in this order
	Compare []string // what with what, before anybody says yes
	Expect  []string // on the screen at the end; … stands for what differs
	Notes   []string
	Time    estimate
	uses    []item
	makes   []item
}

// logOn is an officer's part of a step.
type logOn struct {
	Who  string
	What string
	any  string // where some of several officers do: how the room's list calls them
}

// fewLogOns is how many officers a step has that stays on one page: where many
// choose their passphrases, it would leave half of the page before it empty.
const fewLogOns = 6

func (x step) html() (string, any) { return "step", x }

// Long reports whether it may be broken over two pages.
func (x step) Long() bool { return len(x.LogOns) > fewLogOns }

func (x step) text(s *screen) {
	s.line("")
	s.say(fmt.Sprintf("[ ] %2d  ", x.Number), x.What)
	const in = "        "
	if x.Command != nil {
		for _, l := range x.Command.lines(screenWidth - len(in) - 2) {
			s.line(in + "  " + l)
		}
	}
	for _, t := range x.LogOns {
		s.say(in, "[ ] "+t.Who+": "+t.What)
	}
	for _, c := range x.Compare {
		s.say(in, "COMPARE: "+c)
	}
	for _, n := range x.Notes {
		s.say(in, n)
	}
	if len(x.Expect) > 0 {
		s.say(in, "at the end the screen says")
		for _, l := range x.Expect {
			s.say(in+"| ", l)
		}
	}
	s.say(in, strings.TrimSpace(x.Time.String()+"   done at ____________"))
}

// screenLines are lines of a screen.
type screenLines []string

func (q screenLines) html() (string, any) { return "screen", q }

func (q screenLines) text(s *screen) {
	for _, l := range q {
		s.say("  | ", l)
	}
}
