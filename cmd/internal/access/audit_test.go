package access

import (
	"slices"
	"testing"
	"time"

	"github.com/gapferry/gapferry/cmd/internal/plan"
	"github.com/gapferry/gapferry/cmd/internal/plan/plantest"
	"github.com/gapferry/gapferry/coproc"
)

// today is when every audit of these tests is done.
var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// asPlanned is a coprocessor that is what the plan says, after phase 2a.
func asPlanned(p *plan.Plan, d *plan.Coprocessor) (coproc.Access, coproc.Info) {
	s := p.Setup(d)
	a := coproc.Access{MaxFailures: s.MaxFailures, Roles: append([]coproc.Role{{Name: coproc.DefaultRole}}, s.Roles...)}
	for i := range a.Roles {
		a.Roles[i].Permissions = slices.Clone(a.Roles[i].Permissions)
	}
	for _, pr := range s.Profiles {
		a.Profiles = append(a.Profiles, pr.Profile)
	}
	return a, coproc.Info{
		Serial: s.Serial, EID: s.EID, M: s.M, N: s.N, SAHashBy: "HASH", SAKeyBy: "KEYREG",
		Retained: []coproc.RetainedKey{{Node: "css", Role: coproc.CSS, By: "KEYGEN"}},
	}
}

// TestAuditFinds changes one thing at a time at the source's coprocessor.
func TestAuditFinds(t *testing.T) {
	agreed, err := plan.Parse([]byte(plantest.With(plantest.Text, plantest.Lines{8: "rehearsal = false\nlock_after = 5", 148: "person = \"Kim King\"\nfrom = \"2026-11-20\"\nuntil = \"2026-12-01\""})))
	if err != nil {
		t.Fatal(err)
	}
	device := agreed.Coprocessor("css")
	type found struct{ differs, dangers, attention []string }
	is := func(lines ...string) []string { return lines }
	role := func(a *coproc.Access, name string) *coproc.Role {
		return &a.Roles[slices.IndexFunc(a.Roles, func(r coproc.Role) bool { return r.Name == name })]
	}
	profile := func(a *coproc.Access, name string) *coproc.Profile {
		return &a.Profiles[slices.IndexFunc(a.Profiles, func(p coproc.Profile) bool { return p.Name == name })]
	}
	may := func(a *coproc.Access, name string, p coproc.Permission) {
		r := role(a, name)
		r.Permissions = append(r.Permissions, p)
	}
	for _, c := range []struct {
		name   string
		change func(*coproc.Access, *coproc.Info)
		want   found
	}{
		{"nothing", func(*coproc.Access, *coproc.Info) {}, found{}},
		{"fresh", func(_ *coproc.Access, i *coproc.Info) { i.Retained, i.SAHashBy, i.SAKeyBy = nil, "", "" }, found{}},
		{"serial", func(_ *coproc.Access, i *coproc.Info) { i.Serial[7] = '9' }, found{differs: is("serial number is SOFT0009, planned is SOFT0002")}},
		{"EID", func(_ *coproc.Access, i *coproc.Info) { i.EID[0] = 'X' }, found{differs: is(`EID is "XSS NODE", planned is "CSS NODE"`)}},
		{"m and n", func(_ *coproc.Access, i *coproc.Info) { i.M, i.N = 1, 4 }, found{differs: is("m is 1, planned is 2", "n is 4, planned is 3")}},
		{"AES", func(_ *coproc.Access, i *coproc.Info) { i.AllowAES = true }, found{differs: is("cloning of AES and APKA master keys is allowed: true, planned: false")}},
		{"lock-out", func(a *coproc.Access, _ *coproc.Info) { a.MaxFailures = 0 }, found{differs: is("a profile is locked never, planned is after 5 wrong passphrases")}},
		{"lock-out at once", func(a *coproc.Access, _ *coproc.Info) { a.MaxFailures = 1 }, found{differs: is("a profile is locked after 1 wrong passphrase, planned is after 5 wrong passphrases")}},

		{"nobody has a right", func(a *coproc.Access, _ *coproc.Info) { may(a, "DEFAULT", coproc.PermGenerateKey) },
			found{differs: is("role DEFAULT may generate retained key, which is not planned"), dangers: is("without logging on anybody could generate retained key")}},
		{"DEFAULT is not reported", func(a *coproc.Access, _ *coproc.Info) { a.Roles = a.Roles[1:] }, found{differs: is("role DEFAULT is missing")}},
		{"hash and key by one role", func(a *coproc.Access, _ *coproc.Info) { may(a, "HASH-REGISTRAR", coproc.PermRegisterKey) },
			found{differs: is("role HASH-REGISTRAR may register SA key, which is not planned"),
				dangers: is("role HASH-REGISTRAR could do both halves of a dual act: register SA-key hash, and register SA key; who does both makes the coprocessor trust any SA")}},
		{"manager of keys", func(a *coproc.Access, _ *coproc.Info) { may(a, "ADMINISTRATOR", coproc.ObtainShare(1)) },
			found{differs: is("role ADMINISTRATOR may obtain share 1, which is not planned"), dangers: is("role ADMINISTRATOR could do both halves of a dual act: manage roles and profiles, and obtain share 1; who gives out rights has no use for them")}},
		{"a role without its right", func(a *coproc.Access, _ *coproc.Info) { role(a, "SHARE-2").Permissions = nil },
			found{differs: is("role SHARE-2 may not obtain share 2"), dangers: is("nobody could obtain share 2, which the plan needs")}},
		{"one role too few", func(a *coproc.Access, _ *coproc.Info) {
			a.Roles = slices.DeleteFunc(a.Roles, func(r coproc.Role) bool { return r.Name == "SHARE-2" })
		},
			found{differs: is("role SHARE-2 is missing"),
				dangers: is("profile SHARE2 has role SHARE-2, which is not there", "nobody could obtain share 2, which the plan needs")}},
		{"an officer too few", func(a *coproc.Access, _ *coproc.Info) {
			a.Profiles = slices.DeleteFunc(a.Profiles, func(p coproc.Profile) bool { return p.Name == "KEYREG" })
		},
			found{differs: is("profile KEYREG is missing"), dangers: is("nobody could register SA key, which the plan needs", "nobody could unregister SA-key hash, which the plan needs")}},
		{"an officer too many", func(a *coproc.Access, _ *coproc.Info) {
			a.Profiles = append(a.Profiles, coproc.Profile{Name: "GHOST", Role: "SHARE-1", Person: "MOORE, Max"})
		},
			found{differs: is("profile GHOST is not planned"),
				dangers: is(`"Max Moore", "MOORE, Max", under the profiles SHARE3, GHOST, could do both halves of a dual act: obtain share 3, and obtain share 1; one person has to do with one share only`)}},
		{"nobody's role", func(a *coproc.Access, _ *coproc.Info) {
			a.Profiles = append(a.Profiles, coproc.Profile{Name: "GHOST", Role: "DEFAULT", Person: "Boo"})
		},
			found{differs: is("profile GHOST is not planned"), dangers: is("profile GHOST has the role of nobody, DEFAULT")}},
		{"both parts by one person", func(a *coproc.Access, _ *coproc.Info) { profile(a, "PART2").Person = "ida innes" },
			found{differs: is(`profile PART2 is of "ida innes", planned is "Jo Jones"`),
				dangers: is(`"Ida Innes", "ida innes", under the profiles PART1, PART2, could do both halves of a dual act: load first master-key part, and combine master-key part; who knows every part knows the key`)}},
		{"exchanged roles", func(a *coproc.Access, _ *coproc.Info) {
			profile(a, "SHARE2").Role, profile(a, "SHARE3").Role = "SHARE-3", "SHARE-2"
		},
			found{differs: is("profile SHARE2 has role SHARE-3, planned is SHARE-2", "profile SHARE3 has role SHARE-2, planned is SHARE-3")}},
		{"days", func(a *coproc.Access, _ *coproc.Info) { profile(a, "SHARE1").NotAfter += 24 * 60 * 60 },
			found{differs: is("profile SHARE1 is active from 2026-11-20 until 2026-12-02, planned is active from 2026-11-20 until 2026-12-01")}},
		{"a second more", func(a *coproc.Access, _ *coproc.Info) { profile(a, "AUDITOR").NotBefore = 1 },
			found{differs: is("profile AUDITOR is active from 1970-01-01 (Unix seconds 1 to 0), planned is always active")}},

		{"a key too many", func(_ *coproc.Access, i *coproc.Info) {
			i.Retained = append(i.Retained, coproc.RetainedKey{Node: "csr9", Role: coproc.CSR, By: "KEYGEN"})
		},
			found{differs: is(`a key is retained for node "csr9" (CSR), which is not planned`)}},
		{"a key of another node of the plan", func(_ *coproc.Access, i *coproc.Info) {
			i.Retained = append(i.Retained, coproc.RetainedKey{Node: "csr1", Role: coproc.CSR, By: "KEYGEN"})
		},
			found{differs: is(`a key is retained for node "csr1" (CSR), which is not planned`)}},
		{"a key of another role", func(_ *coproc.Access, i *coproc.Info) { i.Retained[0].Role = coproc.SA },
			found{differs: is("the retained key of css is for a SA node, planned is a CSS node")}},
		{"a key by another", func(_ *coproc.Access, i *coproc.Info) { i.Retained[0].By = "SETTER" },
			found{differs: is("the retained key of css was generated by SETTER, planned is KEYGEN")}},
		{"a hash by another", func(_ *coproc.Access, i *coproc.Info) { i.SAHashBy = "SETTER" },
			found{differs: is("the SA-key hash was registered by SETTER, planned is HASH")}},
		{"a hash that is asked to be taken back", func(_ *coproc.Access, i *coproc.Info) {
			i.Unregister, i.UnregisterBy = &coproc.Thumbprint{0xba}, "HASH"
		},
			found{attention: is("HASH asked to unregister the SA-key hash ba000000 00000000 00000000 00000000, and nobody has confirmed it yet")}},
		{"both by the same profile", func(_ *coproc.Access, i *coproc.Info) { i.SAKeyBy = "HASH" },
			found{differs: is("the SA key was registered by HASH, planned is KEYREG"),
				dangers: is("the SA-key hash and the SA key were registered by the same profile, HASH")}},
		{"both by the same person", func(a *coproc.Access, _ *coproc.Info) { profile(a, "KEYREG").Person = "Davis, Di" },
			found{differs: is(`profile KEYREG is of "Davis, Di", planned is "Ed Evans"`),
				dangers: is(`"Di Davis", "Davis, Di", under the profiles HASH, KEYREG, could do both halves of a dual act: register SA-key hash, and register SA key; who does both makes the coprocessor trust any SA`,
					`the SA-key hash and the SA key were registered by the same person, "Di Davis", "Davis, Di", as HASH and as KEYREG`)}},

		{"locked", func(a *coproc.Access, _ *coproc.Info) {
			profile(a, "SETTER").Locked = true
			profile(a, "SETTER").Failures = 5
		},
			found{attention: is("SETTER is locked, and nobody else could set master key, clear new master-key register")}},
		{"some wrong passphrases", func(a *coproc.Access, _ *coproc.Info) { profile(a, "SETTER").Failures = 4 }, found{}},
		{"locked, with somebody else", func(a *coproc.Access, _ *coproc.Info) {
			profile(a, "AUDITOR").Locked = true
			a.Profiles = append(a.Profiles, coproc.Profile{Name: "AUDITOR2", Role: "AUDITOR", Person: "Ned North"})
		},
			found{differs: is("profile AUDITOR2 is not planned")}},
		{"not named", func(a *coproc.Access, _ *coproc.Info) { profile(a, "SETTER").Person = "SETTER (to be named)" },
			found{differs: is(`profile SETTER is of "SETTER (to be named)", planned is "Hal Hill"`),
				attention: is("nobody is named for SETTER: who has two of them cannot be found out")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			access, info := asPlanned(agreed, device)
			c.change(&access, &info)
			r := Audit(agreed, device, access, info, today)
			for _, l := range []struct {
				what      string
				got, want []string
			}{{"differences", r.Differences, c.want.differs}, {"dangers", r.Dangers, c.want.dangers}, {"attention", r.Attention, c.want.attention}} {
				if !slices.Equal(l.got, l.want) {
					t.Errorf("%s:\n got %q\nwant %q", l.what, l.got, l.want)
				}
			}
		})
	}
	for day, want := range map[string]string{
		"2026-11-19": "SHARE1 is not yet active, and nobody else could obtain share 1",
		"2026-12-02": "SHARE1 is expired, and nobody else could obtain share 1",
	} {
		access, info := asPlanned(agreed, device)
		now, err := time.Parse(plan.DayFormat, day)
		if err != nil {
			t.Fatal(err)
		}
		r := Audit(agreed, device, access, info, now)
		if !slices.Equal(r.Attention, []string{want}) || len(r.Differences)+len(r.Dangers) > 0 {
			t.Errorf("%s: %q, %q, %q", day, r.Attention, r.Differences, r.Dangers)
		}
	}
}

