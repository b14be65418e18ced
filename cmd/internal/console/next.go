package console

import (
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// nextStep says where to go after a phase is done, and with what.
func nextStep(id procedure.PhaseID, with string) string {
	switch {
	case with == "the stick":
		return nextRoom(id)
	case id == "3b":
		return "take " + with + " to the source (phase 3c), and the csr-cert of each target to that target too (phase 3d)"
	}
	return strings.NewReplacer("the sticks", with, "the stick", with).Replace(nextRoom(id))
}

func nextRoom(id procedure.PhaseID) string {
	switch id {
	case "1":
		return "take the stick to the source (phase 2a) and to each target (phase 3a), and the cards with the SA-key hash apart from it"
	case "2a":
		return "take the stick on to the targets (phase 3a), then back to the SA (phases 2b and 3b); take the key card for the SA apart from it; the one for the targets stays here until phase 3c"
	case "3a":
		return "take the stick on to the next target, or back to the SA (phases 2b and 3b); take the key cards apart from it, one to the SA and one to the source"
	case "2b":
		return "phase 3b, here"
	case "3b":
		return "take the stick to the source (phase 3c), and the targets' key cards apart from it"
	case "3c":
		return "take the sticks to each target (phase 3d), and, apart from them, the source's key card and the worksheet with the pattern"
	case "3d":
		return "take the stick on to the next target; then to the source and to the SA, to take the receipts in (gapferry receipts); then every room hands its journal out (gapferry journal export)"
	}
	return ""
}
