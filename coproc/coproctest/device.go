package coproctest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/gapferry/gapferry/coproc"
)

// The officers of every coprocessor of the suite, who hold a role each.
const (
	Admin   = "ADMIN"
	Auditor = "AUDIT" // may audit, and is who is denied everything else
	Hasher  = "HASH"
	Keyer   = "KEY"
	Officer = "OFFICER" // everything that needs no second person
	Setter  = "SETTER"  // sets master keys, which others made and verify
	Grantor = "CERTIFY" // certifies keys, which others made
	Part1   = "PART-1"
	Part2   = "PART-2"
)

// ShareOfficer obtains and installs share i.
func ShareOfficer(i int) string { return fmt.Sprintf("SHARE-%d", i) }

// Passphrase is an officer's.
func Passphrase(profile string) []byte { return []byte("passphrase of " + profile) }

// ceremony is the id of the ceremony that the suite plays.
var ceremony = coproc.CeremonyID{0xce, 1}

// Setup is a good set-up for a rehearsal, with ShareOfficer 1 to n. Its serial
// number and its EID are made of the name.
func Setup(name string, m, n int) coproc.Setup {
	s := coproc.Setup{Ceremony: ceremony, Rehearsal: true, M: m, N: n}
	copy(s.Serial[:], name+"-0000000")
	copy(s.EID[:], fmt.Sprintf("%-16s", name+" NODE"))
	add := func(name string, perms ...coproc.Permission) {
		role := "R-" + name
		s.Roles = append(s.Roles, coproc.Role{Name: role, Permissions: perms})
		s.Profiles = append(s.Profiles, coproc.ProfileSetup{
			Profile:    coproc.Profile{Name: name, Role: role, Person: "Person " + name},
			Passphrase: Passphrase(name),
		})
	}
	add(Admin, coproc.PermSetShares, coproc.PermManageAccess, coproc.PermSetEID)
	add(Auditor, coproc.PermAudit)
	add(Hasher, coproc.PermRegisterHash, coproc.PermAskUnregister)
	add(Keyer, coproc.PermRegisterKey, coproc.PermUnregisterHash)
	add(Officer, coproc.PermGenerateKey, coproc.PermRandomMasterKey, coproc.PermClearNew, coproc.PermVerifyPattern, coproc.PermCancel)
	add(Part1, coproc.PermLoadFirstPart)
	add(Part2, coproc.PermCombinePart)
	add(Setter, coproc.PermSetMasterKey)
	add(Grantor, coproc.PermCertify)
	for i := 1; i <= n; i++ {
		add(ShareOfficer(i), coproc.ObtainShare(i), coproc.InstallShare(i))
	}
	return s
}

// device is a coprocessor under test with at most one officer logged on.
type device struct {
	t       *testing.T
	setup   coproc.Setup
	open    Open
	coproc  coproc.Coprocessor
	session coproc.Session // nil while nobody is logged on
	// reopening closes and opens the device before every act.
	reopening bool
}

func newDevice(t *testing.T, f Family, s coproc.Setup) *device {
	t.Helper()
	open, err := f.Create(t, s)
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	d := &device{t: t, setup: s, open: open}
	d.openAgain()
	t.Cleanup(d.close)
	return d
}

func (d *device) close() {
	d.t.Helper()
	d.session = nil
	if err := d.coproc.Close(); err != nil {
		d.t.Errorf("close: %v", err)
	}
}

func (d *device) openAgain() {
	d.t.Helper()
	c, err := d.open()
	if err != nil {
		d.t.Fatalf("open: %v", err)
	}
	d.coproc = c
}

// as logs a profile on, unless it is, and returns the capability T of its session.
func as[T any](d *device, profile string) T {
	d.t.Helper()
	if d.reopening {
		d.close()
		d.openAgain()
	}
	if d.session == nil || d.session.Profile() != profile {
		d.logOff()
		s, err := d.coproc.LogOn(profile, Passphrase(profile), now)
		if err != nil {
			d.t.Fatalf("log on %s: %v", profile, err)
		}
		d.session = s
	}
	c, ok := d.session.(T)
	if !ok {
		d.t.Skipf("the sessions of this backend are no %v", reflect.TypeFor[T]())
	}
	return c
}

// masterKeys does each act as the officer whose act it is: parts are loaded as
// Part1 and Part2.
func masterKeys(d *device) coproc.MasterKeys { return officers{d} }

type officers struct{ *device }

func (o officers) LoadPart(c coproc.Class, p coproc.Part, key []byte) (coproc.Registers, error) {
	profile := Part2
	if p == coproc.First {
		profile = Part1
	}
	return as[coproc.MasterKeys](o.device, profile).LoadPart(c, p, key)
}

func (o officers) GenerateMasterKey(c coproc.Class) (coproc.Registers, error) {
	return as[coproc.MasterKeys](o.device, Officer).GenerateMasterKey(c)
}

func (o officers) ClearNew(c coproc.Class) (coproc.Registers, error) {
	return as[coproc.MasterKeys](o.device, Officer).ClearNew(c)
}

func (o officers) VerifyNew(c coproc.Class) (coproc.Verification, error) {
	return as[coproc.MasterKeys](o.device, Officer).VerifyNew(c)
}

func (o officers) SetMasterKey(c coproc.Class) (coproc.Registers, error) {
	return as[coproc.MasterKeys](o.device, Setter).SetMasterKey(c)
}

func (d *device) logOff() {
	d.t.Helper()
	if d.session == nil {
		return
	}
	if err := d.session.Close(); err != nil {
		d.t.Fatalf("log off: %v", err)
	}
	d.session = nil
}

// info is what the session that is open reports, or the auditor's.
func (d *device) info() coproc.Info {
	d.t.Helper()
	if d.session == nil || d.reopening {
		as[coproc.Session](d, Auditor)
	}
	i, err := d.session.Info()
	if err != nil {
		d.t.Fatalf("info: %v", err)
	}
	return i
}

// refused does an act that must fail with an error that is want, and must
// change nothing that the device reports.
func (d *device) refused(want error, act func() error) {
	d.t.Helper()
	before := d.info()
	err := act()
	if !errors.Is(err, want) {
		d.t.Errorf("error is %q, want %q", fmt.Sprint(err), want)
	}
	if after := d.info(); !reflect.DeepEqual(before, after) {
		d.t.Errorf("the refused act changed something:\n%+v\n%+v", before, after)
	}
}

// result is what an act returned.
type result[T any] struct {
	value T
	err   error
}

func try[T any](v T, err error) result[T] { return result[T]{v, err} }

// must gives the value of an act that has to succeed.
func (r result[T]) must(t *testing.T) T {
	t.Helper()
	if r.err != nil {
		t.Fatal(r.err)
	}
	return r.value
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}
