package paper

import (
	"fmt"
	"strings"
)

// cover writes the first page: what has to be at hand before anybody walks.
type cover struct{ outline }

func (c cover) blocks(visits []*roomVisit) []block {
	p := c.p
	t := table{Class: "visits", Cols: []column{
		{Head: "Visit", Width: "12mm"}, {Head: "Room", Width: "58mm"}, {Head: "Must be there"}, {Head: "Minutes", Width: "38mm"}, {Head: "Done", Width: "14mm", Class: "fill", paper: true},
	}}
	var rows [][]string
	var sum estimate
	for _, v := range visits {
		sum = sum.plus(v.time)
		rows = append(rows, []string{fmt.Sprint(v.number), roomTitle(v), fewPeople(v.people), orElse(v.time.String(), "____"), ""})
	}
	rows = append(rows, []string{"", "all of it, without walks", "", orElse(sum.String(), "____"), ""})
	t.groups = []group{{rows: rows}}
	return []block{
		title("Script of the ceremony"),
		facts{
			{"Master-key class", p.Class},
			{"Shares", fmt.Sprintf("%d needed of %d made, for each target", p.M, p.N)},
			{"Shares on their way", apartWords(p)},
			{"Source, targets", p.Source().Name + "; " + joinNames(targetNames(p))},
			{"Ceremony", groupHex(p.Ceremony)},
			{"Plan", groupHex(c.digest.String())},
			{"Date", ""},
		},
		heading("Have at hand"), notes(c.supplies()),
		heading("How to read it"), notes(c.reading()),
		heading("Prepare the sticks"), c.prepare(),
		heading("The visits"), t,
	}
}

// fewPeople names them, if a line has room for them.
func fewPeople(people []string) string {
	const few = 6
	if len(people) > few {
		return fmt.Sprintf("%d officers, named at the visit", len(people))
	}
	return strings.Join(people, ", ")
}

func (c cover) supplies() []string {
	p := c.p
	have := []string{
		"gapferry of one level on the machine of every room: `gapferry version` says the same level everywhere.",
		"The plan, the same file in every room: `gapferry plan check` there says digest " + c.digest.Short() + ".",
		"A new stick for the databases of all nodes.",
	}
	if c.apart {
		have = append(have, fmt.Sprintf("%d sticks for the shares, one for each share officer, who keeps it.", p.N))
	}
	return append(have,
		"Two blank hash cards for the SA-key hash, one for each of the two officers who register it.",
		fmt.Sprintf("Blank key cards: two for each of %s, one to go to the SA and one to the source; two for the source, one to go to the SA and one to the targets.", plural(len(p.Targets()), "target", "targets")),
		"The forms of `gapferry plan print`; form 3, with the hash, stays in the SA's room. Tamper-evident bags, pens.",
	)
}

func (c cover) reading() []string {
	read := []string{
		"In each room everything is typed in one directory, where the plan lies as plan.toml and the store is made.",
		"Each officer types their own passphrase; nobody else looks. Nothing of what is typed is shown.",
		"Where a step says COMPARE, the officer compares every word aloud with a second person, and then types yes. Who cannot compare says no.",
		"If a step ends in any other way than it should: stop, do not try again, and look for the sheet of it at the end.",
	}
	if c.p.Carrier == "" {
		read = append(read, "STICK stands for the directory where the stick with the databases is mounted, like /media/STICK.")
		if c.apart {
			read = append(read, fmt.Sprintf("Each share has a stick of its own, which its officer keeps: SHARE1 to SHARE%d stand for the directories where these are mounted.", c.p.N))
		}
	} else {
		read = append(read, "gapferry finds the stick by itself, says which it is, asks for the next one, and says when it may be removed.")
	}
	return read
}

// prepare marks the sticks.
func (c cover) prepare() block {
	commands := commands{c.mark("all", c.spec())}
	if c.apart {
		for i := 1; i <= c.p.N; i++ {
			commands = append(commands, c.mark(fmt.Sprintf("share-%d", i), c.shareStick(i)))
		}
	}
	return commands
}

func (c cover) mark(label, stick string) command {
	return gapferry("media prepare --plan plan.toml", []string{"--stick", stick, "--label", label})
}

// commands are commands on their own, one after the other.
type commands []command

func (c commands) html() (string, any) { return "commands", c }

func (c commands) text(s *screen) {
	for _, one := range c {
		commandBlock{one}.text(s)
	}
}
