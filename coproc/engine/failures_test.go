package engine

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/coproctest"
	"github.com/gapferry/gapferry/coproc/soft"
)

func newLockingDevice(t *testing.T, limit int) testDevice {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "coprocessor")
	s := coproctest.Setup("ONE", 2, 2)
	s.MaxFailures = limit
	s.Profiles[2].NotBefore, s.Profiles[2].NotAfter = testNow.Unix(), testNow.Add(24*time.Hour).Unix()
	noError(t, Create(context.Background(), dir, s, soft.Chip{}))
	return openTestDevice(t, dir)
}

// TestLimitFile changes the limit beside a profile, which the state knows better.
func TestLimitFile(t *testing.T) {
	t.Parallel()
	d := newLockingDevice(t, 5)
	path := d.profilePath(coproctest.Auditor, limitSuffix)
	for name, change := range map[string]func(){
		"removed": func() { noError(t, os.Remove(path)) },
		"higher":  func() { writeFile(t, path, []byte("99\n")) },
		"never":   func() { writeFile(t, path, []byte("0\n")) },
		"no":      func() { writeFile(t, path, []byte("five\n")) },
		"less":    func() { writeFile(t, path, []byte("-5\n")) },
		"given":   func() { writeFile(t, d.profilePath(coproctest.Admin, limitSuffix), []byte("5\n")) },
	} {
		change()
		who := coproctest.Auditor
		if name == "given" {
			who = coproctest.Admin // who has none
		}
		if err := logOnError(d, who); !errors.Is(err, coproc.ErrDamaged) {
			t.Errorf("%s: error is %v, want %v", name, err, coproc.ErrDamaged)
		}
		writeFile(t, path, []byte("5\n"))
		noError(t, os.RemoveAll(d.profilePath(coproctest.Admin, limitSuffix)))
	}
	noError(t, logOnError(d, coproctest.Auditor))
	noError(t, logOnError(d, coproctest.Admin))
}

// TestLockedIsNotTried takes the file that a passphrase would be tried on away.
func TestLockedIsNotTried(t *testing.T) {
	t.Parallel()
	d := newLockingDevice(t, 2)
	for range 2 {
		_, err := d.LogOn(coproctest.Auditor, []byte("a wrong one"), testNow)
		if !errors.Is(err, coproc.ErrPassphrase) {
			t.Errorf("error is %v", err)
		}
	}
	writeFile(t, d.profilePath(coproctest.Auditor, keySuffix), []byte("no age file"))
	before := files(t, d.dir)
	if err := logOnError(d, coproctest.Auditor); !errors.Is(err, coproc.ErrLocked) {
		t.Errorf("error is %v, want %v", err, coproc.ErrLocked)
	}
	if after := files(t, d.dir); !maps.EqualFunc(before, after, bytes.Equal) {
		t.Error("a locked profile's log-on changed a file")
	}
}

func TestAccessWords(t *testing.T) {
	t.Parallel()
	d := newLockingDevice(t, 2)
	admin, officer := d.logOn(coproctest.Admin), d.logOn(coproctest.Officer)
	wrong := func() error { return errorOf(d.LogOn(coproctest.Keyer, []byte("a wrong one"), testNow)) }
	for _, test := range []struct {
		err  error
		want string
	}{
		{wrong(), "wrong passphrase"},
		{wrong(), "wrong passphrase: the profile is locked after too many wrong passphrases"},
		{wrong(), "the profile is locked after too many wrong passphrases: 2 of KEY since its last log-on"},
		{errorOf(d.LogOn(coproctest.Hasher, coproctest.Passphrase(coproctest.Hasher), testNow.Add(-time.Second))),
			"the profile is not active today: it is active from 2026-05-04 until 2026-05-05, the clock here says 2026-05-04 11:59:59"},
		{admin.Unlock("NOBODY"), `no such profile: "NOBODY"`},
		{officer.Unlock(coproctest.Keyer), "not permitted to this profile: OFFICER may not manage roles and profiles"},
		{errorOf(admin.SignBundle("csr1", nil, nil)), "not permitted to this profile: ADMIN may not use the keys of a node"},
		{officer.ChangePassphrase(nil, []byte("7 bytes")), "the new passphrase is not good: passphrases have at least 8 characters"},
		{officer.ChangePassphrase([]byte("the same"), []byte("the same")), "the new passphrase is not good: it is the old one"},
		{officer.ChangePassphrase([]byte("not the old"), []byte("another one")), "wrong passphrase"},
	} {
		if got := words(test.err); got != test.want {
			t.Errorf("\n got %s\nwant %s", got, test.want)
		}
	}
}
