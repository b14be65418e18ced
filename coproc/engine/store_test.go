package engine

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/atomicfile"
	"github.com/gapferry/gapferry/coproc/coproctest"
	"github.com/gapferry/gapferry/coproc/soft"
)

func TestCreateLeaves(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	dir := filepath.Join(parent, "coprocessor")
	// A directory that is empty, and the leftover of a crash beside it.
	noError(t, os.Mkdir(dir, 0o755))
	noError(t, os.MkdirAll(filepath.Join(parent, ".coprocessor.creating", profileDir), dirMode))
	s := coproctest.Setup("ONE", 1, 1)
	noError(t, Create(context.Background(), dir, s, soft.Chip{}))

	want := []string{stateFile}
	for _, p := range s.Profiles {
		want = append(want, filepath.Join(profileDir, p.Name+keySuffix))
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(files(t, dir))); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	if entries, err := os.ReadDir(parent); err != nil || len(entries) != 1 {
		t.Errorf("beside the coprocessor: %v, error %v", entries, err)
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if want := map[bool]fs.FileMode{true: dirMode, false: 0o600}[e.IsDir()]; err == nil && info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
		return err
	})
	noError(t, err)
}

func TestCreateRefused(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	dir := filepath.Join(parent, "coprocessor")
	s := coproctest.Setup("ONE", 1, 1)
	noError(t, Create(context.Background(), dir, s, soft.Chip{}))
	before := files(t, parent)
	if err := Create(context.Background(), dir, s, soft.Chip{}); !errors.Is(err, coproc.ErrExists) {
		t.Errorf("error is %v, want %v", err, coproc.ErrExists)
	}
	other := filepath.Join(parent, "other")
	noError(t, os.Mkdir(other, dirMode))
	writeFile(t, filepath.Join(other, "letter"), []byte("dear"))
	before["other/letter"] = []byte("dear")
	if err := Create(context.Background(), other, s, soft.Chip{}); !errors.Is(err, coproc.ErrSetup) {
		t.Errorf("a directory with a letter: error is %v, want %v", err, coproc.ErrSetup)
	}
	if err := Create(context.Background(), filepath.Join(parent, "missing", "coprocessor"), s, soft.Chip{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no parent: error is %v, want %v", err, fs.ErrNotExist)
	}
	bad := s
	bad.M = 0
	if err := Create(context.Background(), filepath.Join(parent, "bad"), bad, soft.Chip{}); !errors.Is(err, coproc.ErrSetup) {
		t.Errorf("a bad set-up: error is %v, want %v", err, coproc.ErrSetup)
	}
	if after := files(t, parent); !maps.EqualFunc(before, after, bytes.Equal) {
		t.Errorf("refusals left %q, before there was %q", slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)))
	}
	if _, err := Open(context.Background(), filepath.Join(parent, "nowhere"), soft.Chip{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("open: error is %v, want %v", err, fs.ErrNotExist)
	}
}

// TestHalfCreated is what a crash of Create leaves: never a coprocessor.
func TestHalfCreated(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	dir := filepath.Join(parent, "coprocessor")
	s := coproctest.Setup("ONE", 1, 1)
	noError(t, build(context.Background(), filepath.Join(parent, ".coprocessor.creating"), s, soft.Chip{}))
	if _, err := Open(context.Background(), dir, soft.Chip{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v, want %v", err, fs.ErrNotExist)
	}
	noError(t, Create(context.Background(), dir, s, soft.Chip{}))
	noError(t, logOnError(openTestDevice(t, dir), coproctest.Auditor))
}

// TestTornTemps is what a crash in the middle of atomicfile.Replace leaves.
func TestTornTemps(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 1, 1)
	want := files(t, d.dir)
	half := want[stateFile][:100]
	for _, name := range []string{stateFile, "profiles/AUDIT.failures", "profiles/AUDIT.age"} {
		writeFile(t, filepath.Join(d.dir, name+atomicfile.TempSuffix), half)
	}
	again := openTestDevice(t, d.dir)
	if got := files(t, d.dir); !maps.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("files after open: %q", slices.Sorted(maps.Keys(got)))
	}
	noError(t, logOnError(again, coproctest.Auditor))
}

