package plan

import (
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/coproc"
)

// planFormat is PLAN.md, which says how a plan is read.
func planFormat(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("PLAN.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// section is what stands below a heading of level 2.
func section(t *testing.T, text, heading string) string {
	t.Helper()
	_, text, ok := strings.Cut(text, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("there is no section %q", heading)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// Every key of a plan has its row in PLAN.md, and no other one does.
func TestPlanFormatKeys(t *testing.T) {
	t.Parallel()
	text := planFormat(t)
	row := regexp.MustCompile("(?m)^\\| `([^`]+)`")
	var got []string
	for _, s := range []string{"2. Keys", "3. Officers of a node"} {
		for _, m := range row.FindAllStringSubmatch(section(t, text, s), -1) {
			got = append(got, m[1])
		}
	}
	want := map[string]int{}
	var walk func(k keys)
	walk = func(k keys) {
		for key, below := range k {
			switch key {
			case "coprocessor":
				if below == nil {
					want[key]++ // of a node: the name of one
					continue
				}
				key = "[[coprocessor]]"
			case "node", "officer":
				key = "[[" + key + "]]"
			case "officers":
				key = "[node.officers]"
			}
			want[key]++
			walk(below)
		}
	}
	walk(allKeys)
	for _, key := range got {
		want[key]--
	}
	for key, n := range want {
		if n != 0 {
			t.Errorf("key %q: %d rows too few", key, n)
		}
	}
}

// The table of §3 says who may and must be named where, as the plan is checked.
func TestPlanFormatOfficers(t *testing.T) {
	t.Parallel()
	text := section(t, planFormat(t), "3. Officers of a node")
	last := -1
	for _, a := range new(Assignments).list() {
		marks := ""
		for _, role := range []coproc.NodeRole{coproc.SA, coproc.CSS, coproc.CSR} {
			mark := ""
			for _, r := range a.optional {
				if r == role {
					mark = "○ "
				}
			}
			for _, r := range a.roles {
				if r == role {
					mark = "● "
				}
			}
			marks += "| " + mark
		}
		many := ""
		if a.many != nil {
			many = " (*n*)"
		}
		row := fmt.Sprintf("\n| `%s`%s %s|", a.key, many, marks)
		at := strings.Index(text, row)
		if at < last {
			t.Errorf("no row %q at its place", row)
		}
		last = max(at, last)
	}
}

func TestPlanFormatPairs(t *testing.T) {
	t.Parallel()
	text := section(t, planFormat(t), "5. Who must be two persons")
	rows := strings.Count(text, "\n| ") - 1
	for _, p := range coproc.Pairs {
		if row := fmt.Sprintf("\n| %s | %s | %s | %s |", p.One.Text, p.Other.Text, p.Scope, p.Why); !strings.Contains(text, row) {
			t.Errorf("no row %s", row)
		}
	}
	if rows != len(coproc.Pairs) {
		t.Errorf("%d rows for %d pairs", rows, len(coproc.Pairs))
	}
}

// The example is in canonical form, and has the digest that is printed with it.
func TestPlanFormatExample(t *testing.T) {
	t.Parallel()
	text := section(t, planFormat(t), "6. Example")
	_, example, _ := strings.Cut(text, "```toml\n")
	example, _, _ = strings.Cut(example, "```")
	p, err := Parse([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(p.Canonical()); got != example {
		t.Errorf("the canonical text is\n%s", got)
	}
	digest := p.Digest()
	for _, want := range []string{"\n    " + hex.EncodeToString(digest[:]) + "\n", "`" + strings.Join(p.Words(), " ") + "`"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if id := p.ID(p.SA()); string(id.EID[:]) != "SA NODE         " || string(id.Serial[:]) != "SOFT0001" {
		t.Errorf("the SA is %q, %q", id.Serial[:], id.EID[:])
	}
}
