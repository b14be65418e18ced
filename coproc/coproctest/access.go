package coproctest

import (
	"errors"
	"testing"
	"time"

	"github.com/gapferry/gapferry/coproc"
)

// tryLogOn logs on with a passphrase of the test's, at a time, and off again.
func (d *device) tryLogOn(profile string, passphrase []byte, at time.Time) error {
	d.t.Helper()
	d.logOff()
	s, err := d.coproc.LogOn(profile, passphrase, at)
	if err != nil {
		if s != nil {
			d.t.Errorf("a session for %s, and %v", profile, err)
		}
		return err
	}
	return s.Close()
}

func (d *device) profile(name string) coproc.Profile {
	d.t.Helper()
	for _, p := range try(as[coproc.Session](d, Auditor).Access()).must(d.t).Profiles {
		if p.Name == name {
			return p
		}
	}
	d.t.Fatalf("no profile %s", name)
	return coproc.Profile{}
}

func testLockOut(t *testing.T, f Family) {
	s := Setup("ONE", 2, 3)
	s.MaxFailures = 3
	d := newDevice(t, f, s)
	as[coproc.AccessManager](d, Admin)
	wrong := func(profile string, lock bool) {
		t.Helper()
		err := d.tryLogOn(profile, []byte("not the passphrase"), now)
		if !errors.Is(err, coproc.ErrPassphrase) || errors.Is(err, coproc.ErrLocked) != lock {
			t.Errorf("%s: error is %v, locks: %v", profile, err, lock)
		}
	}
	wrong(Hasher, false)
	wrong(Hasher, false)
	ok(t, d.tryLogOn(Hasher, Passphrase(Hasher), now)) // the count begins anew
	wrong(Hasher, false)
	wrong(Hasher, false)
	equal(t, "locked after 2", d.profile(Hasher).Locked, false)
	wrong(Hasher, true)

	for _, pass := range [][]byte{Passphrase(Hasher), []byte("wrong again")} {
		if err := d.tryLogOn(Hasher, pass, now); !errors.Is(err, coproc.ErrLocked) || errors.Is(err, coproc.ErrPassphrase) {
			t.Errorf("%q: error is %v, want %v", pass, err, coproc.ErrLocked)
		}
	}
	equal(t, "failures, none of them while locked", try(d.coproc.Failures(Hasher)).must(t), 3)
	want := s.Profiles[2].Profile
	want.Failures, want.Locked = 3, true
	equal(t, "profile", d.profile(Hasher), want)
	equal(t, "limit", try(as[coproc.Session](d, Auditor).Access()).must(t).MaxFailures, 3)
	ok(t, d.tryLogOn(Keyer, Passphrase(Keyer), now))
	d.logOff()
	d.close()
	d.openAgain()
	if err := d.tryLogOn(Hasher, Passphrase(Hasher), now); !errors.Is(err, coproc.ErrLocked) {
		t.Errorf("after opening again: error is %v, want %v", err, coproc.ErrLocked)
	}

	m := as[coproc.AccessManager](d, Admin)
	for _, name := range []string{"NOBODY", "", "../HASH"} {
		if err := m.Unlock(name); !errors.Is(err, coproc.ErrProfile) {
			t.Errorf("unlock %q: error is %v, want %v", name, err, coproc.ErrProfile)
		}
	}
	ok(t, m.Unlock(Hasher))
	equal(t, "failures", try(d.coproc.Failures(Hasher)).must(t), 0)
	ok(t, d.tryLogOn(Hasher, Passphrase(Hasher), now))

	// Nobody could unlock the one who does.
	for range 5 {
		wrong(Admin, false)
	}
	admin := d.profile(Admin)
	if admin.Failures != 5 || admin.Locked {
		t.Errorf("%+v", admin)
	}
	ok(t, d.tryLogOn(Admin, Passphrase(Admin), now))
}

