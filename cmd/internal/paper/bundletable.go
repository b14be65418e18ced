package paper

import (
	"fmt"
	"strings"

	"github.com/gapferry/gapferry/cmd/internal/transcript"
)

// Bounds of the diagram.
const (
	maxLanes    = 6  // with a lane each; of more, one lane for all
	maxMessages = 34 // of one diagram: what fits on a page
)

// bundleTable shows which bundle went where: as a sequence diagram, and one by
// one.
func bundleTable(r *transcript.Result) []block {
	blocks := []block{
		title("The ways of the bundles"),
		paragraph("Downward in the order in which they were made. An arrow ends where the bundle was taken in; a broken line with a cross was not taken in, by what the journals say."),
	}
	names, rows := messagesOf(r)
	for len(rows) > 0 {
		n := min(maxMessages, len(rows))
		blocks = append(blocks, sequence{names, rows[:n]})
		rows = rows[n:]
	}
	t := table{Class: "ways", Cols: []column{
		{Head: "Bundle", Width: "27mm"}, {Head: "From", Width: "18mm", Class: "mono"}, {Head: "About", Width: "18mm", Class: "mono"}, {Head: "Digest", Width: "20mm", Class: "mono"},
		{Head: "Made (UTC)", Width: "29mm", Class: "time"}, {Head: "Handed to", below: true}, {Head: "Taken in at", Width: "32mm"},
	}}
	var list [][]string
	for _, w := range r.Bundles {
		list = append(list, []string{kindOf(w), w.From, w.Peer, w.Digest.Short(), minute(w.Written.Time), truncate(strings.Join(w.Copies, ", ")), truncate(strings.Join(takenIn(w), ", "))})
	}
	t.groups = []group{{rows: list}}
	return append(blocks, heading("Bundles one by one"), t)
}

func kindOf(w transcript.BundleTrace) string {
	text := string(w.Kind)
	if w.Share > 0 {
		text = fmt.Sprintf("%s %d", text, w.Share)
	}
	if w.Void {
		text += ", void"
	}
	return text
}

func takenIn(w transcript.BundleTrace) []string {
	var nodes []string
	for _, ref := range w.Received {
		nodes = append(nodes, ref.Node)
	}
	return nodes
}
