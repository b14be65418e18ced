package plan

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan/plantest"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
)

// The plan is what was agreed, not how its file is laid out.
func TestDigestIgnoresLayout(t *testing.T) {
	good := plantest.Text
	want, err := Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"comments":       "# agreed on Monday\n" + strings.ReplaceAll(good, "\n[node.officers]", "\n[node.officers] # who"),
		"no empty lines": strings.ReplaceAll(good, "\n\n", "\n"),
		"spacing":        strings.ReplaceAll(strings.ReplaceAll(good, " = ", "="), "\n", "   \n\t"),
		"CRLF":           strings.ReplaceAll(good, "\n", "\r\n"),
		"literal string": plantest.With(good, plantest.Lines{2: "title = 'Clone SYM-MK to the two halls'"}),
		"escapes":        plantest.With(good, plantest.Lines{2: `title = "\u0043lone SYM-MK to the two halls"`}),
		"hex number":     plantest.With(good, plantest.Lines{7: "certificate_days = 0x1e"}),
		"other order":    plantest.With(good, plantest.Lines{5: "n = 3", 6: "m = 2", 38: `coprocessor = "sa"`, 39: `role = "SA"`}),
		"many lines":     plantest.With(good, plantest.Lines{57: "obtain-shares = [\n \"SHARE1\", # Kim\n \"SHARE2\",\n \"SHARE3\",\n]"}),
		"family":         plantest.With(good, plantest.Lines{4: "class = \"SYM-MK\"\nfamily = \"soft\""}),
		"dotted keys":    plantest.With(good, plantest.Lines{71: `register-key = "KEYREG"`, 67: "", 68: `officers.audit = "AUDITOR"`, 69: `officers.generate-key = "KEYGEN"`, 70: `officers.register-hash = "HASH"` + "\n[node.officers]"}),
	} {
		p, err := Parse([]byte(text))
		if name == "dotted keys" { // a table is defined once, in one way
			if err == nil {
				t.Errorf("%s: accepted", name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if p.Digest() != want.Digest() {
			t.Errorf("%s: another digest", name)
		}
	}
	// And any other value is another plan.
	for n, line := range strings.Split(good, "\n") {
		key, _, _ := strings.Cut(line, " = ")
		changed, ok := map[string]string{
			"title": `title = "Clone"`, "ceremony": `ceremony = "10112233445566778899aabbccddeeff"`, "m": "m = 3",
			"certificate_days": "certificate_days = 29", "rehearsal": "rehearsal = true",
			"allow_single_share": "allow_single_share = true", "allow_aes_cloning": "allow_aes_cloning = true",
			"class": `class = "ASYM-MK"`, "serial": fmt.Sprintf(`serial = "SOFT9%03d"`, n), "eid": fmt.Sprintf(`eid = "EID %d"`, n),
			"person": fmt.Sprintf(`person = "Person %d"`, n),
		}[key]
		if !ok {
			continue
		}
		p, err := Parse([]byte(plantest.With(good, plantest.Lines{n + 1: changed})))
		if key == "class" {
			tpm, err := Parse([]byte(plantest.With(good, plantest.Lines{n + 1: "class = \"HMAC-MK\"\nfamily = \"tpm\""})))
			if err != nil || tpm.Family() != coproc.TPM || tpm.Digest() == want.Digest() {
				t.Errorf("family tpm: %v, error %v", tpm, err)
			} else if again, err := Parse(tpm.Canonical()); err != nil || again.Digest() != tpm.Digest() {
				t.Errorf("family tpm, parsed again: error %v", err)
			}
		}
		if err != nil {
			t.Errorf("%s: %v", changed, err)
		} else if p.Digest() == want.Digest() {
			t.Errorf("line %d, %s: the same digest", n+1, changed)
		}
	}
}

func FuzzParsePlan(f *testing.F) {
	text, err := os.ReadFile("plantest/plan.toml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	good := string(text)
	for _, s := range []string{
		"", "[[node]]", "node = [{name = 1}]", "[node]\nx=1\n[[node]]", "a.b.c = [[[]]]", "\xff", "x = 1979-05-27T07:32:00Z",
		plantest.With(good, plantest.Lines{15: `eid = "A\\B\"C#[]"`}),
		plantest.With(good, plantest.Lines{40: "officers.audit = \"AUDITOR\""}),
		plantest.With(good, plantest.Lines{103: `person = "Zoë \\ \" "`}),
		strings.ReplaceAll(good, "\n", "\r\n"),
		plantest.With(good, plantest.Lines{8: "rehearsal = true\nlock_after = 5", 103: "person = \"Bo\"\nfrom = \"2026-11-24\"\nuntil = \"2026-12-01\""}),
		plantest.With(good, plantest.Lines{143: "person = \"\u0399DA \u0456nnes\""}),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Parse(text)
		if err != nil {
			if bad, ok := err.(*Error); !ok || bad.Line < 0 || bad.Line > 1+strings.Count(string(text), "\n") {
				t.Fatalf("error %v", err)
			}
			return
		}
		again, err := Parse(p.Canonical())
		if err != nil {
			t.Fatalf("the canonical form is refused: %v\n%s", err, p.Canonical())
		}
		if string(again.Canonical()) != string(p.Canonical()) {
			t.Fatalf("the canonical form changed:\n%s\n%s", p.Canonical(), again.Canonical())
		}
		for i := range p.Coprocessors {
			if fmt.Sprint(p.Setup(&p.Coprocessors[i])) != fmt.Sprint(again.Setup(&again.Coprocessors[i])) {
				t.Fatal("the set-up changed")
			}
		}
		p.Responsibilities()
	})
}

// procedureRows is Table 2 of IBM's procedure, for two targets, as it stands
// there; "Obtain shares" and "Install shares" come once for each share.
const procedureRows = `
Audit access controls SA
Generate SA key SA
Register SA-key hash SA
Register SA key SA
Audit access controls CSS
Generate CSS key CSS
Obtain CSS master key CSS
Register SA-key hash CSS
Register SA key CSS
Certify CSS key SA
Audit access controls CSR1
Generate CSR key CSR1
Register SA-key hash CSR1
Register SA key CSR1
Certify CSR1 key SA
Obtain shares CSS
Install shares CSR1
Verify CSR new CSR1
Set CSR master key CSR1
Audit access controls CSR2
Generate CSR key CSR2
Register SA-key hash CSR2
Register SA key CSR2
Certify CSR2 key SA
Obtain shares CSS
Install shares CSR2
Verify CSR new CSR2
Set CSR master key CSR2`

func TestTable2(t *testing.T) {
	p, err := Parse([]byte(plantest.Text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	rows := p.Responsibilities()
	for i, r := range rows {
		row := r.Text + " " + strings.ToUpper(r.Node)
		if r.Share > 1 {
			if row != got[len(got)-1] || r.Share != rows[i-1].Share+1 || r.Share > p.N {
				t.Errorf("row %d is share %d of %s", i, r.Share, row)
			}
			continue
		}
		got = append(got, row)
	}
	if want := strings.Split(strings.TrimSpace(procedureRows), "\n"); !slices.Equal(got, want) {
		t.Errorf("Table 2 is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(rows) != 28+2*2*(p.N-1) {
		t.Errorf("%d rows", len(rows))
	}
	for _, r := range rows {
		node := p.Node(r.Node)
		if r.Profile == "" || r.Role == "" || r.Person == "" || procedure.Phase(r.Phase).Role != node.Role || p.Node(r.Subject) == nil {
			t.Errorf("row %+v", r)
		}
	}
	if last := rows[len(rows)-1]; last.Profile != "SETTER" || last.Person != "Hal Hill" || last.Subject != "csr2" {
		t.Errorf("the last row is %+v", last)
	}
}

func TestTable1(t *testing.T) {
	var got []string
	for _, row := range procedure.Table1 {
		got = append(got, fmt.Sprintf("%s %s %v", row.Phase, row.Node, row.Repeats))
		if procedure.Phase(row.Phase).Task != row.Task {
			t.Errorf("phase %s is not found", row.Phase)
		}
	}
	want := []string{"1 SA false", "2a Source false", "2b SA false", "3a Target true", "3b SA true", "3c Source true", "3d Target true"}
	if !slices.Equal(got, want) {
		t.Errorf("Table 1 is %q, want %q", got, want)
	}
	// A task is done in the phase, at the node, that Table 1 has for it.
	for _, task := range procedure.Table2 {
		if row := procedure.Phase(task.Phase); row == nil || row.Role != task.At || row.Repeats != (task.Group == coproc.CSR) {
			t.Errorf("task %+v is in phase %+v", task, row)
		}
	}
	if procedure.Phase("4") != nil {
		t.Error("there is a phase 4")
	}
}