func testActive(t *testing.T, f Family) {
	s := Setup("ONE", 2, 3)
	s.MaxFailures = 9
	s.Profiles[2].NotBefore = now.Unix()
	s.Profiles[3].NotAfter = now.Unix()
	s.Profiles[5].NotBefore, s.Profiles[5].NotAfter = now.Unix(), now.Unix()
	d := newDevice(t, f, s)
	for _, p := range []int{2, 3, 5} {
		equal(t, "profile", d.profile(s.Profiles[p].Name), s.Profiles[p].Profile)
	}
	for _, test := range []struct {
		profile string
		after   time.Duration
		active  bool
	}{
		{Hasher, -time.Second, false}, {Hasher, 0, true}, {Hasher, 20 * 365 * 24 * time.Hour, true},
		{Keyer, -20 * 365 * 24 * time.Hour, true}, {Keyer, time.Second - 1, true}, {Keyer, time.Second, false},
		{Part1, -time.Second, false}, {Part1, 0, true}, {Part1, time.Second, false},
		{Part2, time.Hour, true},
	} {
		err := d.tryLogOn(test.profile, Passphrase(test.profile), now.Add(test.after))
		if errors.Is(err, coproc.ErrInactive) == test.active || err != nil && test.active {
			t.Errorf("%s at %v: error is %v", test.profile, test.after, err)
		}
		// A stranger is not told.
		err = d.tryLogOn(test.profile, []byte("not the passphrase"), now.Add(test.after))
		if !errors.Is(err, coproc.ErrPassphrase) || errors.Is(err, coproc.ErrInactive) {
			t.Errorf("%s at %v, wrong passphrase: error is %v", test.profile, test.after, err)
		}
		as[coproc.AccessManager](d, Admin)
		ok(t, d.session.(coproc.AccessManager).Unlock(test.profile))
	}
	// Who is refused so was not logged on: the count goes on.
	_ = d.tryLogOn(Hasher, []byte("not the passphrase"), now)
	_ = d.tryLogOn(Hasher, Passphrase(Hasher), now.Add(-time.Hour))
	equal(t, "failures", try(d.coproc.Failures(Hasher)).must(t), 1)
}

func testPassphrase(t *testing.T, f Family) {
	s := Setup("ONE", 2, 3)
	s.MaxFailures = 3
	d := newDevice(t, f, s)
	old, changed := Passphrase(Hasher), []byte("8 bytes!")
	for _, bad := range [][]byte{nil, []byte("7 bytes"), []byte("ääää"), []byte("one\x00two three"), old} {
		h := as[coproc.PassphraseChanger](d, Hasher)
		d.refused(coproc.ErrNewPassphrase, func() error { return h.ChangePassphrase(old, bad) })
	}
	wrong := func(lock bool) {
		t.Helper()
		h := as[coproc.PassphraseChanger](d, Hasher)
		d.refused(coproc.ErrPassphrase, func() error {
			err := h.ChangePassphrase([]byte("not the old"), changed)
			if errors.Is(err, coproc.ErrLocked) != lock {
				t.Errorf("error is %v, locks: %v", err, lock)
			}
			return err
		})
	}
	wrong(false)
	equal(t, "failures", try(d.coproc.Failures(Hasher)).must(t), 1)
	ok(t, as[coproc.PassphraseChanger](d, Hasher).ChangePassphrase(old, changed))
	// The session goes on.
	ok(t, d.session.(coproc.Registrar).RegisterHash(coproc.Thumbprint{1}))
	d.logOff()
	for range 2 {
		if err := d.tryLogOn(Hasher, old, now); !errors.Is(err, coproc.ErrPassphrase) {
			t.Errorf("the old passphrase: error is %v, want %v", err, coproc.ErrPassphrase)
		}
		ok(t, d.tryLogOn(Hasher, changed, now))
		d.close()
		d.openAgain()
	}
	for name, pass := range map[string][]byte{Auditor: Passphrase(Auditor), Keyer: Passphrase(Keyer)} {
		ok(t, d.tryLogOn(name, pass, now))
	}
	if i := d.info(); i.SAHash == nil || i.SAHashBy != Hasher {
		t.Errorf("registered by %q: %v", i.SAHashBy, i.SAHash)
	}

	// And back, and an old one that is wrong once too often.
	d.logOff()
	d.session = try(d.coproc.LogOn(Hasher, changed, now)).must(t)
	ok(t, d.session.(coproc.PassphraseChanger).ChangePassphrase(changed, old))
	ok(t, d.tryLogOn(Hasher, old, now))
	wrong(false)
	wrong(false)
	wrong(true)
	h := as[coproc.PassphraseChanger](d, Hasher)
	d.refused(coproc.ErrLocked, func() error { return h.ChangePassphrase(old, changed) })
	if err := d.tryLogOn(Hasher, old, now); !errors.Is(err, coproc.ErrLocked) {
		t.Errorf("error is %v, want %v", err, coproc.ErrLocked)
	}
}

