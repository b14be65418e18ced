package plan

import (
	"fmt"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan/plantest"
)

// TestPlanOfficersRefused is about who may do what: see also TestPlanRefused.
func TestPlanOfficersRefused(t *testing.T) {
	good := plantest.Text
	for _, c := range []struct {
		name   string
		change plantest.Lines
		want   string
	}{
		{"officer not listed", plantest.Lines{52: `audit = "NOBODY"`}, `plan, line 52: profile "NOBODY" is no [[officer]] of this plan`},
		{"share officer not listed", plantest.Lines{57: `obtain-shares = ["SHARE1", "SHARE4", "SHARE3"]`}, `plan, line 57: profile "SHARE4" is no [[officer]] of this plan`},
		{"task without officer", plantest.Lines{73: ""}, `plan, line 67: verify of node "csr1" is missing: it names the profile that does it`},
		{"no share officers", plantest.Lines{72: "install-shares = []"}, `plan, line 72: install-shares of node "csr1" is missing: it names the profile that does it`},
		{"two for three shares", plantest.Lines{72: `install-shares = ["SHARE1", "SHARE2"]`}, "plan, line 72: install-shares names 2 profiles, n = 3 shares need one each"},
		{"four for three shares", plantest.Lines{57: `obtain-shares = ["SHARE1", "SHARE2", "SHARE3", "SHARE1"]`}, "plan, line 57: obtain-shares names 4 profiles, n = 3 shares need one each"},
		{"an empty share officer", plantest.Lines{57: `obtain-shares = ["SHARE1", "", "SHARE3"]`}, "plan, line 57: obtain-shares is missing: it names the profile that does it"},
		{"a task of another role", plantest.Lines{72: "certify = \"CERTIFIER\"\n" + `install-shares = ["SHARE1", "SHARE2", "SHARE3"]`}, "plan, line 72: certify is not a task of a CSR node"},
		{"half of the parts", plantest.Lines{76: ""}, "plan, line 75: first-part and last-part go together: a master key is loaded by two officers"},

		{"profile name", plantest.Lines{96: `profile = "admin"`, 16: `administrator = "admin"`, 22: `administrator = "admin"`, 28: `administrator = "admin"`, 34: `administrator = "admin"`}, `plan, line 96: profile "admin" is not 1 to 16 of A-Z, 0-9 and hyphen`},
		{"profile renamed", plantest.Lines{101: `profile = "AUDITS"`}, `plan, line 41: profile "AUDITOR" is no [[officer]] of this plan`},
		{"profile listed twice", plantest.Lines{159: "\n[[officer]]\nprofile = \"ADMIN\"\nrole = \"ADMINISTRATOR\"\nperson = \"Ada Adams\""}, `plan, line 161: profile "ADMIN" is there twice, first on line 96`},
		{"unused profile", plantest.Lines{159: "\n[[officer]]\nprofile = \"SPARE\"\nrole = \"SPARE\"\nperson = \"Ned North\""}, `plan, line 161: profile "SPARE" has no task in this plan`},
		{"role name", plantest.Lines{102: `role = "auditor"`}, `plan, line 102: role "auditor" is not 1 to 16 of A-Z, 0-9 and hyphen`},
		{"role of nobody", plantest.Lines{102: `role = "DEFAULT"`}, `plan, line 102: role DEFAULT is what can be done while nobody is logged on; give profile "AUDITOR" another one`},
		{"nobody", plantest.Lines{103: `person = ""`}, "plan, line 103: person is missing"},

		{"hash and key by one profile", plantest.Lines{43: `register-hash = "KEYREG"`}, `plan, line 117: role KEY-REGISTRAR at coprocessor "sa": profile KEYREG could do both halves of a dual act: register SA-key hash, and register SA key; who does both makes the coprocessor trust any SA`},
		{"hash and key by one role", plantest.Lines{117: `role = "HASH-REGISTRAR"`}, `plan, line 112: role HASH-REGISTRAR at coprocessor "sa": profile HASH could do both halves of a dual act: register SA-key hash, and register SA key; who does both makes the coprocessor trust any SA`},
		{"hash and key by one person", plantest.Lines{118: `person = "di  DAVIS"`}, `plan, line 118: "Di Davis", "di  DAVIS", under more than one profile at coprocessor "sa", could do both halves of a dual act: register SA-key hash, and register SA key; who does both makes the coprocessor trust any SA`},
		{"one person, two shares", plantest.Lines{158: `person = "Kim King"`}, `plan, line 158: "Kim King", under more than one profile at coprocessor "css", could do both halves of a dual act: obtain share 1, and obtain share 3; one person has to do with one share only`},
		{"one profile, two shares", plantest.Lines{57: `obtain-shares = ["SHARE1", "SHARE2", "SHARE1"]`}, `plan, line 147: role SHARE-1 at coprocessor "css": profile SHARE1 could do both halves of a dual act: obtain share 1, and obtain share 3; one person has to do with one share only`},
		{"one role, two shares", plantest.Lines{152: `role = "SHARE-1"`}, `plan, line 147: role SHARE-1 at coprocessor "css": profile SHARE1 could do both halves of a dual act: obtain share 1, and obtain share 2; one person has to do with one share only`},
		{"administrator with a key task", plantest.Lines{42: `generate-key = "ADMIN"`}, `plan, line 97: role ADMINISTRATOR at coprocessor "sa": profile ADMIN could do both halves of a dual act: manage roles and profiles, and generate retained key; who gives out rights has no use for them`},
		{"administrator as another person", plantest.Lines{98: `person = "Kim King"`}, `plan, line 148: "Kim King", under more than one profile at coprocessor "css", could do both halves of a dual act: manage roles and profiles, and obtain share 1; who gives out rights has no use for them`},
		{"both parts by one profile", plantest.Lines{60: `last-part = "PART1"`}, `plan, line 137: role FIRST-PART at coprocessor "css": profile PART1 could do both halves of a dual act: load first master-key part, and combine master-key part; who knows every part knows the key`},
		{"both parts by one person", plantest.Lines{143: `person = "Ida Innes"`}, `plan, line 143: "Ida Innes", under more than one profile at coprocessor "css", could do both halves of a dual act: load first master-key part, and combine master-key part; who knows every part knows the key`},
	} {
		t.Run(c.name, func(t *testing.T) { refusePlan(t, plantest.With(good, c.change), c.want) })
	}
}