// TestAuditCould is who could do what, in the order of the permissions.
func TestAuditCould(t *testing.T) {
	plan, err := plan.Parse([]byte(plantest.Text))
	if err != nil {
		t.Fatal(err)
	}
	device := plan.Coprocessor("csr1")
	access, info := asPlanned(plan, device)
	access.Roles = append(access.Roles, coproc.Role{Name: "GHOST", Permissions: []coproc.Permission{coproc.PermAudit, coproc.PermCertify}})
	access.Profiles = append(access.Profiles, coproc.Profile{Name: "GHOST", Role: "GHOST"})
	acts := map[string]Could{}
	var order []coproc.Permission
	for _, c := range Audit(plan, device, access, info, today).Could {
		acts[c.Act.String()] = c
		order = append(order, c.Act)
	}
	if !slices.IsSorted(order) || len(acts) != len(order) {
		t.Errorf("acts %v", order)
	}
	for act, want := range map[string]struct {
		planned  bool
		profiles []string
	}{
		"audit access controls": {true, []string{"AUDITOR", "GHOST"}},
		"certify a node's key":  {false, []string{"GHOST"}},
		"install share 2":       {true, []string{"SHARE2"}},
		"obtain share 2":        {false, nil},
	} {
		var got []string
		for _, p := range acts[act].Profiles {
			got = append(got, p.Name)
		}
		if !slices.Equal(got, want.profiles) || acts[act].Planned != want.planned {
			t.Errorf("%s: %q, planned %t", act, got, acts[act].Planned)
		}
	}
}
