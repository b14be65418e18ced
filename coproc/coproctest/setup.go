package coproctest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gapferry/gapferry/coproc"
)

func testSetupRefused(t *testing.T, f Family) {
	for _, test := range []struct {
		name   string
		change func(*coproc.Setup)
	}{
		{"no ceremony", func(s *coproc.Setup) { s.Ceremony = coproc.CeremonyID{} }},
		{"no serial number", func(s *coproc.Setup) { s.Serial = coproc.Serial{} }},
		{"no EID", func(s *coproc.Setup) { s.EID = coproc.EID{} }},
		{"m is 0", func(s *coproc.Setup) { s.M = 0 }},
		{"m is above n", func(s *coproc.Setup) { s.M = s.N + 1 }},
		{"n is 16", func(s *coproc.Setup) { s.N = 16 }},
		{"no profile", func(s *coproc.Setup) { s.Profiles = nil }},
		{"nobody manages access", func(s *coproc.Setup) { s.Profiles = s.Profiles[1:] }},
		{"unknown role", func(s *coproc.Setup) { s.Profiles[1].Role = "NOBODY" }},
		{"role without a name", func(s *coproc.Setup) { s.Roles[1].Name = "" }},
		{"role twice", func(s *coproc.Setup) { s.Roles[1].Name = s.Roles[0].Name }},
		{"profile twice", func(s *coproc.Setup) { s.Profiles[1].Name = s.Profiles[0].Name }},
		{"profile without a name", func(s *coproc.Setup) { s.Profiles[1].Name = "" }},
		{"profile with a path for a name", func(s *coproc.Setup) { s.Profiles[1].Name = "../A" }},
		{"profile in lower case", func(s *coproc.Setup) { s.Profiles[1].Name = "audit" }},
		{"profile of 17 letters", func(s *coproc.Setup) { s.Profiles[1].Name = "ABCDEFGHIJKLMNOPQ" }},
		{"no passphrase", func(s *coproc.Setup) { s.Profiles[1].Passphrase = nil }},
		{"role of nobody", func(s *coproc.Setup) { s.Roles[1].Name, s.Profiles[1].Role = "DEFAULT", "DEFAULT" }},
		{"locked after less than none", func(s *coproc.Setup) { s.MaxFailures = -1 }},
		{"locked after 100", func(s *coproc.Setup) { s.MaxFailures = 100 }},
		{"expired before active", func(s *coproc.Setup) { s.Profiles[1].NotBefore, s.Profiles[1].NotAfter = 2, 1 }},
		{"active before 1970", func(s *coproc.Setup) { s.Profiles[1].NotBefore = -1 }},
		{"expired before 1970", func(s *coproc.Setup) { s.Profiles[1].NotAfter = -1 }},
		{"passphrase of 7 bytes", func(s *coproc.Setup) { s.Profiles[1].Passphrase = []byte("1234567") }},
		{"passphrase of 4 characters in 8 bytes", func(s *coproc.Setup) { s.Profiles[1].Passphrase = []byte("ääää") }},
		{"passphrase of 4 characters in 8 code points", func(s *coproc.Setup) { s.Profiles[1].Passphrase = []byte("x\u0302x\u0302x\u0302x\u0302") }},
		{"passphrase with a joiner", func(s *coproc.Setup) { s.Profiles[1].Passphrase = []byte("\U0001f469\u200d\U0001f467 12345678") }},
		{"passphrase in Latin-1", func(s *coproc.Setup) { s.Profiles[1].Passphrase = []byte("Schl\xfcssel") }},
		{"both registrations", func(s *coproc.Setup) {
			s.Roles[1].Permissions = []coproc.Permission{coproc.PermRegisterHash, coproc.PermRegisterKey}
		}},
		{"both halves of taking the hash back", func(s *coproc.Setup) {
			s.Roles[1].Permissions = []coproc.Permission{coproc.PermAskUnregister, coproc.PermUnregisterHash}
		}},
		{"administrator of keys", func(s *coproc.Setup) {
			s.Roles[1].Permissions = []coproc.Permission{coproc.PermManageAccess, coproc.PermGenerateKey}
		}},
		{"two shares", func(s *coproc.Setup) {
			s.Roles[1].Permissions = []coproc.Permission{coproc.ObtainShare(1), coproc.ObtainShare(2)}
		}},
		{"role that makes a master key and sets it", func(s *coproc.Setup) {
			s.Roles[1].Permissions = []coproc.Permission{coproc.PermSetMasterKey, coproc.PermRandomMasterKey}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := Setup("ONE", 2, 3)
			test.change(&s)
			if _, err := f.Create(t, s); !errors.Is(err, coproc.ErrSetup) {
				t.Errorf("error is %v, want %v", err, coproc.ErrSetup)
			}
		})
	}
}

