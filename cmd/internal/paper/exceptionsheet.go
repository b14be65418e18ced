package paper

import "slices"

// exceptionSheet is a sheet for something that goes wrong: a page of its own, for
// somebody who reads it at three in the morning.
type exceptionSheet struct {
	name     string
	screen   []string // what the screen says; … stands for what differs
	remedies []remedy
	never    []string
	journal  string // what to keep in the journal
	note     command
}

// remedy is something to do, in words and as a command.
type remedy struct {
	What    string
	Command command
}

// sheets writes the sheets behind a script, with the names of its plan.
type sheets struct{ outline }

// all has first those for what everything rests on, the comparisons.
func (s sheets) all() []exceptionSheet {
	return slices.Concat(s.comparisonSheets(), s.mediaSheets(), s.peopleSheets(), s.nodeSheets())
}

// stopAndTell is the first remedy wherever something is compared.
func (s sheets) stopAndTell(nothing string) remedy {
	return remedy{"STOP. Nobody says yes. " + nothing + " Tell " + s.officer(s.sa.Officers.Audit) + " and the owner of the master key, now and not afterwards.", nil}
}

func (x exceptionSheet) blocks() []block {
	blocks := []block{title(x.name), heading("The screen says"), screenLines(x.screen), heading("Do")}
	for _, r := range x.remedies {
		blocks = append(blocks, remedyBlock(r))
	}
	return append(blocks, heading("Do not"), notes(x.never), together{
		heading("Keep in the journal"), remedyBlock{x.journal, x.note}, facts{{"Time, and who decided", ""}, {"What was done", ""}},
	})
}

// remedyBlock is a remedy with a box to tick.
type remedyBlock remedy

func (r remedyBlock) html() (string, any) { return "remedy", r }

func (r remedyBlock) text(s *screen) {
	s.say("  [ ] ", r.What)
	if r.Command != nil {
		commandBlock{r.Command}.text(s)
	}
}