// Names go to terminals and onto paper: what cannot be seen there, or turns
// the text around, is refused.
func TestPlanHiddenText(t *testing.T) {
	good := plantest.Text
	for name, hidden := range map[string]string{
		"escape":            `\u001b[2J`,
		"line feed":         `\n`,
		"tab":               `\t`,
		"delete":            `\u007f`,
		"C1 control":        `\u009b2J`,
		"right-to-left":     `\u202e`,
		"isolate":           `\u2066`,
		"zero width":        `\u200b`,
		"soft hyphen":       `\u00ad`,
		"byte order mark":   `\ufeff`,
		"private use":       `\ue000`,
		"no-break space":    `\u00a0`,
		"line separator":    `\u2028`,
		"replacement":       `\ufffd`,
		"tag":               `\U000e0041`,
		"raw right-to-left": "\u202e",
		"raw C1":            "\u009b",
	} {
		t.Run(name, func(t *testing.T) {
			refusePlan(t, plantest.With(good, plantest.Lines{2: fmt.Sprintf(`title = "Clone%s"`, hidden)}), "plan, line 2: title holds characters that cannot be printed")
			refusePlan(t, plantest.With(good, plantest.Lines{103: fmt.Sprintf(`person = "Bo%sBrown"`, hidden)}), "plan, line 103: person holds characters that cannot be printed")
		})
	}
	for _, fine := range []string{"Zoë Ångström", "山田 太郎", "O'Neill \\\"Red\\\" \\\\", "#1"} {
		p, err := Parse([]byte(plantest.With(good, plantest.Lines{103: fmt.Sprintf(`person = "%s"`, fine)})))
		if err != nil {
			t.Errorf("%s: %v", fine, err)
			continue
		}
		if again, err := Parse(p.Canonical()); err != nil || again.Digest() != p.Digest() {
			t.Errorf("%s: its canonical form is another plan, error %v", fine, err)
		}
	}
}