// testPassphraseForms types what was chosen at one keyboard at another: it is
// one passphrase however its letters and blanks are sent.
func testPassphraseForms(t *testing.T, f Family) {
	const composed, decomposed, blanks = "Schlüssel für é", "Schlu\u0308ssel fu\u0308r e\u0301", "Schlüssel\u00a0für\u3000é"
	all := []string{composed, decomposed, blanks}
	for _, chosen := range all {
		s := Setup("ONE", 2, 3)
		for i := range s.Profiles {
			if s.Profiles[i].Name == Hasher {
				s.Profiles[i].Passphrase = []byte(chosen)
			}
		}
		d := newDevice(t, f, s)
		for _, typed := range all {
			if err := d.tryLogOn(Hasher, []byte(typed), now); err != nil {
				t.Errorf("chosen as %+q, typed as %+q: %v", chosen, typed, err)
			}
		}
		d.session = try(d.coproc.LogOn(Hasher, []byte(decomposed), now)).must(t)
		h := d.session.(coproc.PassphraseChanger)
		d.refused(coproc.ErrNewPassphrase, func() error { return h.ChangePassphrase([]byte(composed), []byte(blanks)) })
		ok(t, h.ChangePassphrase([]byte(blanks), []byte("ab Ga\u0308nsefu\u0308\u00dfchen")))
		d.logOff()
		ok(t, d.tryLogOn(Hasher, []byte("ab Gänsefüßchen"), now))
	}
}

// testNobody holds what can be done with a coprocessor while nobody is logged
// on: it is asked for failures. What a session does after it is closed is
// tested in testLoggedOff.
func testNobody(t *testing.T, f Family) {
	d := newDevice(t, f, Setup("ONE", 2, 3))
	equal(t, "failures", try(d.coproc.Failures(Auditor)).must(t), 0)
	for what, can := range map[string]bool{
		"a session": is[coproc.Session](d), "keys": is[coproc.KeyOwner](d), "registers": is[coproc.MasterKeys](d),
		"registrations": is[coproc.Registrar](d), "certificates": is[coproc.Certifier](d),
		"shares to give": is[coproc.Source](d), "shares to take": is[coproc.Target](d), "cancelling": is[coproc.Canceller](d),
		"access": is[coproc.AccessManager](d), "passphrases": is[coproc.PassphraseChanger](d),
	} {
		if can {
			t.Errorf("without a log-on there is %s", what)
		}
	}
	access := try(as[coproc.Session](d, Auditor).Access()).must(t)
	if r := access.Roles[0]; r.Name != coproc.DefaultRole || len(r.Permissions) > 0 {
		t.Errorf("the role of nobody is %+v", r)
	}
	for _, p := range access.Profiles {
		if p.Role == coproc.DefaultRole {
			t.Errorf("profile %s has the role of nobody", p.Name)
		}
	}
}

func is[T any](d *device) bool {
	_, ok := d.coproc.(T)
	return ok
}
