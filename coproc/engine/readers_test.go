package engine

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestTableOfReaders: SECURITY.md prints the table that the code follows.
func TestTableOfReaders(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	for _, r := range allReaders {
		fmt.Fprintf(&table, "| %s | %s |\n", strings.ReplaceAll(r.Secret, "%d", "*i*"), strings.ReplaceAll(r.Who, "%d", "*i*"))
	}
	text, err := os.ReadFile("../../SECURITY.md")
	noError(t, err)
	if !strings.Contains(string(text), "|---|---|\n"+table.String()+"\n") {
		t.Errorf("SECURITY.md does not have the table:\n%s", table.String())
	}
}
