package paper

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// phaseItems are what a phase uses, besides the stick and the forms, and what it
// makes for others.
func (w *visitWriter) phaseItems(s *step, id procedure.PhaseID, node *plan.Node) {
	forSA, forSource := "the SA", "the source"
	switch id {
	case "1":
		s.uses, s.makes = []item{blankHash}, []item{hashCards}
	case "2a":
		s.uses = []item{hashCards, blankCards(node.Name)}
		s.makes = []item{keyCard(node.Name, forSA), form2Filled}
		w.noted = true
	case "3a":
		s.uses = []item{hashCards, blankCards(node.Name)}
		s.makes = []item{keyCard(node.Name, forSA), keyCard(node.Name, forSource)}
	case "2b":
		s.uses = []item{keyCard(w.source.Name, forSA)}
	case "3b", "3c":
		room := forSA
		if id == "3c" {
			room = forSource
		}
		for _, name := range targetNames(w.p) {
			s.uses = append(s.uses, keyCard(name, room))
		}
		if id == "3c" {
			s.makes = []item{sourceCard(w.source.Name)}
		}
		if id == "3c" && w.apart {
			s.uses = append(s.uses, shareSticks)
		}
	case "3d":
		s.uses = []item{sourceCard(w.source.Name)}
		if w.apart {
			s.uses = append(s.uses, installing(w.p.M))
		}
	}
}

// form2 is the worksheet as it is now.
func (w *visitWriter) form2() item {
	if w.noted {
		return form2Filled
	}
	return form2
}

// rows are the responsibilities of a phase at a node, in the order in which
// they are done: shares officer by officer, and only as many installed as are
// needed.
func (w *visitWriter) rows(id procedure.PhaseID, node string) []plan.Responsibility {
	var rows []plan.Responsibility
	for _, r := range w.duties {
		if r.Phase == id && r.Node == node && !(r.Task == procedure.TaskInstallShares && r.Share > w.p.M) {
			rows = append(rows, r)
		}
	}
	order := procedure.TasksOf(id)
	slices.SortStableFunc(rows, func(a, b plan.Responsibility) int {
		if a.Task == procedure.TaskObtainShares {
			return a.Share - b.Share
		}
		return slices.Index(order, a.Task) - slices.Index(order, b.Task)
	})
	return rows
}

// phaseTime is how long the tasks of a phase take, one after the other.
func (w *visitWriter) phaseTime(rows []plan.Responsibility) estimate {
	var sum estimate
	last := ""
	for _, r := range rows {
		sum = sum.plus(w.durations.of(stepKind{journal.EventTask, string(r.Phase), r.Task, r.Profile == last}))
		last = r.Profile
	}
	return sum
}

// phase is one phase at one node.
func (w *visitWriter) phase(v *roomVisit, node *plan.Node, id procedure.PhaseID) {
	rows := w.rows(id, node.Name)
	s := step{
		What:    fmt.Sprintf("Phase %s at %s. %s", id, node.Name, procedure.Phase(id).Task),
		Command: gapferry("phase "+string(id), store(v.device.Name), w.from()),
		Time:    w.phaseTime(rows), Expect: []string{fmt.Sprintf("Phase %s is done.", id)},
	}
	if id == "1" {
		s.Command = gapferry("phase 1", store(v.device.Name), w.to())
	}
	w.logOns(&s, id, rows)
	w.comparisons(&s, id, node)
	form := w.form2()
	w.phaseItems(&s, id, node)
	s.uses = append([]item{theStick, form1, form}, s.uses...)
	switch {
	case !w.apart:
	case id == "3c" && w.p.Carrier == "":
		s.Command = append(s.Command, w.shareTo(upTo(w.p.N)...)...)
		s.Notes = append(s.Notes, "SHARE1, SHARE2 and so on stand for the directories where the share officers' own sticks are mounted.")
	case id == "3c":
		s.Notes = append(s.Notes, "You are asked for each share officer's stick in turn, and for the stick of the databases again.")
	case id == "3d" && w.p.Carrier == "":
		s.Command = append(s.Command, w.shareFrom(upTo(w.p.M)...)...)
		if w.p.M < w.p.N {
			s.Notes = append(s.Notes, fmt.Sprintf("Where other share officers install, name their sticks instead, as --from %s.", w.shareStick(w.p.N)))
		}
	case id == "3d":
		s.Notes = append(s.Notes, "You are asked for the share officers' sticks in turn.")
	}
	w.add(v, s)
	if id == "3d" && w.p.M < w.p.N {
		w.accountForSpares(v, node)
	}
	if id == "3d" && v.device.Name != w.sa.Coprocessor { // where the SA is too, the journal is handed out at the end
		w.exportJournal(v, node)
	}
}
