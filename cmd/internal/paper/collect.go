package paper

import (
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/plan"
)

// accountForSpares has the officers whose shares were not needed say what becomes of
// them.
func (w *visitWriter) accountForSpares(v *roomVisit, node *plan.Node) {
	spare := w.p.N
	w.add(v, step{
		What: fmt.Sprintf("Each share officer whose share for %s was not installed says in the journal what becomes of it. As for share %d:", node.Name, spare),
		Command: noteCommand(v.device.Name, node.Officers.InstallShares[spare-1], fmt.Sprintf("share %d is sealed in bag 0417", spare),
			"--target", node.Name, "--share", fmt.Sprint(spare)),
		LogOns: []logOn{{Who: "the other share officers", What: "each for their own share", any: w.spareOfficers()}},
		Notes:  []string{"Who is not here does it later, in another room of this ceremony, with the store of that room, before its journal is handed out."},
		Expect: []string{"the remark is in the journal"},
	})
}

// exportJournal hands out a room's journal, for the transcript.
func (w *visitWriter) exportJournal(v *roomVisit, node *plan.Node) {
	w.add(v, step{
		What: "Hand out the journal.", Command: gapferry("journal export", store(v.device.Name), []string{"--to", w.spec()}),
		LogOns: []logOn{{Who: w.officer(v.nodes[0].Officers.Audit), What: "signs the journal of " + node.Name}},
		Expect: []string{"the journal is handed out. …"}, uses: []item{theStick},
	})
}

// collectReceipts takes receipts in, and hands out the journal.
func (w *visitWriter) collectReceipts(v *roomVisit, node *plan.Node) {
	s := step{
		What:    fmt.Sprintf("Take in the receipts at %s.", node.Name),
		Command: gapferry("receipts", store(v.device.Name), w.from()),
		LogOns:  []logOn{{Who: w.officer(node.Officers.Audit), What: "takes in the receipt of each target"}},
		uses:    []item{theStick},
	}
	for i, t := range w.p.Targets() {
		if i == 3 && len(w.p.Targets()) > 4 {
			s.Expect = append(s.Expect, "… and so on, a line for each target")
			break
		}
		equal := ""
		if node == w.source {
			equal = ", EQUAL to the source's"
		}
		s.Expect = append(s.Expect, fmt.Sprintf("%s: current master key …%s; set by %s with shares …", t.Name, equal, t.Officers.Set))
	}
	w.add(v, s)
	w.exportJournal(v, node)
}

// transcriptFile is the name of the transcript in the script.
const transcriptFile = "ceremony.gft"

// mergeTranscript makes the evidence, and ends the ceremony.
func (w *visitWriter) mergeTranscript(v *roomVisit) {
	auditor := w.officer(w.sa.Officers.Audit)
	w.add(v, step{
		What:    "Merge the journals into the transcript. It needs no coprocessor: any machine without a network will do.",
		Command: gapferry("transcript merge", []string{"--from", w.spec(), "--sa-hash", "CARD", "--out", transcriptFile}),
		LogOns:  []logOn{{Who: auditor, What: "gives the SA-key hash: CARD is a text file or picture of the card"}},
		Notes:   []string{"Leave out --sa-hash CARD to type the words of the card."},
		uses:    []item{theStick, oneHash},
	})
	w.add(v, step{
		What:    "Make the report, print it, and sign it.",
		Command: gapferry("transcript report", []string{"--transcript", transcriptFile, "--sa-hash", "CARD", "--html", "report.html"}),
		LogOns:  []logOn{{Who: auditor, What: "reads the verdict aloud"}},
		Compare: []string{"the patterns of the report with form 2, and the names with form 1."},
		uses:    []item{form1, form2Filled}, makes: []item{evidenced},
	})
	wipe := step{
		What: "When the transcript is in the archive, and not before: wipe every stick.", Command: gapferry("media wipe --stick " + w.spec()),
		Notes: []string{"Flash memory keeps copies that no wipe reaches. The bundles are sealed; destroy the sticks if the policy asks for it."},
		uses:  []item{theStick},
	}
	if w.apart {
		wipe.Notes = append([]string{"Each share officer then does the same with their own stick" + w.wipeNames() + ", and the auditor with those that were put aside."}, wipe.Notes...)
	}
	w.add(v, wipe)
}

// wipeNames is how the command above calls the sticks of the shares.
func (w *visitWriter) wipeNames() string {
	if w.p.Carrier != "" {
		return ""
	}
	return ", as --stick " + w.shareStick(1)
}
