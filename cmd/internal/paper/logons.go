package paper

import (
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// logOns says who logs on in a phase, and for what.
func (w *visitWriter) logOns(s *step, id procedure.PhaseID, rows []plan.Responsibility) {
	targets := joinNames(targetNames(w.p))
	switch id {
	case "3b":
		s.LogOns = []logOn{{Who: w.officer(w.sa.Officers.Certify), What: "certifies the key of " + targets}}
		return
	case "3c":
		for i, profile := range w.source.Officers.ObtainShares {
			s.LogOns = append(s.LogOns, logOn{Who: w.officer(profile), What: fmt.Sprintf("compares, and obtains share %d for %s", i+1, targets)})
		}
		return
	}
	for _, r := range rows {
		if r.Task == procedure.TaskInstallShares {
			if r.Share == 1 {
				s.LogOns = append(s.LogOns, w.installers(r.Node)...)
			}
			continue
		}
		s.LogOns = append(s.LogOns, logOn{Who: w.officer(r.Profile), What: r.Text + types[r.Task]})
	}
}

// types says what an officer types for a task, besides the passphrase.
var types = map[procedure.TaskID]string{
	procedure.TaskRegisterHash: ", typing the 24 words of their card",
	procedure.TaskRegisterKey:  ", typing the eight words of their own card that are asked for",
}

// installers are the share officers of a target, of whom any m do.
func (w *visitWriter) installers(node string) []logOn {
	var turns []logOn
	any := fmt.Sprintf("all %d share officers, to install", w.p.N)
	if w.p.M < w.p.N {
		any = fmt.Sprintf("any %d of the %d share officers, to install", w.p.M, w.p.N)
	}
	for i, profile := range w.p.Node(node).Officers.InstallShares {
		what := fmt.Sprintf("installs share %d", i+1)
		if w.p.M < w.p.N {
			what += fmt.Sprintf(", if among the %d", w.p.M)
		}
		turns = append(turns, logOn{Who: w.officer(profile), What: what, any: any})
	}
	return turns
}

// spareOfficers are the share officers whose shares are not needed.
func (w *visitWriter) spareOfficers() string {
	if n := w.p.N - w.p.M; n > 1 {
		return fmt.Sprintf("the other %d share officers, to say what becomes of their shares", n)
	}
	return "the share officer who does not install, to say what becomes of the share"
}

// comparisons says what has to be compared before anybody says yes, and what
// else the screen must say.
func (w *visitWriter) comparisons(s *step, id procedure.PhaseID, node *plan.Node) {
	compare := func(format string, a ...any) { s.Compare = append(s.Compare, fmt.Sprintf(format, a...)) }
	note := func(format string, a ...any) { s.Notes = append(s.Notes, fmt.Sprintf(format, a...)) }
	class := w.p.Class
	switch id {
	case "1":
		compare("the two hash cards: each officer writes their own from the screen, then one reads all 24 words aloud and the other follows on theirs.")
		note("The SA's room believes the cards as every other room does: %s and %s type from theirs here too.", node.Officers.RegisterHash, node.Officers.RegisterKey)
		note("The words stand on the screen until %s says that both cards are written. They are gone before %s comes.", w.officer(node.Officers.GenerateKey), node.Officers.RegisterHash)
		note("Write the hash on form 3, which stays in this room. Neither it nor a hash card ever lies beside the stick or form 2.")
	case "2a":
		compare("the SA-key hash by typing it: one officer the 24 words of their card, the other eight words of their own card.")
		note("Write the pattern on form 2, and the eight words of the key card of %s on two key cards: one for the SA; one for the targets, which stays in this room until phase 3c.", node.Name)
		s.Expect = append([]string{fmt.Sprintf("done: %s pattern …", class), fmt.Sprintf("note on two key cards of %s, one for the SA and one for the rooms of the targets: CSS keys …", node.Name)}, s.Expect...)
	case "3a":
		compare("the SA-key hash by typing it: one officer the 24 words of their card, the other eight words of their own card.")
		note("Write the eight words of the key card of %s on two key cards: one for the SA, one for the source.", node.Name)
		s.Expect = append([]string{fmt.Sprintf("note on two key cards of %s, one for the SA and one for the source: CSR keys …", node.Name)}, s.Expect...)
	case "2b":
		compare("all eight words of \"its key card\" on the screen with the key card from the room of %s; the serial number and EID with form 2.", w.source.Name)
	case "3b":
		compare("all eight words of \"its key card\" on the screen with the key card from each target's own room; serial number and EID with form 2.")
	case "3c":
		compare("each share officer, for each target: all eight words on the screen with the key card from the target's own room.")
		note("A share officer takes the key card of %s for the targets along, apart from the sticks: its eight words are on the screen once more.", node.Name)
		s.Expect = append([]string{fmt.Sprintf("the key card of %s goes along to the rooms of the targets: CSS keys …", node.Name)}, s.Expect...)
	case "3d":
		compare("the first share officer: all eight words of \"keys of %s\" on the screen with its key card, from its own room.", w.source.Name)
		compare("%s: the same words once more; and \"source states\" and \"new register\" with the pattern on form 2, noted in the room of %s. All three must be the same before anybody says yes.", node.Officers.Set, w.source.Name)
		note("Write the pattern after set on form 2.")
		s.Expect = append([]string{fmt.Sprintf("master key of %s: pattern …, EQUAL to the source's", node.Name)}, s.Expect...)
	}
}
