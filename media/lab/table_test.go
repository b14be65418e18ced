//go:build linux

package lab

import (
	"fmt"
	"strings"
	"testing"
)

// table shows the three writers side by side, in Markdown.
func table(yanks *yankResult, replays *replayResult) string {
	var b strings.Builder
	b.WriteString("| stick | writer | yanks | files told done | of those whole | yanks with a told file lost | bad final-named files | crash states | bad final name | told done, not whole |\n")
	b.WriteString("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, fs := range replaySystems {
		for _, writer := range writers {
			key := [2]string{fs.name, writer}
			fmt.Fprintf(&b, "| %s | %s |", fs.name, writer)
			if y := yanks.counts[key]; y != nil {
				fmt.Fprintf(&b, " %d | %d | %d | %d | %d |", y.rounds, y.told, y.whole, y.lossy, y.bad)
			} else {
				b.WriteString(" | | | | |")
			}
			r := replays.counts[key]
			fmt.Fprintf(&b, " %d | %d | %d |\n", r.states, r.bad, r.lost)
		}
	}
	return b.String()
}

// summary is the line that says whether gapferry keeps its word, with the
// numbers of its writer alone.
func summary(t *testing.T, yanks *yankResult, replays *replayResult) string {
	y, r := yanks.of("gapferry"), replays.of("gapferry")
	if y.rounds < 20 {
		t.Errorf("%d yanks, want at least 20", y.rounds)
	}
	if y.told == 0 || y.told != y.whole {
		t.Errorf("%d files told done, %d whole", y.told, y.whole)
	}
	equal := "="
	if y.told != y.whole {
		equal = "≠"
	}
	return fmt.Sprintf("relay done, yanks %d, files told done %d %s files whole %d, bad final-named files %d, crash states replayed %d, bad %d",
		y.rounds, y.told, equal, y.whole, y.bad, r.states, r.bad+r.lost)
}
