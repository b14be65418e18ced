package media

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A stick that went through a system which changes the case of names holds what
// it held, for whoever reads, checks, writes to or wipes it.
func TestOtherCase(t *testing.T) {
	root := t.TempDir()
	mustWrite(t, root+"/SA.DB/KEY.GFB", []byte("key"))
	mustWrite(t, root+"/Csr1.db/a.gfb", []byte("a"))
	d := openDir(t, root)
	listed := func(folder string) string {
		t.Helper()
		files, skipped, err := d.Read(folder)
		if err != nil || len(skipped) > 0 {
			t.Fatal(skipped, err)
		}
		var all []string
		for _, f := range files {
			all = append(all, fmt.Sprintf("%s/%s=%s", f.Folder, f.Name, f.Data))
		}
		return strings.Join(all, " ")
	}
	if got := listed(""); got != "csr1.db/a.gfb=a sa.db/key.gfb=key" {
		t.Error(got)
	}
	if got := listed("sa.db"); got != "sa.db/key.gfb=key" {
		t.Error(got)
	}
	if report, err := d.Check(); err != nil || len(report.Folders) != 2 || report.Folders[1].Name != "sa.db" {
		t.Error(report, err)
	}
	// What is added goes to the same folder, and is found there.
	if _, err := d.Write("sa.db", "more.gfb", []byte("more")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(root + "/sa.db"); err == nil {
		t.Error("a second folder was made")
	}
	if _, err := d.Verify("sa.db", "more.gfb", []byte("more")); err != nil {
		t.Error(err)
	}
	// Two spellings are one database.
	mustWrite(t, root+"/sa.db/b.gfb", []byte("b"))
	if got := listed("sa.db"); got != "sa.db/key.gfb=key sa.db/more.gfb=more sa.db/b.gfb=b" {
		t.Error(got)
	}
	if report, err := d.Check(); err != nil || len(report.Folders) != 2 || report.Folders[1].Files != 3 {
		t.Error(report, err)
	}
	if w, err := d.Wipe("sa.db"); err != nil || len(w.Files) != 3 || !w.Removed {
		t.Error(w, err)
	}
	if got := listed(""); got != "csr1.db/a.gfb=a" {
		t.Error(got)
	}
}

// Whatever the sender's umask, the next room can read.
func TestUmask(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077))
	root := t.TempDir()
	if _, err := openDir(t, root).Write("sa.db", "a.gfb", []byte("a")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{"sa.db": 0o755, "sa.db/a.gfb": 0o644} {
		info, err := os.Stat(filepath.Join(root, path))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v", path, info.Mode(), err)
		}
	}
}
