package plan

import (
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/plan/plantest"
)

// TestPlanPairs gives both acts of each pair to one profile, and to one person
// under two profiles.
func TestPlanPairs(t *testing.T) {
	good := plantest.Text
	const dual = "could do both halves of a dual act: "
	for _, c := range []struct {
		name   string
		change plantest.Lines
		want   string
	}{
		{"verifies and sets, one profile", plantest.Lines{73: `verify = "SETTER"`},
			`plan, line 132: role SETTER at coprocessor "csr1": profile SETTER ` + dual + "verify master key, and set master key; two persons look at the pattern"},
		{"verifies and sets, one person", plantest.Lines{128: `person = "HILL, Hal"`},
			`plan, line 133: "HILL, Hal", "Hal Hill", under more than one profile at coprocessor "css", ` + dual + "verify master key, and set master key; two persons look at the pattern"},
		{"makes and sets, one profile", plantest.Lines{61: `random = "SETTER"`},
			`plan, line 132: role SETTER at coprocessor "css": profile SETTER ` + dual + "generate random master key, and set master key; nobody alone puts a key in force that they made"},
		{"makes and sets, one person", plantest.Lines{108: `person = "Hal Hill"`},
			`plan, line 133: "Hal Hill", under more than one profile at coprocessor "css", ` + dual + "generate random master key, and set master key; nobody alone puts a key in force that they made"},
		{"loads and sets", plantest.Lines{143: `person = "Hal Hill"`},
			`plan, line 143: "Hal Hill", under more than one profile at coprocessor "css", ` + dual + "combine master-key part, and set master key; nobody alone puts a key in force that they made"},
		{"audits and sets, one profile", plantest.Lines{68: `audit = "SETTER"`},
			`plan, line 132: role SETTER at coprocessor "csr1": profile SETTER ` + dual + "audit access controls, and set master key; nobody judges their own acts"},
		{"audits and administers", plantest.Lines{103: `person = "Ada Adams"`},
			`plan, line 103: "Ada Adams", under more than one profile at coprocessor "sa", ` + dual + "audit access controls, and manage roles and profiles; nobody judges their own acts"},
		{"audits and certifies", plantest.Lines{103: `person = "Fay Ford"`},
			`plan, line 123: "Fay Ford", under more than one profile at coprocessor "sa", ` + dual + "audit access controls, and certify a node's key; nobody judges their own acts"},
		{"installs and sets", plantest.Lines{158: `person = "Hal Hill"`},
			`plan, line 158: "Hal Hill", under more than one profile at coprocessor "csr1", ` + dual + "install share 3, and set master key; two persons compare the key card of the source"},
		{"certifies what was asked for by the same", plantest.Lines{123: `person = "Cy Clark"`},
			`plan, line 123: "Cy Clark", under more than one profile at coprocessor "sa", ` + dual + "generate retained key, and certify a node's key; who asks for a certificate does not give it"},
		{"asks at one target, certifies at the SA", plantest.Lines{69: `generate-key = "CERTIFIER"`},
			`plan, line 123: "Fay Ford" ` + dual + `certify a node's key at "sa", and generate retained key at "csr1"; who asks for a certificate does not give it`},
		{"certifies, and obtains a share", plantest.Lines{123: `person = "Lea Lane"`},
			`plan, line 153: "Lea Lane" ` + dual + `certify a node's key at "sa", and obtain share 2 at "css"; share officers look at whom the SA certified`},
		{"first part here, last part there", plantest.Lines{60: `last-part = "KEYGEN"`, 75: `first-part = "KEYGEN"`},
			`plan, line 108: "Cy Clark" ` + dual + `combine master-key part at "css", and load first master-key part at "csr1"; who knows every part knows the key`},
		{"nearly all", plantest.Lines{108: `person = "Ny"`, 113: `person = "Ny"`, 118: `person = "Ny"`, 123: `person = "Ny"`, 128: `person = "Ny"`, 133: `person = "Ny"`, 103: `person = "Ny"`, 148: `person = "Ny"`},
			`plan, line 108: "Ny", under more than one profile at coprocessor "sa", ` + dual + "audit access controls, and generate retained key; nobody judges their own acts"},
	} {
		t.Run(c.name, func(t *testing.T) { refusePlan(t, plantest.With(good, c.change), c.want) })
	}
	// At one coprocessor only: one here and the other there is no harm.
	for name, fine := range map[string]plantest.Lines{
		"verifies here, sets there":    {89: `verify = "SETTER"`, 90: `set = "VERIFIER"`},
		"audits here, registers there": {84: `audit = "HASH"`, 86: `register-hash = "AUDITOR"`},
	} {
		if _, err := Parse([]byte(plantest.With(good, fine))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
