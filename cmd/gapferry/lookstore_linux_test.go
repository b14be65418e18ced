package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// looks are the commands that only look at a store.
func (r *rooms) looks(store string) [][]string {
	return [][]string{
		{"status", "--store", store},
		{"audit", "journal", "--look", "--store", store},
		{"verify", "--from", r.stick("stick"), "--store", store},
		{"media", "check", "--stick", r.stick("stick"), "--store", store},
		{"plan", "print", "--plan", r.plan, "--store", store},
	}
}

// looked wants every command that only looks to do so, and to say what that is
// worth.
func (r *rooms) looked(store string, c call) {
	r.t.Helper()
	for _, args := range r.looks(store) {
		c.args = args
		if a := r.must(c); !strings.Contains(a.out+a.err, "not authenticated") {
			r.t.Errorf("gapferry %s does not say that nobody logged on\n%s%s", strings.Join(args, " "), a.out, a.err)
		}
	}
}

// A store on a file system that is read-only, as evidence is kept, is looked at
// like any other. What needs more says so before anybody logs on, and the
// commands that it names then do something.
func TestLookAtAReadOnlyStore(t *testing.T) {
	t.Parallel()
	r := after(t, "1")
	store := filepath.Join(r.dir, "evidence 1")
	bindReadOnly(t, r.store("sa"), store)
	r.looked(store, call{})
	for _, args := range [][]string{
		{"phase", "1", "--to", r.stick("stick")},
		{"audit", "access-controls"},
		{"resend", "--to", r.stick("stick")},
	} {
		a := r.mustFail(call{args: append(args, "--store", store)}, exitNotYet, "its file system is read-only")
		for _, args := range hinted(t, a.err) {
			r.must(call{args: args})
		}
	}
}

// bindReadOnly shows a directory in a second place, where nothing can be written.
func bindReadOnly(t *testing.T, from, at string) {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, "root, to mount a file system")
	}
	if err := os.Mkdir(at, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount(from, at, "", unix.MS_BIND, ""); err != nil {
		missing(t, "a bind mount: "+err.Error())
	}
	t.Cleanup(func() {
		if err := unix.Unmount(at, 0); err != nil {
			t.Error(err)
		}
	})
	if err := unix.Mount("", at, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		missing(t, "a read-only bind mount: "+err.Error())
	}
}

// A store of somebody else is looked at where it can be read; where it cannot,
// it is said whose it is, and who this is.
func TestLookAtAForeignStore(t *testing.T) {
	t.Parallel()
	r := after(t, "1")
	c := stranger(t, r)
	r.looked(r.store("sa"), c)
	c.args = []string{"phase", "1", "--to", r.stick("stick"), "--store", r.store("sa")}
	a := r.mustFail(c, exitNotYet, "may not be written")
	for _, args := range hinted(t, a.err) {
		c.args = args
		r.must(c)
	}

	for _, closed := range []string{filepath.Join(r.store("sa"), "journal.cbor"), r.store("sa")} {
		if err := os.Chmod(closed, 0); err != nil {
			t.Fatal(err)
		}
		c.args = []string{"status", "--store", r.store("sa")}
		a := r.mustFail(c, exitNotYet, "may not be read")
		if !strings.Contains(a.err, "belongs to "+me()) || strings.Contains(a.err, "gapferry status") {
			t.Errorf("%s closed:\n%s", filepath.Base(closed), a.err)
		}
	}
	_ = os.Chmod(r.store("sa"), 0o700) // to be removed
}

// me is how the user of this test is told.
func me() string {
	if os.Geteuid() == 0 {
		return "root (uid 0)"
	}
	return "" // whatever it is called here
}

// otherBinary is this test binary where everybody can run it.
func otherBinary(t *testing.T, dir string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	there := filepath.Join(dir, "gapferry")
	if os.Link(self, there) != nil {
		if err := os.WriteFile(there, must(os.ReadFile(self)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return there
}

// stranger makes everything of a ceremony readable to everybody and writable to
// nobody, and gives a call that is not by its owner, where there is somebody else.
func stranger(t *testing.T, r *rooms) call {
	t.Helper()
	open := func(root string, dirs, files fs.FileMode) {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			mode := files
			if d.IsDir() {
				mode = dirs
			}
			return os.Chmod(path, mode)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	open(r.dir, 0o555, 0o444)
	t.Cleanup(func() { open(r.dir, 0o700, 0o600) })
	if os.Geteuid() != 0 {
		return call{} // its owner may not write to it either
	}
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		missing(t, "setpriv, to be another user")
	}
	for dir := filepath.Dir(r.dir); dir != "/" && dir != os.TempDir(); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// The test binary lies where nobody else may go.
	return call{self: otherBinary(t, filepath.Dir(r.dir)), prefix: []string{setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"}}
}

// A journal that must not be changed is looked at.
func TestLookAtAnImmutableStore(t *testing.T) {
	t.Parallel()
	r := after(t, "1")
	journal := filepath.Join(r.store("sa"), "journal.cbor")
	for _, flag := range []string{"i", "a"} {
		if out, err := exec.Command("chattr", "+"+flag, journal).CombinedOutput(); err != nil {
			missing(t, "chattr +"+flag+": "+string(out))
		}
		t.Cleanup(func() { _ = exec.Command("chattr", "-"+flag, journal).Run() })
		r.looked(r.store("sa"), call{})
		r.mustFail(call{args: []string{"phase", "1", "--to", r.stick("stick"), "--store", r.store("sa")}}, exitNotYet, "must not be changed")
		_ = exec.Command("chattr", "-"+flag, journal).Run()
	}
}

// A look beside a process at work in the store waits for nothing.
func TestLookBesideWork(t *testing.T) {
	t.Parallel()
	r := after(t, "1")
	s := sitDown(t, 80, 24, nil, byOfficers(r.phaseCall("css", "2a")))
	s.sees("passphrase of AUDITOR")
	r.mustFail(r.phaseCall("css", "2a"), exitNotYet, "another gapferry")
	r.must(call{args: []string{"status", "--store", r.store("css")}})
	s.types("\x03")
	s.mustLeave(exitInterrupted)
}

// A full disk of the store is found out before anybody logs on.
func TestFullStoreDisk(t *testing.T) {
	t.Parallel()
	r := after(t, "init")
	disk := filepath.Join(r.dir, "disk")
	mountSized(t, disk, "size=2m")
	store := filepath.Join(disk, "store")
	copyTree(t, r.store("sa"), store)
	before := must(os.ReadFile(filepath.Join(store, "journal.cbor")))
	if err := os.WriteFile(filepath.Join(disk, "filler"), make([]byte, 1500<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	c := r.phaseCall("sa", "1")
	c.args = append(without(c.args, "--store", r.store("sa")), "--store", store)
	a := r.mustFail(c, exitNotYet, "no room for a phase on the disk of the store")
	if strings.Contains(a.out+a.err, "AUDITOR") {
		t.Errorf("somebody was asked:\n%s%s", a.out, a.err)
	}
	if after := must(os.ReadFile(filepath.Join(store, "journal.cbor"))); string(after) != string(before) {
		t.Error("the journal was written")
	}
	if err := os.Remove(filepath.Join(disk, "filler")); err != nil {
		t.Fatal(err)
	}
	c.stdin = ""
	r.mustFail(c, exitNotYet, "the SA-key hash was not entered") // it works now
}
