package coproc

import (
	"errors"
	"testing"
	"time"
)

func TestWindow(t *testing.T) {
	const day = 24 * 60 * 60
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	midnight := now.Unix() - day/2
	for _, test := range []struct {
		from, until int64
		words       string
		active      bool
	}{
		{0, 0, "always active", true},
		{midnight, 0, "active from 2026-11-24", true},
		{midnight + day, 0, "active from 2026-11-25", false},
		{0, midnight + day - 1, "active until 2026-11-24", true},
		{0, midnight - 1, "active until 2026-11-23", false},
		{midnight, midnight + day - 1, "active from 2026-11-24 until 2026-11-24", true},
		{now.Unix() + 1, now.Unix() + 1, "active from 2026-11-24 until 2026-11-24", false},
		{now.Unix(), now.Unix(), "active from 2026-11-24 until 2026-11-24", true},
	} {
		p := Profile{NotBefore: test.from, NotAfter: test.until}
		if got := p.Window(); got != test.words {
			t.Errorf("%q, want %q", got, test.words)
		}
		err := p.CheckTime(now.In(time.FixedZone("far away", 14*60*60)))
		if (err == nil) != test.active || err != nil && !errors.Is(err, ErrInactive) {
			t.Errorf("%s: error is %v", test.words, err)
		}
		const says = ", the clock here says 2026-11-24 12:00:00"
		if want := "the profile is not active today: it is " + test.words + says; err != nil && err.Error() != want {
			t.Errorf("\n got %v\nwant %s", err, want)
		}
	}
}

func TestUsesKeys(t *testing.T) {
	for _, test := range []struct {
		perms []Permission
		want  bool
	}{
		{nil, false},
		{[]Permission{PermManageAccess, PermSetEID, PermSetShares}, false},
		{[]Permission{PermManageAccess, PermAudit}, false},
		{[]Permission{PermSetEID, PermSetShares}, false},
		{[]Permission{PermAudit}, true},
		{[]Permission{PermSetEID, InstallShare(3)}, true},
	} {
		if got := (Role{Permissions: test.perms}).UsesKeys(); got != test.want {
			t.Errorf("%v: %v", test.perms, got)
		}
	}
}

// The digest covers who may do what, and not in which order it is told.
func TestAccessDigest(t *testing.T) {
	roles := []Role{{"A", []Permission{PermAudit, PermCertify}}, {"B", []Permission{PermCancel}}}
	profiles := []Profile{{Name: "X", Role: "A", Person: "Ann"}, {Name: "Y", Role: "B", Person: "Bob", NotAfter: 5}}
	digest := func(failures int, aes bool, r []Role, p []Profile) Digest {
		t.Helper()
		d, err := AccessDigest(failures, aes, r, p)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	want := digest(3, false, roles, profiles)
	same := digest(3, false,
		[]Role{{Name: DefaultRole}, {"B", []Permission{PermCancel}}, {"A", []Permission{PermCertify, PermAudit, PermCertify}}},
		[]Profile{{Name: "Y", Role: "B", Person: "Bob", NotAfter: 5, Failures: 2, Locked: true}, {Name: "X", Role: "A", Person: "Ann"}})
	if same != want {
		t.Error("another order is another digest")
	}
	for name, other := range map[string]Digest{
		"failures":     digest(4, false, roles, profiles),
		"AES":          digest(3, true, roles, profiles),
		"a permission": digest(3, false, []Role{roles[0], {"B", []Permission{PermCancel, PermAudit}}}, profiles),
		"a role":       digest(3, false, roles, []Profile{{Name: "X", Role: "B", Person: "Ann"}, profiles[1]}),
		"a person":     digest(3, false, roles, []Profile{{Name: "X", Role: "A", Person: "Eve"}, profiles[1]}),
		"a day":        digest(3, false, roles, []Profile{profiles[0], {Name: "Y", Role: "B", Person: "Bob", NotAfter: 6}}),
		"a profile":    digest(3, false, roles, profiles[:1]),
	} {
		if other == want {
			t.Errorf("%s: the same digest", name)
		}
	}
}