// TestFailedSave puts a directory in the place of the temporary file, so that
// no change can be written: none may be seen.
func TestFailedSave(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 1, 1)
	s := d.logOn(coproctest.Officer)
	obstacle := filepath.Join(d.dir, stateFile+atomicfile.TempSuffix)
	noError(t, os.MkdirAll(filepath.Join(obstacle, "full"), dirMode))
	before, err := s.Info()
	noError(t, err)
	content := files(t, d.dir)
	for range 2 {
		if r, err := s.GenerateMasterKey(coproc.SymMK); err == nil || r != (coproc.Registers{}) {
			t.Errorf("registers %+v, error %v", r, err)
		}
		if k, err := s.GenerateKey("css", coproc.CSS); err == nil || k != (coproc.Keys{}) {
			t.Errorf("keys %+v, error %v", k, err)
		}
		if after, err := s.Info(); err != nil || !reflect.DeepEqual(before, after) {
			t.Errorf("the failed act changed something: %+v, error %v", after, err)
		}
		if got := files(t, d.dir); !maps.EqualFunc(got, content, bytes.Equal) {
			t.Error("the failed act changed a file")
		}
	}
	if signed, err := s.SignJournal(1, coproc.Digest{1}); err == nil || signed.Coprocessor != nil || signed.Officer != nil {
		t.Errorf("a record was signed, and not counted: error %v", err)
	}
	noError(t, os.RemoveAll(obstacle))
	_, err = s.SignJournal(1, coproc.Digest{1})
	noError(t, err)
	noError(t, s.CommitJournal(1, coproc.Digest{1}))
	noError(t, os.MkdirAll(filepath.Join(obstacle, "full"), dirMode))
	if _, err := d.LogOn(coproctest.Auditor, coproctest.Passphrase(coproctest.Auditor), testNow); err == nil {
		t.Error("logged on although the journal's mark could not be written")
	}
	noError(t, os.RemoveAll(obstacle))
	noError(t, s.Close())
	after, err := d.logOn(coproctest.Officer).Info()
	noError(t, err)
	before.JournalCount, before.JournalHead, before.Acts = 1, coproc.Digest{1}, 1
	if !reflect.DeepEqual(before, after) {
		t.Errorf("after all: %+v", after)
	}
}

// TestSessionsShare has two officers logged on at a time.
func TestSessionsShare(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 1, 1)
	one := d.logOn(coproctest.Officer)
	_, err := one.SignJournal(5, coproc.Digest{5})
	noError(t, err)
	noError(t, one.CommitJournal(5, coproc.Digest{5}))
	two := d.logOn(coproctest.Part1)
	if i, err := two.Info(); err != nil || i.JournalCount != 5 {
		t.Errorf("journal count %d, error %v", i.JournalCount, err)
	}
	_, err = two.LoadPart(coproc.SymMK, coproc.First, coproctest.KnownKey(coproc.SymMK))
	noError(t, err)
	i, err := one.Info()
	noError(t, err)
	if got := i.Register(coproc.SymMK).New.State; got != coproc.Partial {
		t.Errorf("the first session sees a register that is %s", got)
	}
	_, err = one.ClearNew(coproc.SymMK)
	noError(t, err)
	noError(t, one.Close())
	if i, err := two.Info(); err != nil || i.Register(coproc.SymMK).New.State != coproc.Empty {
		t.Errorf("the second session sees %+v, error %v", i.Register(coproc.SymMK), err)
	}
}

// TestUnchangedIsNotWritten repeats acts that find their work done.
func TestUnchangedIsNotWritten(t *testing.T) {
	t.Parallel()
	d := newTestDevice(t, "ONE", 1, 1)
	sa := newTestSA(t)
	sa.trust(d)
	before := files(t, d.dir)
	sa.trust(d)
	noError(t, d.logOn(coproctest.Officer).Cancel("csr1"))
	if after := files(t, d.dir); !maps.EqualFunc(before, after, bytes.Equal) {
		t.Error("an act that changed nothing wrote something")
	}
}
