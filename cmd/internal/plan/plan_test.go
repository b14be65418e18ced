package plan

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan/plantest"
)

func TestPlanRefused(t *testing.T) {
	good := plantest.Text
	if _, err := Parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	// One name, as two systems write it: one plan.
	composed, err := Parse([]byte(strings.Replace(good, "Ada", "Jos\u00e9", 1)))
	if err != nil {
		t.Fatal(err)
	}
	decomposed, err := Parse([]byte(strings.Replace(good, "Ada", "Jose\u0301", 1)))
	if err != nil || composed.Digest() != decomposed.Digest() {
		t.Errorf("one name in two forms of Unicode makes two plans: %v", err)
	}
	for _, c := range []struct {
		name   string
		change plantest.Lines
		want   string
	}{
		{"unknown key", plantest.Lines{9: "colour = 1"}, `plan, line 9: unknown key "colour"`},
		{"a key in no ASCII", plantest.Lines{65: `rôle = "CSR"`}, "plan, line 65: expected '=' after key"},
		{"unknown key in a node", plantest.Lines{66: "coprocessor = \"csr1\"\nsite = \"x\""}, `plan, line 67: unknown key "node.site"`},
		{"unknown key in officers", plantest.Lines{73: `verfy = "VERIFIER"`}, `plan, line 73: unknown key "node.officers.verfy"`},
		{"unknown table", plantest.Lines{11: "[network]\nport = 1"}, `plan, line 11: unknown key "network"`},
		{"a key twice", plantest.Lines{6: "m = 2"}, "plan, line 6: key m is already defined"},
		{"a key twice, in two spellings", plantest.Lines{6: "n = 3\nM = 3"}, `plan, line 7: key "M" is m once more, which stands on line 5`},
		{"the same, the other one first", plantest.Lines{5: "M = 3\nm = 2"}, `plan, line 5: unknown key "M": it is written m`},
		{"shares that were together unless a plan said otherwise", plantest.Lines{8: "rehearsal = true\nshare_sticks = true"}, `plan, line 9: unknown key "share_sticks": shares are apart unless the plan says shares_together = true`},
		{"an unknown key behind another mistake", plantest.Lines{5: `m = "two"`, 9: "colour = 1"}, `plan, line 9: unknown key "colour"`},
		{"capitals", plantest.Lines{8: "REHEARSAL = true"}, `plan, line 8: unknown key "REHEARSAL": it is written rehearsal`},
		{"a task twice, in two spellings", plantest.Lines{45: "certify = \"CERTIFIER\"\nCertify = \"ADMIN\""}, `plan, line 46: key "Certify" is certify once more, which stands on line 45`},
		{"a letter that is small only to the decoder", plantest.Lines{9: "\"loc\\u212a_after\" = 1"}, "plan, line 9: unknown key \"loc\u212a_after\": it is written lock_after"},
		{"a table with a capital", plantest.Lines{155: "[[Officer]]"}, `plan, line 155: unknown key "Officer": it is written officer`},
		{"a table of a table with a capital", plantest.Lines{67: "[node.Officers]"}, `plan, line 67: unknown key "Officers": it is written officers`},
		{"a table on one line", plantest.Lines{67: "", 68: "", 69: "", 70: "", 71: "", 72: "", 73: "", 74: "", 75: "", 76: "", 77: `Officers = {audit = "AUDITOR"}`}, `plan, line 77: unknown key "Officers": it is written officers`},
		{"in a table on one line", plantest.Lines{67: "", 68: "", 69: "", 70: "", 71: "", 72: "", 73: "", 74: "", 75: "", 76: "", 77: `officers = {audit = "AUDITOR", "Set" = "SETTER"}`}, `plan, line 77: unknown key "Set": it is written set`},
		{"text for a number", plantest.Lines{5: `m = "2"`}, "plan, line 5: m is a number, without quotes: m = 2"},
		{"no TOML", plantest.Lines{2: "title = Clone"}, `plan, line 2: title is text in quotes: title = "…"`},
		{"not closed", plantest.Lines{2: `title = "Clone`}, `plan, line 2: title is text in quotes: title = "…"`},

		{"format", plantest.Lines{1: "format = 2"}, "plan, line 1: format is 2, this gapferry reads format 1"},
		{"no title", plantest.Lines{2: `title = "  "`}, "plan, line 2: title is missing"},
		{"long title", plantest.Lines{2: `title = "` + strings.Repeat("x", 81) + `"`}, "plan, line 2: title has more than 80 bytes"},
		{"ceremony id, short", plantest.Lines{3: `ceremony = "00112233"`}, "plan, line 3: ceremony is not 32 lower-case hex digits; let `gapferry plan new` make it"},
		{"ceremony id, upper case", plantest.Lines{3: `ceremony = "00112233445566778899AABBCCDDEEFF"`}, "plan, line 3: ceremony is not 32 lower-case hex digits; let `gapferry plan new` make it"},
		{"ceremony id, zeros", plantest.Lines{3: `ceremony = "` + strings.Repeat("0", 32) + `"`}, "plan, line 3: ceremony is all zeros; let `gapferry plan new` make it"},
		{"no ceremony id", plantest.Lines{3: ""}, "plan: ceremony is not 32 lower-case hex digits; let `gapferry plan new` make it"},
		{"class", plantest.Lines{4: `class = "DES-MK"`}, `plan, line 4: unknown master-key class "DES-MK": it is one of SYM-MK, ASYM-MK, AES-MK, APKA-MK, HMAC-MK`},
		{"class, lower case", plantest.Lines{4: `class = "sym-mk"`}, "plan, line 4: class is written SYM-MK"},
		{"AES", plantest.Lines{4: `class = "AES-MK"`}, "plan, line 4: the procedure does not clone AES-MK master keys; to do it all the same, agree on allow_aes_cloning = true"},
		{"APKA", plantest.Lines{4: `class = "APKA-MK"`}, "plan, line 4: the procedure does not clone APKA-MK master keys; to do it all the same, agree on allow_aes_cloning = true"},
		{"family", plantest.Lines{4: "class = \"SYM-MK\"\nfamily = \"hsm\""}, `plan, line 5: unknown family of coprocessors "hsm": it is one of soft, tpm, pkcs11`},
		{"a class that the family has not", plantest.Lines{4: "class = \"SYM-MK\"\nfamily = \"tpm\""}, "plan, line 4: coprocessors of family tpm hold no SYM-MK: class is one of HMAC-MK, AES-MK, APKA-MK"},
		{"a class that software has not", plantest.Lines{4: `class = "HMAC-MK"`}, "plan, line 4: coprocessors of family soft hold no HMAC-MK: class is one of SYM-MK, ASYM-MK, AES-MK, APKA-MK"},
		{"AES in a TPM", plantest.Lines{4: "class = \"AES-MK\"\nfamily = \"tpm\""}, "plan, line 4: the procedure does not clone AES-MK master keys; to do it all the same, agree on allow_aes_cloning = true"},
		{"m > n", plantest.Lines{5: "m = 4"}, "plan, line 5: m = 4 of n = 3: more shares are needed than are made"},
		{"m is 0", plantest.Lines{5: "m = 0"}, "plan, line 5: m = 0: at least one share is needed"},
		{"m is negative", plantest.Lines{5: "m = -1"}, "plan, line 5: m = -1: at least one share is needed"},
		{"m is 1", plantest.Lines{5: "m = 1"}, "plan, line 5: m = 1: every single share is the whole key; if that is meant, say allow_single_share = true"},
		{"n is 16", plantest.Lines{6: "n = 16"}, "plan, line 6: n = 16: the shares made are 1 to 15"},
		{"n is huge", plantest.Lines{6: "n = 1_000_000_000_000_000"}, "plan, line 6: n = 1000000000000000: the shares made are 1 to 15"},
		{"n is 0", plantest.Lines{6: "n = 0"}, "plan, line 6: n = 0: the shares made are 1 to 15"},
		{"no days", plantest.Lines{7: "certificate_days = 0"}, "plan, line 7: certificate_days = 0 is not 1 to 366"},
		{"years", plantest.Lines{7: "certificate_days = 367"}, "plan, line 7: certificate_days = 367 is not 1 to 366"},

		{"coprocessor name", plantest.Lines{13: `name = "SA"`}, `plan, line 13: coprocessor name "SA" is not 1 to 12 of a-z, 0-9 and hyphen, a letter first`},
		{"coprocessor twice", plantest.Lines{31: `name = "csr1"`}, `plan, line 31: coprocessor "csr1" is there twice, first on line 25`},
		{"serial twice", plantest.Lines{32: `serial = "SOFT0001"`}, `plan, line 32: serial number "SOFT0001" is there twice, first on line 14`},
		{"serial", plantest.Lines{32: `serial = "SOFT 001"`}, `plan, line 32: serial number "SOFT 001" is not 8 letters, digits or hyphens`},
		{"EID twice", plantest.Lines{33: `eid = "SA NODE"`}, `plan, line 33: eid "SA NODE" is there twice, first on line 15`},
		{"EID twice but for spaces", plantest.Lines{33: `eid = "SA NODE "`}, "plan, line 33: eid ends in spaces; leave them out, they are filled up to 16 characters"},
		{"EID of 17", plantest.Lines{33: `eid = "12345678901234567"`}, `plan, line 33: environment id "12345678901234567" is not 1 to 16 printable ASCII characters`},
		{"no administrator", plantest.Lines{34: ""}, "plan, line 30: administrator is missing: it names the profile that does it"},
		{"unknown administrator", plantest.Lines{34: `administrator = "ROOT"`}, `plan, line 34: profile "ROOT" is no [[officer]] of this plan`},
		{"idle coprocessor", plantest.Lines{35: "[[coprocessor]]\nname = \"spare\"\nserial = \"SOFT0005\"\neid = \"SPARE\"\nadministrator = \"ADMIN\"\n"}, `plan, line 36: coprocessor "spare" holds no node`},

		{"node twice", plantest.Lines{80: `name = "csr1"`}, `plan, line 80: node "csr1" is there twice, first on line 64`},
		{"node name", plantest.Lines{80: `name = "csr two"`}, `plan, line 80: node name "csr two" is not 1 to 12 of a-z, 0-9 and hyphen, a letter first`},
		{"node name with a path", plantest.Lines{80: `name = "../csr"`}, `plan, line 80: node name "../csr" is not 1 to 12 of a-z, 0-9 and hyphen, a letter first`},
		{"device name", plantest.Lines{80: `name = "nul"`}, `plan, line 80: node name "nul" would give a database that Windows cannot open`},
		{"target named sa", plantest.Lines{37: `name = "sadm"`, 80: `name = "sa"`}, `plan, line 80: only the SA node can be named "sa": sa.db is the SA's database`},
		{"role", plantest.Lines{81: `role = "csr"`}, `plan, line 81: role "csr" is not SA, CSS or CSR`},
		{"unknown coprocessor", plantest.Lines{94: "[[node]]\nname = \"csr3\"\nrole = \"CSR\"\ncoprocessor = \"csr3\"\n"}, `plan, line 97: coprocessor "csr3" is not in this plan`},
		{"unknown coprocessor, another idle", plantest.Lines{82: `coprocessor = "csr3"`}, `plan, line 31: coprocessor "csr2" holds no node`},
		{"two targets in one", plantest.Lines{30: "", 31: "", 32: "", 33: "", 34: "", 82: `coprocessor = "csr1"`}, `plan, line 79: coprocessor "csr1" holds [CSR CSR]: one coprocessor holds one node, or the SA and one other`},
		{"source and target in one", plantest.Lines{30: "", 31: "", 32: "", 33: "", 34: "", 82: `coprocessor = "css"`}, `plan, line 79: coprocessor "css" holds [CSS CSR]: one coprocessor holds one node, or the SA and one other`},
		{"two SAs", plantest.Lines{81: `role = "SA"`, 88: `certify = "CERTIFIER"`, 89: "", 90: "", 91: "", 92: "", 93: ""}, "plan: there are 2 nodes with role SA, a ceremony has exactly one"},
		{"no CSR", cut(24, 34, cut(63, 94, nil)), "plan: there is no node with role CSR: a ceremony has at least one target"},
		{"no source", cut(18, 23, cut(47, 62, nil)), "plan: there are 0 nodes with role CSS, a ceremony has exactly one"},
	} {
		t.Run(c.name, func(t *testing.T) { refusePlan(t, plantest.With(good, c.change), c.want) })
	}
}

// cut empties lines.
func cut(from, to int, more plantest.Lines) plantest.Lines {
	if more == nil {
		more = plantest.Lines{}
	}
	for n := from; n <= to; n++ {
		more[n] = ""
	}
	return more
}

func refusePlan(t *testing.T, text, want string) {
	t.Helper()
	_, err := Parse([]byte(text))
	var bad *Error
	if !errors.As(err, &bad) || err.Error() != want {
		t.Errorf("error is %v\nwant     %s", err, want)
	}
}

func TestPlanTooLarge(t *testing.T) {
	text := plantest.Text + strings.Repeat("#", MaxSize)
	refusePlan(t, text[:MaxSize+1], "plan: it has more than 1048576 bytes")
	if _, err := Parse([]byte(text[:MaxSize])); err != nil {
		t.Errorf("a plan of exactly the limit: %v", err)
	}
}

// The example is what people read first: it must be in the one form.
func TestPlanExampleIsCanonical(t *testing.T) {
	p, err := Parse([]byte(plantest.Text))
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE") != "" {
		os.WriteFile("plantest/plan.toml", p.Canonical(), 0o644)
	}
	if string(p.Canonical()) != plantest.Text {
		t.Errorf("the canonical form is\n%s", p.Canonical())
	}
}
