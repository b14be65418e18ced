package paper

import (
	"fmt"
	"slices"
)

// item is something that people carry from room to room.
type item struct {
	name string // %s is whose it is
	many string // the same of several; empty where there is only one
	of   string // whose, for %s
	kept bool   // by its officers, who bring it where it is used
}

// The items of a ceremony that are not of one node.
var (
	thePlan     = item{name: "the plan"}
	theStick    = item{name: "the stick"}
	form1       = item{name: "form 1"}
	form2       = item{name: "form 2"}
	form2Filled = item{name: "form 2 with the source's pattern"}
	blankHash   = item{name: "two blank hash cards"}
	hashCards   = item{name: "both hash cards, each by its own officer, apart from the stick", kept: true}
	oneHash     = item{name: "one of the two hash cards, by its officer", kept: true}
	shareSticks = item{name: "each share officer's stick, by its officer", kept: true}
	evidenced   = item{name: "the transcript and the signed report, for the archive"}
)

// blankCards are for a node's two key cards.
func blankCards(node string) item {
	return item{name: "two blank key cards for %s", many: "two blank key cards for each of %s", of: node}
}

// keyCard is a node's key card for the room where it is compared.
func keyCard(node, room string) item {
	return item{
		name: "the key card of %s for " + room + ", apart from the stick",
		many: "the key cards of %s for " + room + ", apart from the stick", of: node,
	}
}

// sourceCard is the source's key card for the targets. It never comes into the
// SA's room: it stays where it was written until the shares go, and goes with
// them.
func sourceCard(source string) item {
	return item{name: "the key card of %s for the targets, by a share officer, apart from the sticks", of: source, kept: true}
}

// installing are the sticks of the share officers who install.
func installing(m int) item {
	return item{name: fmt.Sprintf("the sticks of the %d share officers who install, by their officers", m), kept: true}
}

// itemWords are items in words; those that differ only in whose they are
// stand together.
func itemWords(things []item) []string {
	all := []string{}
	for i, t := range things {
		if t.of == "" {
			all = append(all, t.name)
			continue
		}
		alike := func(o item) bool { return o.name == t.name }
		if slices.IndexFunc(things, alike) != i {
			continue // told with the first of them
		}
		var of []string
		for _, o := range things[i:] {
			if alike(o) {
				of = append(of, o.of)
			}
		}
		name := t.name
		if len(of) > 1 {
			name = t.many
		}
		all = append(all, fmt.Sprintf(name, joinNames(of)))
	}
	return all
}

// planCarries finds out, from what each step uses and makes, what is brought into
// each room, what leaves it, and what is on the walk to the next one. An item
// travels from where it is, or from the beginning, to the last room that uses
// it; what officers keep is brought only where it is used, and never stays.
func planCarries(rooms []*roomVisit, atLast []item) {
	lastUse := map[item]int{}
	var order []item // as they were first spoken of
	made := map[item]int{}
	speak := func(t item) {
		if !slices.Contains(order, t) {
			order = append(order, t)
		}
	}
	for i, v := range rooms {
		for _, s := range v.steps {
			for _, t := range s.uses {
				speak(t)
				lastUse[t] = i
				if at, here := made[t]; (!here || at != i) && !slices.Contains(v.bring, t) {
					v.bring = append(v.bring, t)
				}
			}
			for _, t := range s.makes {
				speak(t)
				if _, twice := made[t]; !twice {
					made[t] = i
				}
			}
		}
	}
	for _, t := range atLast {
		speak(t)
		lastUse[t] = len(rooms)
	}
	for i, v := range rooms {
		for _, t := range order {
			at, wasMade := made[t]
			here := slices.Contains(v.bring, t) || wasMade && at == i
			switch {
			case wasMade && at > i:
			case t.kept:
				if here {
					v.take = append(v.take, t)
				}
				if i+1 < len(rooms) && slices.Contains(rooms[i+1].bring, t) {
					v.walk = append(v.walk, t)
				}
			case lastUse[t] > i:
				v.take, v.walk = append(v.take, t), append(v.walk, t)
			}
		}
	}
}
