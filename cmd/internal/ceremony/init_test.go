package ceremony

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/cmd/internal/refusal"
	"github.com/gapferry/gapferry/cmd/internal/store"
	"github.com/gapferry/gapferry/coproc"
)

// initIn makes a store of csr1 in a directory; what it asked for stays in asked.
func (w *world) initIn(dir string) error {
	w.people.asked = nil
	return Init(dir, w.plan, "csr1", softBackend, w.people, w.clock)
}

// A store is made where it was said, however that place is named, and is found
// there; nothing beside it is touched.
func TestInitPlaces(t *testing.T) {
	w := after(t, small, "1")
	for _, c := range []struct {
		name string
		make func(root string) (dir, at string) // as given, and where the store is then
	}{
		{"a new directory", func(root string) (string, string) { return root + "/new", root + "/new" }},
		{"below new directories", func(root string) (string, string) { return root + "/a/b/c", root + "/a/b/c" }},
		{"an empty directory", func(root string) (string, string) {
			return makeDir(t, root+"/empty"), root + "/empty"
		}},
		{"with a slash behind it", func(root string) (string, string) {
			return makeDir(t, root+"/empty") + "/", root + "/empty"
		}},
		{"a mount point of ext4", func(root string) (string, string) {
			makeDir(t, root+"/mnt/lost+found")
			return root + "/mnt", root + "/mnt"
		}},
		{"a link to an empty directory", func(root string) (string, string) {
			makeDir(t, root+"/empty")
			link(t, "empty", root+"/link")
			return root + "/link", root + "/empty"
		}},
		{"the current directory", func(root string) (string, string) {
			t.Chdir(makeDir(t, root+"/here"))
			return ".", root + "/here"
		}},
		{"a name that is a pattern", func(root string) (string, string) { return root + "/rooms[1/st*re?", root + "/rooms[1/st*re?" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, err := filepath.EvalSymlinks(fastDir(t))
			if err != nil {
				t.Fatal(err)
			}
			// What looks like something of ours, and is not.
			writeFile(t, makeDir(t, root+"/new.2026-11-20.tmp")+"/holiday.jpg", []byte("x"))
			writeFile(t, makeDir(t, root+"/store.old.tmp")+"/lock", []byte("x"))
			dir, at := c.make(root)
			if err := w.initIn(dir); err != nil {
				t.Fatal(err)
			}
			n, err := Open(dir, softBackend, w.clock)
			if err != nil {
				t.Fatal(err)
			}
			n.Close()
			for _, path := range []string{at + "/" + store.JournalFile, root + "/new.2026-11-20.tmp/holiday.jpg", root + "/store.old.tmp/lock"} {
				if _, err := os.Stat(path); err != nil {
					t.Error(err)
				}
			}
			if _, err := os.Lstat(at + "/" + store.UnfinishedFile); err == nil {
				t.Error("it is marked as unfinished")
			}
			mustRefuse(t, w.initIn(dir), refusal.CodeExists, "there is a store in "+dir+" already")
		})
	}
}

func makeDir(t testing.TB, path string) string {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func link(t testing.TB, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}

// A place where no store can be made is refused before anybody is asked for a
// passphrase, and stays as it was.
func TestInitNoPlace(t *testing.T) {
	w := after(t, small, "1")
	root := fastDir(t)
	writeFile(t, root+"/file", []byte("x"))
	writeFile(t, makeDir(t, root+"/full")+"/holiday.jpg", []byte("x"))
	writeFile(t, makeDir(t, root+"/halfours")+"/"+store.PlanFile, []byte("x"))
	writeFile(t, makeDir(t, root+"/mixed")+"/"+store.UnfinishedFile, nil)
	writeFile(t, root+"/mixed/holiday.jpg", []byte("x"))
	link(t, "nowhere", root+"/dangling")
	link(t, "file", root+"/tofile")
	before := namesBelow(t, root)
	for dir, want := range map[string]struct {
		code refusal.Code
		text string
	}{
		"":                    {refusal.CodeSite, "no directory is named for the store"},
		root + "/file":        {refusal.CodeSite, "is a file, not a directory"},
		root + "/tofile":      {refusal.CodeSite, "is a file, not a directory"},
		root + "/file/below":  {refusal.CodeSite, "a store cannot be made in"},
		root + "/file/a/b":    {refusal.CodeSite, "a store cannot be made in"},
		root + "/dangling":    {refusal.CodeSite, "is a link to a place that is not there"},
		root + "/dangling/a":  {refusal.CodeSite, ""},
		root + "/full":        {refusal.CodeExists, "is not empty and is no store"},
		root + "/halfours":    {refusal.CodeExists, "is not empty and is no store"},
		root + "/mixed":       {refusal.CodeExists, "is not empty and is no store"},
		"/proc/self/no-place": {refusal.CodeSite, "a store cannot be made in"},
	} {
		mustRefuse(t, w.initIn(dir), want.code, want.text)
		if len(w.people.asked) > 0 {
			t.Errorf("%s: %v were asked for passphrases", dir, w.people.asked)
		}
	}
	if after := namesBelow(t, root); after != before {
		t.Errorf("left %s, there was %s", after, before)
	}
}

func namesBelow(t testing.TB, root string) string {
	t.Helper()
	var all []string
	if err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		all = append(all, path)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// What an init left that did not end is no store, and the next one makes it.
func TestInitUnfinished(t *testing.T) {
	w := after(t, small, "1")
	dir := fastDir(t) + "/store"
	if err := w.initIn(dir); err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir+"/"+store.UnfinishedFile, nil)
	_, err := Open(dir, softBackend, w.clock)
	mustRefuse(t, err, refusal.CodeNotHere, "the making of a store in "+dir+" did not end")
	mustHint(t, err, refusal.CodeNotHere, "begin again: {init --node NODE}")
	_, err = Look(dir, w.clock)
	mustRefuse(t, err, refusal.CodeNotHere, "did not end")

	// A second init is refused while one is at work, and takes nothing away from it.
	var second error
	backend := softBackend
	backend.Create = func(string, coproc.Setup) error {
		second = w.initIn(dir)
		return os.ErrInvalid
	}
	if err := Init(dir, w.plan, "csr1", backend, w.people, w.clock); !errors.Is(err, os.ErrInvalid) {
		t.Fatal(err)
	}
	mustRefuse(t, second, refusal.CodeBusy, "is at work in this store")
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("left %v", entries)
	}
	if err := w.initIn(dir); err != nil {
		t.Fatal(err)
	}
	n, err := Open(dir, softBackend, w.clock)
	if err != nil {
		t.Fatal(err)
	}
	n.Close()
}

// An init that fails takes away what it made, and nothing else.
func TestInitFails(t *testing.T) {
	w := after(t, small, "1")
	root := fastDir(t)
	backend := softBackend
	backend.Create = func(string, coproc.Setup) error { return os.ErrInvalid }
	if err := Init(root+"/a/b", w.plan, "csr1", backend, w.people, w.clock); err == nil || !strings.Contains(err.Error(), "invalid") {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(root); len(entries) > 0 {
		t.Errorf("left %v", entries)
	}
	makeDir(t, root+"/mnt/lost+found")
	if err := Init(root+"/mnt", w.plan, "csr1", backend, w.people, w.clock); err == nil {
		t.Error("no error")
	}
	if entries, _ := os.ReadDir(root + "/mnt"); len(entries) != 1 {
		t.Errorf("left %v", entries)
	}
}
