package coproc

import (
	"strings"
	"testing"
)

// TestDanger holds every pair of the table, and what is none.
func TestDanger(t *testing.T) {
	const dual = "could do both halves of a dual act: "
	for _, test := range []struct {
		perms []Permission
		want  string
	}{
		{[]Permission{PermRegisterKey, PermRegisterHash}, dual + "register SA-key hash, and register SA key; who does both makes the coprocessor trust any SA"},
		{[]Permission{PermUnregisterHash, PermAskUnregister}, dual + "ask to unregister SA-key hash, and unregister SA-key hash; nobody alone has it entered once more"},
		{[]Permission{PermManageAccess, PermAskUnregister}, dual + "manage roles and profiles, and ask to unregister SA-key hash; who gives out rights has no use for them"},
		{[]Permission{PermLoadFirstPart, PermCombinePart}, dual + "load first master-key part, and combine master-key part; who knows every part knows the key"},
		{[]Permission{PermCertify, PermRegisterHash}, dual + "register SA-key hash, and certify a node's key; who certifies with a key does not say that it is the right one"},
		{[]Permission{PermManageAccess, PermGenerateKey}, dual + "manage roles and profiles, and generate retained key; who gives out rights has no use for them"},
		{[]Permission{InstallShare(15), PermManageAccess}, dual + "manage roles and profiles, and install share 15; who gives out rights has no use for them"},
		{[]Permission{PermManageAccess, PermCancel}, dual + "manage roles and profiles, and cancel a share set; who gives out rights has no use for them"},
		{[]Permission{PermManageAccess, 0xBEEF}, dual + "manage roles and profiles, and permission 0xBEEF; who gives out rights has no use for them"},
		{[]Permission{ObtainShare(1), ObtainShare(2)}, dual + "obtain share 1, and obtain share 2; one person has to do with one share only"},
		{[]Permission{InstallShare(15), InstallShare(1)}, dual + "install share 15, and install share 1; one person has to do with one share only"},
		{[]Permission{ObtainShare(1), InstallShare(2)}, dual + "obtain share 1, and install share 2; one person has to do with one share only"},
		{[]Permission{PermSetMasterKey, PermRandomMasterKey}, dual + "generate random master key, and set master key; nobody alone puts a key in force that they made"},
		{[]Permission{PermLoadFirstPart, PermSetMasterKey}, dual + "load first master-key part, and set master key; nobody alone puts a key in force that they made"},
		{[]Permission{PermCombinePart, PermSetMasterKey}, dual + "combine master-key part, and set master key; nobody alone puts a key in force that they made"},
		{[]Permission{PermVerifyPattern, PermSetMasterKey}, dual + "verify master key, and set master key; two persons look at the pattern"},
		{[]Permission{PermSetMasterKey, InstallShare(7)}, dual + "install share 7, and set master key; two persons compare the key card of the source"},
		{[]Permission{PermCertify, PermGenerateKey}, dual + "generate retained key, and certify a node's key; who asks for a certificate does not give it"},
		{[]Permission{ObtainShare(7), PermCertify}, dual + "certify a node's key, and obtain share 7; share officers look at whom the SA certified"},
		{[]Permission{PermAudit, PermSetMasterKey}, dual + "audit access controls, and set master key; nobody judges their own acts"},
		{[]Permission{PermManageAccess, PermAudit}, dual + "audit access controls, and manage roles and profiles; nobody judges their own acts"},
		{[]Permission{PermAudit, InstallShare(1)}, dual + "audit access controls, and install share 1; nobody judges their own acts"},

		{nil, ""},
		{[]Permission{PermAudit}, ""},
		{[]Permission{PermManageAccess, PermSetEID, PermSetShares}, ""},
		{[]Permission{PermRegisterHash, PermLoadFirstPart, PermGenerateKey, PermVerifyPattern, PermRandomMasterKey}, ""},
		{[]Permission{PermRegisterKey, PermCombinePart, PermVerifyPattern}, ""},
		{[]Permission{PermCertify, PermSetMasterKey, PermCancel, PermClearNew}, ""},
		{[]Permission{ObtainShare(3), InstallShare(3)}, ""},
		{[]Permission{ObtainShare(2), PermRegisterHash, InstallShare(2), ObtainShare(2)}, ""},
	} {
		if got := Danger(test.perms); got != test.want {
			t.Errorf("%v:\n got %q\nwant %q", test.perms, got, test.want)
		}
	}
}

// What is printed of a pair fits on a line of a terminal and of a page.
func TestPairs(t *testing.T) {
	for _, p := range Pairs {
		if p.One.Text == "" || p.Other.Text == "" || p.Why == "" || p.Scope != AtOne && p.Scope != Anywhere {
			t.Errorf("%+v says too little", p)
		}
		if strings.ContainsAny(p.One.Text+p.Other.Text+p.Why, "|\n") {
			t.Errorf("%q breaks a table", p.Why)
		}
	}
}
