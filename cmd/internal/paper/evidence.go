package paper

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/transcript"
	"github.com/gapferry/gapferry/coproc"
)

// evidence says what was verified, against what, and how to do it again.
func evidence(r *transcript.Result) []block {
	t := table{Class: "journals", Cols: []column{
		{Head: "Coprocessor", Width: "24mm", Class: "mono"}, {Head: "Nodes", Width: "20mm"}, {Head: "Records", Width: "16mm"}, {Head: "From, to (UTC)", Width: "34mm", Class: "time"}, {Head: "Handed out by", Width: "24mm", Class: "mono"}, {Head: "What vouches for it", below: true},
	}}
	var rows [][]string
	for _, j := range r.Journals {
		if j.Missing {
			state, why := "MISSING", "this journal was not brought"
			if j.LeftOut != "" {
				state, why = "NONE", "it takes no part, says "+j.LeftOut
			}
			if j.Lost != "" {
				state, why = "LOST", "this journal cannot be had any more, says "+j.Lost
			}
			rows = append(rows, []string{j.Coprocessor, strings.Join(j.Nodes, ", "), state, "", "", why})
			continue
		}
		vouched := "the SA key vouches for it"
		if !j.Certified {
			vouched = "NOBODY VOUCHES FOR IT"
		}
		if j.Lost != "" {
			vouched += "; WHAT CAME AFTER IS LOST, says " + j.Lost
		}
		rows = append(rows, []string{
			j.Coprocessor, strings.Join(j.Nodes, ", "), fmt.Sprint(j.Records), moment(j.From) + " " + moment(j.To), j.By,
			"head " + groupHex(j.Head) + "; audit key " + groupHex(j.AuditKey) + ", " + vouched,
		})
	}
	t.groups = []group{{rows: rows}}
	digest := coproc.Thumbprint(r.Digest)
	return []block{
		title("Evidence"), heading("Journals"), t,
		heading("Digest of the transcript"),
		paragraph("SHA-256 of the file, as 24 words and as digits. Whoever has the same digest has the same evidence."), hashGrid{&digest},
		heading("SA-key hash that it was verified against"), hashGrid{&r.Hash},
		heading("What was checked"), paragraph("Each of these. Where one does not hold, or could not be told, the findings say so."), checked,
		heading("What this report does not prove"), notProved,
		heading("How to verify again"),
		paragraph("On any machine, with the transcript and the SA-key hash card, and nothing else:"),
		commandBlock{command{"gapferry", "transcript", "verify", "--transcript", "FILE", "--sa-hash", "CARD"}},
		heading("Signed"), signatures{"Auditor", "Witness", "Witness"},
	}
}

var checked = notes{
	"The SA key is the one on the hash card; every certificate, bundle and journal is signed by a key that it vouches for.",
	"Each journal is whole: every record follows the one before it, and the last is signed.",
	"Every bundle that one node received is the one, byte for byte, that another node wrote; none was taken in twice.",
	"Every act was done by the officer that the plan names, in the order of the procedure, once, and by two where two are needed.",
	"The pattern that each target set is the one in the source's signed statement and in the source's own journal, and the target's receipt says the same.",
	"Each target installed at least m shares of one share set; every share that was handed out was installed, not needed, void, or accounted for.",
}

var notProved = notes{
	"A software coprocessor is as safe as the operating system under it. Whoever ruled a machine while an officer was logged on could have read its keys.",
	"What became of sticks and pages after they were handed over. Bundles are sealed to their receiver; that protects them, not their carriers.",
	"Who the officers were. A profile is whoever knew its passphrase; the names are those of the plan.",
	"That the right keys were certified at first: that rests on the officers who compared hash cards, key cards and patterns between the rooms.",
	"When something happened: times are those of the nodes' clocks.",
}