func testSetupReported(t *testing.T, f Family) {
	s := Setup("ONE", 2, 3)
	s.AllowAES = true
	d := newDevice(t, f, s)
	i := d.info()
	if i.Backend != f.Name.String() || (i.Device == "") != (f.Name == coproc.Software) || i.AuditKey.IsZero() {
		t.Errorf("backend %q, device %q, audit key %x", i.Backend, i.Device, i.AuditKey.Bytes())
	}
	for _, g := range i.Guards {
		if f.Name == coproc.Software && g.By != coproc.GuardHost {
			t.Errorf("%s is %s, where there is no chip", g.Act, g.By)
		}
	}
	equal(t, "guards", i.Guards, coproc.GuardsOf(i.Guards))
	want := coproc.Info{
		Backend: i.Backend, Device: i.Device, Guards: i.Guards, AuditKey: i.AuditKey, Officers: i.Officers,
		Ceremony: s.Ceremony, Rehearsal: true, Serial: s.Serial, EID: s.EID, M: 2, N: 3, AllowAES: true,
		Access: try(s.AccessDigest()).must(t),
	}
	for _, c := range f.Name.Classes() {
		want.Registers = append(want.Registers, coproc.Registers{Class: c})
	}
	equal(t, "info", i, want)
	first := coproc.FirstKeys(i.Officers)
	ok(t, first.Check())
	for _, p := range s.Profiles {
		if o := officerOf(i, p.Name); len(o.Keys) != 1 || first.Key(p.Name) != o.Current() || len(o.Proof) > 0 {
			t.Errorf("officer's keys of %s: %+v", p.Name, o)
		}
	}
	equal(t, "officers' keys", len(i.Officers), len(s.Profiles))

	access := coproc.Access{Roles: []coproc.Role{{Name: coproc.DefaultRole}}}
	for _, r := range s.Roles {
		sorted := slices.Sorted(slices.Values(r.Permissions))
		access.Roles = append(access.Roles, coproc.Role{Name: r.Name, Permissions: sorted})
	}
	for _, p := range s.Profiles {
		access.Profiles = append(access.Profiles, p.Profile)
	}
	for _, who := range []string{Auditor, Admin} {
		equal(t, "access as "+who+" sees it", try(as[coproc.Session](d, who).Access()).must(t), access)
	}
}

func testLogOn(t *testing.T, f Family) {
	d := newDevice(t, f, Setup("ONE", 2, 3))
	wrong := func(profile, pass string) error {
		s, err := d.coproc.LogOn(profile, []byte(pass), now)
		if s != nil {
			t.Errorf("a session for %s", profile)
		}
		return err
	}
	for _, name := range []string{"NOBODY", "", "../AUDIT", "audit", "AUDIT.age"} {
		if err := wrong(name, "passphrase of "+name); !errors.Is(err, coproc.ErrProfile) {
			t.Errorf("%q: error is %v, want %v", name, err, coproc.ErrProfile)
		}
		if _, err := d.coproc.Failures(name); !errors.Is(err, coproc.ErrProfile) {
			t.Errorf("failures of %q: error is %v, want %v", name, err, coproc.ErrProfile)
		}
	}
	failures := func(profile string, want int) {
		t.Helper()
		if n := try(d.coproc.Failures(profile)).must(t); n != want {
			t.Errorf("%d failures of %s, want %d", n, profile, want)
		}
	}
	failures(Hasher, 0)
	for i, pass := range []string{"passphrase of hash", "passphrase of KEY", "passphrase of HAS", "passphrase of HASH "} {
		if err := wrong(Hasher, pass); !errors.Is(err, coproc.ErrPassphrase) {
			t.Errorf("%q: error is %v, want %v", pass, err, coproc.ErrPassphrase)
		}
		failures(Hasher, i+1)
	}
	// What no passphrase can be is told apart, and not counted.
	for _, pass := range []string{"", "y", "yes", "1234567", "passphrase of\tHASH", "passphrase of HASH\x1b[A", "passphrase of HASH\ufe0f", "passphrase of H\xe4SH"} {
		if err := wrong(Hasher, pass); !errors.Is(err, coproc.ErrPassphraseForm) || errors.Is(err, coproc.ErrPassphrase) {
			t.Errorf("%q: error is %v, want %v", pass, err, coproc.ErrPassphraseForm)
		}
		failures(Hasher, 4)
	}
	failures(Keyer, 0)
	d.close()
	d.openAgain()
	failures(Hasher, 4)

	access := try(as[coproc.Session](d, Auditor).Access()).must(t)
	for _, p := range access.Profiles {
		if want := map[string]int{Hasher: 4}[p.Name]; p.Failures != want {
			t.Errorf("the auditor sees %d failures of %s, want %d", p.Failures, p.Name, want)
		}
	}
	if got := as[coproc.Session](d, Hasher).Profile(); got != Hasher {
		t.Errorf("logged on is %s", got)
	}
	failures(Hasher, 0)
}

// testLoggedOff does every act with a session that is closed, once by itself
// and once with its coprocessor.
func testLoggedOff(t *testing.T, f Family) {
	d := newDevice(t, f, Setup("ONE", 2, 3))
	keys := try(as[coproc.KeyOwner](d, Officer).GenerateKey("csr1", coproc.CSR)).must(t)
	as[coproc.KeyOwner](d, ShareOfficer(1))
	s := d.session
	box := try(s.(coproc.KeyOwner).Identity("csr1")).must(t)
	sealed := f.sealTo(t, keys.Box, []byte("for csr1"))
	d.logOff()
	check := func(t *testing.T) {
		for _, a := range append(acts(f), everyonesActs()...) {
			if err := a.do(t, s); !errors.Is(err, coproc.ErrClosed) {
				t.Errorf("%s: error is %v, want %v", a.name, err, coproc.ErrClosed)
			}
		}
		if b, err := openWith(sealed, box); !errors.Is(err, coproc.ErrClosed) {
			t.Errorf("identity: opened %q, error %v, want %v", b, err, coproc.ErrClosed)
		}
		ok(t, s.Close()) // a second time does nothing
	}
	t.Run("session", check)

	var err error
	if s, err = d.coproc.LogOn(ShareOfficer(1), Passphrase(ShareOfficer(1)), now); err != nil {
		t.Fatal(err)
	}
	box = try(s.(coproc.KeyOwner).Identity("csr1")).must(t)
	ok(t, d.coproc.Close())
	t.Run("coprocessor", check)
}

// now is the time of the suite's ceremony.
var now = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
