package engine

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/coproctest"
)

var changedPassphrase = []byte("another passphrase")

// copyOf opens a copy of the device's directory as it is on the medium now,
// which is what a kill at this moment leaves.
func (d testDevice) copyOf() testDevice {
	d.t.Helper()
	dir := filepath.Join(d.t.TempDir(), "copy")
	noError(d.t, os.CopyFS(dir, os.DirFS(d.dir)))
	return openTestDevice(d.t, dir)
}

// works tells which of the two passphrases of the auditor log on, each tried
// on a copy of its own, and wants the change finished by the one that does.
func works(d testDevice) (old, changed bool) {
	d.t.Helper()
	try := func(passphrase []byte) bool {
		c := d.copyOf()
		s, err := c.LogOn(coproctest.Auditor, passphrase, testNow)
		if errors.Is(err, coproc.ErrPassphrase) {
			return false
		}
		noError(d.t, err)
		if p := c.state.profile(coproctest.Auditor); p.Next != "" {
			d.t.Error("the log-on did not finish the change")
		}
		// And from then on, for everybody.
		noError(d.t, s.Close())
		again := c.copyOf()
		_, err = again.LogOn(coproctest.Auditor, passphrase, testNow)
		noError(d.t, err)
		noError(d.t, logOnError(again, coproctest.Officer))
		return true
	}
	return try(coproctest.Passphrase(coproctest.Auditor)), try(changedPassphrase)
}

// TestPassphraseChangeKilled kills a change after each of its steps.
func TestPassphraseChangeKilled(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 2, 2)
	s := d.logOn(coproctest.Auditor)
	at := func(step string, wantOld, wantChanged bool) {
		t.Helper()
		if old, changed := works(d); old != wantOld || changed != wantChanged {
			t.Errorf("%s: the old passphrase works: %v, the new one: %v", step, old, changed)
		}
		noError(t, logOnError(d.copyOf(), coproctest.Officer))
	}
	at("before", true, false)
	first, err := s.offerKey()
	noError(t, err)
	at("key offered", true, false)
	// Somebody else changes the state meanwhile: it goes on being sealed to both.
	_, err = d.logOn(coproctest.Officer).GenerateMasterKey(coproc.SymMK)
	noError(t, err)
	at("key offered, state changed", true, false)
	// The torn temporary file of the next step.
	writeFile(t, d.profilePath(coproctest.Auditor, keySuffix)+".tmp", []byte("half"))
	at("half a profile", true, false)
	noError(t, d.replaceKey(coproctest.Auditor, first, changedPassphrase))
	at("key replaced", false, true)
	noError(t, d.finishPassphraseChange(coproctest.Auditor, first))
	at("settled", false, true)
	noError(t, s.Close())
}

// TestPassphraseChangeFails puts obstacles in the way of each step: the act
// says that it failed, one passphrase works, and the next try ends it.
func TestPassphraseChangeFails(t *testing.T) {
	t.Parallel()
	for _, file := range []string{stateFile, "profiles/AUDIT.age"} {
		d := newTestDevice(t, "ONE", 2, 2)
		s := d.logOn(coproctest.Auditor)
		obstacle := filepath.Join(d.dir, file+".tmp")
		noError(t, os.MkdirAll(filepath.Join(obstacle, "full"), dirMode))
		old := coproctest.Passphrase(coproctest.Auditor)
		err := s.ChangePassphrase(old, changedPassphrase)
		if err == nil || !strings.HasPrefix(err.Error(), "change passphrase: ") {
			t.Errorf("%s: error is %v", file, err)
		}
		noError(t, os.RemoveAll(obstacle))
		if old, changed := works(d); !old || changed {
			t.Errorf("%s: the old passphrase works: %v, the new one: %v", file, old, changed)
		}
		noError(t, s.ChangePassphrase(old, changedPassphrase))
		if old, changed := works(d); old || !changed {
			t.Errorf("%s, again: the old passphrase works: %v, the new one: %v", file, old, changed)
		}
	}
}

// TestPassphraseChangeInterruptedTwice begins a second change on top of one
// that was killed right after its moment: the key that is in the file must not
// be the one that is dropped.
func TestPassphraseChangeInterruptedTwice(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 2, 2)
	s := d.logOn(coproctest.Auditor)
	key, err := s.offerKey()
	noError(t, err)
	noError(t, d.replaceKey(coproctest.Auditor, key, changedPassphrase))
	obstacle := d.profilePath(coproctest.Auditor, keySuffix) + ".tmp"
	noError(t, os.MkdirAll(filepath.Join(obstacle, "full"), dirMode))
	if err := s.ChangePassphrase(changedPassphrase, []byte("a third one")); err == nil {
		t.Error("changed although the file could not be written")
	}
	noError(t, os.RemoveAll(obstacle))
	if old, changed := works(d); old || !changed {
		t.Errorf("the old passphrase works: %v, the new one: %v", old, changed)
	}
}

// TestOldProfileFile puts the profile's file of before the change back: with
// the old passphrase it opens, but no state that was written since.
func TestOldProfileFile(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 2, 2)
	path := d.profilePath(coproctest.Auditor, keySuffix)
	stolen := files(t, d.dir)["profiles/AUDIT.age"]
	s := d.logOn(coproctest.Auditor)
	before := slices.Sorted(maps.Keys(files(t, d.dir)))
	old := coproctest.Passphrase(coproctest.Auditor)
	noError(t, s.ChangePassphrase(old, changedPassphrase))
	if after := slices.Sorted(maps.Keys(files(t, d.dir))); !slices.Equal(before, after) {
		t.Errorf("the change left %q, before there was %q", after, before)
	}
	noError(t, s.Close())
	current := files(t, d.dir)["profiles/AUDIT.age"]
	writeFile(t, path, stolen)
	if err := logOnError(d, coproctest.Auditor); !errors.Is(err, coproc.ErrDamaged) || !strings.Contains(err.Error(), "the file of profile AUDIT is not the one that belongs to the state") {
		t.Errorf("error is %v, want that the file does not belong to the state", err)
	}
	writeFile(t, path, current)
	_, err := d.LogOn(coproctest.Auditor, changedPassphrase, testNow)
	noError(t, err)
}

// TestPassphraseOfAnother has another profile's file put in the place of the
// officer's while they are logged on.
func TestPassphraseOfAnother(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 2, 2)
	s := d.logOn(coproctest.Auditor)
	writeFile(t, d.profilePath(coproctest.Auditor, keySuffix), files(t, d.dir)["profiles/OFFICER.age"])
	err := s.ChangePassphrase(coproctest.Passphrase(coproctest.Officer), changedPassphrase)
	if !errors.Is(err, coproc.ErrDamaged) {
		t.Errorf("error is %v, want %v", err, coproc.ErrDamaged)
	}
}
