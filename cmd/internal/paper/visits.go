package paper

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/cmd/internal/ceremony"
)

// carried says what a phase needs in the room and what leaves it.
var carried = map[ceremony.PhaseID]struct{ bring, take []string }{
	"1":  {[]string{"the stick", "two blank hash cards"}, []string{"the stick", "two hash cards, each by its own officer, apart from the stick"}},
	"2a": {[]string{"the stick", "both hash cards, by their officers", "a blank key card"}, []string{"the stick", "both hash cards", "the source's key card, apart from the stick, for the SA", "the pattern, on form 2, for the targets"}},
	"3a": {[]string{"the stick", "both hash cards, by their officers", "two blank key cards"}, []string{"the stick", "both hash cards", "two key cards, apart from the stick: one for the SA, one for the source"}},
	"2b": {[]string{"the stick", "the source's key card"}, []string{"the stick"}},
	"3b": {[]string{"the stick", "every target's key card for the SA"}, []string{"the stick"}},
	"3c": {[]string{"the stick", "every target's key card for the source"}, []string{"the stick"}},
	"3d": {[]string{"the stick", "form 2 with the pattern from the source's room"}, []string{"the stick"}},
}

// order is the order in which a phase does its tasks, where it is not that of
// Table 2: an SA key is registered before anything is made for it.
var order = map[ceremony.PhaseID][]ceremony.TaskID{
	"2a": {ceremony.TaskAudit, ceremony.TaskRegisterHash, ceremony.TaskRegisterKey, ceremony.TaskGenerateKey, ceremony.TaskObtainMasterKey},
	"3a": {ceremony.TaskAudit, ceremony.TaskRegisterHash, ceremony.TaskRegisterKey, ceremony.TaskGenerateKey},
}

// rows are the responsibilities of a phase at a node, in the order in which
// they are done: shares officer by officer, and only as many installed as are
// needed.
func (w *writer) rows(id ceremony.PhaseID, node string) []ceremony.Responsibility {
	var rows []ceremony.Responsibility
	for _, r := range w.duties {
		if r.Phase == id && r.Node == node && !(r.Task == ceremony.TaskInstallShares && r.Share > w.p.M) {
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b ceremony.Responsibility) int {
		if a.Task == ceremony.TaskObtainShares {
			return a.Share - b.Share
		}
		return slices.Index(order[id], a.Task) - slices.Index(order[id], b.Task)
	})
	return rows
}

// phaseTime is how long the tasks of a phase take, one after the other.
func (w *writer) phaseTime(rows []ceremony.Responsibility) estimate {
	var sum estimate
	last := ""
	for _, r := range rows {
		sum = sum.plus(w.minutes.of(stepKind{ceremony.EventTask, string(r.Phase), r.Task, r.Profile == last}))
		last = r.Profile
	}
	return sum
}

// phase is one phase at one node.
func (w *writer) phase(v *room, node *ceremony.PlanNode, id ceremony.PhaseID) {
	for _, s := range carried[id].bring {
		if !slices.Contains(v.bring, s) {
			v.bring = append(v.bring, s)
		}
	}
	for _, s := range carried[id].take {
		if !slices.Contains(v.take, s) {
			v.take = append(v.take, s)
		}
	}
	rows := w.rows(id, node.Name)
	s := step{
		what:    fmt.Sprintf("Phase %s at %s. %s", id, node.Name, ceremony.Phase(id).Task),
		command: gapferry("phase "+string(id), store(v.device.Name), w.from()),
		time:    w.phaseTime(rows), expect: []string{fmt.Sprintf("Phase %s is done.", id)},
	}
	if id == "1" {
		s.command = gapferry("phase 1", store(v.device.Name), w.to())
	}
	w.turns(&s, id, rows)
	w.comparisons(&s, id, node)
	if id == "3c" && w.p.ShareSticks {
		v.bring = append(v.bring, "each share officer's stick")
		v.take = append(v.take, "each share officer's stick, by its officer")
		s.notes = append(s.notes, "You are asked for each share officer's stick in turn, and for the stick of the databases again.")
	}
	if id == "3d" && w.p.ShareSticks {
		v.bring = append(v.bring, fmt.Sprintf("the sticks of the %d share officers who install", w.p.M))
		v.take = append(v.take, "the share officers' sticks")
		s.notes = append(s.notes, "You are asked for the share officers' sticks in turn.")
	}
	w.add(v, s)
	if id == "3d" && w.p.M < w.p.N {
		w.account(v, node)
	}
	if id == "3d" && v.device.Name != w.sa.Coprocessor { // where the SA is too, the journal is handed out at the end
		w.export(v, node)
	}
}
