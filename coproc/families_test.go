package coproc_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/coproc"
)

// FORMAT.md has the table of the classes that each family holds.
func TestFamiliesInFormat(t *testing.T) {
	text, err := os.ReadFile("../bundle/FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range coproc.Classes {
		row := fmt.Sprintf("| `%s` | %d |", c, c.Size())
		for _, f := range coproc.Families {
			mark := "●"
			if !c.Cloneable() {
				mark = "○"
			}
			if !f.Holds(c) {
				mark = "–"
			}
			row += " " + mark
			if f == coproc.PKCS11 && f.Holds(c) {
				row += " " // the key type of PKCS#11 follows
			} else {
				row += " |"
			}
		}
		if !strings.Contains(string(text), row) {
			t.Errorf("no row that begins\n%s", row)
		}
	}
}

func TestFamilies(t *testing.T) {
	for _, f := range coproc.Families {
		if got, err := coproc.ParseFamily(f.String()); err != nil || got != f {
			t.Errorf("%s parsed as %s, error %v", f, got, err)
		}
		held := f.Classes()
		if held[0] = "another"; f.Classes()[0] == "another" {
			t.Errorf("%s: its classes were changed from outside", f)
		}
	}
	if !slices.Equal(coproc.Family("fake").Classes(), coproc.Classes) {
		t.Error("a family of which nothing is known holds not every class")
	}
	if _, err := coproc.ParseFamily("TPM"); err == nil {
		t.Error("TPM parsed")
	}
}
