package coproc

import (
	"slices"
	"testing"
)

// TestPermissionNumbers holds that no two acts have one number, and CCA's
// offsets of the shares (X'0211' to X'021F', X'0221' to X'022F').
func TestPermissionNumbers(t *testing.T) {
	if ObtainShare(1) != 0x0211 || ObtainShare(15) != 0x021F || InstallShare(1) != 0x0221 || InstallShare(15) != 0x022F {
		t.Error("share permissions are not CCA's")
	}
	var all []Permission
	for p := range permissionNames {
		all = append(all, p)
	}
	names := map[string]bool{}
	for i := 1; i <= MaxShares; i++ {
		all = append(all, ObtainShare(i), InstallShare(i))
	}
	for _, p := range all {
		names[p.String()] = true
	}
	if n := len(slices.Compact(slices.Sorted(slices.Values(all)))); n != len(all) || len(names) != len(all) {
		t.Errorf("%d permissions, %d numbers, %d names", len(all), n, len(names))
	}
	for p, want := range map[Permission]string{
		ObtainShare(0): "permission 0x0210", ObtainShare(16): "permission 0x0220", InstallShare(16): "permission 0x0230",
		ObtainShare(15): "obtain share 15", InstallShare(1): "install share 1", 0xBEEF: "permission 0xBEEF",
	} {
		if got := p.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	r := Role{Permissions: []Permission{PermAudit}}
	if !r.Permits(PermAudit) || r.Permits(PermCertify) {
		t.Error("a role permits what it does not hold, or not what it holds")
	}
}

func TestClasses(t *testing.T) {
	for _, test := range []struct {
		class     Class
		size      int
		cloneable bool
	}{{SymMK, 24, true}, {AsymMK, 24, true}, {AesMK, 32, false}, {ApkaMK, 32, false}, {HmacMK, 32, true}, {"DES-MK", 0, false}} {
		if test.class.Size() != test.size || test.class.Cloneable() != test.cloneable {
			t.Errorf("%s: size %d, cloneable %v", test.class, test.class.Size(), test.class.Cloneable())
		}
	}
	for _, c := range Classes {
		if got, err := ParseClass(string(c)); err != nil || got != c {
			t.Errorf("%s parsed as %s, error %v", c, got, err)
		}
	}
	if got, err := ParseClass("sym-mk"); err != nil || got != SymMK {
		t.Errorf("sym-mk parsed as %s, error %v", got, err)
	}
	const want = `unknown master-key class "SYM": it is one of SYM-MK, ASYM-MK, AES-MK, APKA-MK, HMAC-MK`
	if _, err := ParseClass("SYM"); err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
	for r, want := range map[Register]string{
		{}: "empty", {State: Partial}: "partly full", {State: Full, Pattern: Pattern{8, 0x3b}}: "full 083b000000000000",
		{State: 9}: "register state 9",
	} {
		if got := r.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
