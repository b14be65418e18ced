package media

import (
	"errors"
	"os"
	"slices"
	"syscall"
	"testing"
)

func TestWipe(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	mustWrite(t, root+"/csr1.db/a.gfb", []byte("csr1"))
	mustWrite(t, root+"/sa.db/a.gfb", pattern(5000))
	mustWrite(t, root+"/sa.db/b.gfb", pattern(MaxFileSize))
	mustWrite(t, root+"/sa.db/empty.gfb", nil)
	mustWrite(t, root+"/sa.db/gfabcdef.tmp", []byte("half"))
	got, err := d.Wipe("sa.db")
	if err != nil || !got.Removed || !slices.Equal(got.Files, []string{"a.gfb", "b.gfb", "empty.gfb", "gfabcdef.tmp"}) {
		t.Errorf("%+v %v", got, err)
	}
	wantTree(t, root, "csr1.db/", "csr1.db/a.gfb 4")
	if got, err := d.Wipe("sa.db"); err != nil || got.Removed || len(got.Files) != 0 {
		t.Errorf("again: %+v %v", got, err)
	}
	_, err = d.Wipe("..")
	wantErr(t, err, "", `name "..": not of the form [a-z0-9-]+.db`)
	_, err = openDir(t, root+"/none").Wipe("sa.db")
	wantErr(t, err, root, "open <path>/none: no such file or directory: the medium is gone: plug it in, mount it and repeat")
}

// TestWipeHostile has names in a folder that lead to files which are not ours.
func TestWipeHostile(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	mustWrite(t, outside+"/precious.gfb", []byte("precious"))
	mustWrite(t, root+"/photo.gfb", []byte("photo"))
	mustWrite(t, root+"/sa.db/a.gfb", []byte("a"))
	mustWrite(t, root+"/sa.db/My Photo.jpg", []byte("jpg"))
	if err := errors.Join(
		os.Symlink(outside+"/precious.gfb", root+"/sa.db/link.gfb"),
		os.Link(root+"/photo.gfb", root+"/sa.db/hard.gfb"),
		syscall.Mkfifo(root+"/sa.db/pipe.gfb", 0o644),
		os.Mkdir(root+"/sa.db/dir.gfb", 0o755),
		sparse(root+"/sa.db/large.gfb", 900<<30),
		os.Symlink(outside, root+"/link.db"),
	); err != nil {
		t.Fatal(err)
	}
	got, err := openDir(t, root).Wipe("sa.db")
	if err != nil || got.Removed || !slices.Equal(got.Files, []string{"a.gfb"}) {
		t.Errorf("%+v %v", got, err)
	}
	wantSkipped(t, got.Skipped,
		"sa.db/My Photo.jpg: not a name that gapferry gives to files",
		"sa.db/dir.gfb: a folder, not a regular file",
		"sa.db/hard.gfb: has another name too (a hard link)",
		"sa.db/large.gfb: too large to be one of ours",
		"sa.db/link.gfb: a link, not a regular file",
		"sa.db/pipe.gfb: a pipe, not a regular file",
	)
	_, err = openDir(t, root).Wipe("link.db")
	wantErr(t, err, root, "open <path>/link.db: is not a folder")
	for path, want := range map[string]string{outside + "/precious.gfb": "precious", root + "/photo.gfb": "photo", root + "/sa.db/My Photo.jpg": "jpg"} {
		if got, err := os.ReadFile(path); string(got) != want {
			t.Errorf("%s: %q %v", path, got, err)
		}
	}
}

// TestWipeFaults holds the order, and that a file whose bytes could not be
// overwritten keeps its name, so that nobody takes it for wiped.
func TestWipeFaults(t *testing.T) {
	f := newFaults(t)
	for _, c := range []struct {
		name  string
		fault func(*plan)
		err   string
		left  []string
	}{
		{"a good stick", all(), "", nil},
		{"write fails", failFrom("write", 1, syscall.EIO), "wipe <path>/sa.db/a.gfb: " + eio, []string{"sa.db/", "sa.db/a.gfb 300000"}},
		{"write-protected", failFrom("open", 1, syscall.EROFS), "wipe <path>/sa.db/a.gfb: " + ro, []string{"sa.db/", "sa.db/a.gfb 300000"}},
		{"fsync fails", fail("fsync", 1, syscall.EIO), "wipe <path>/sa.db/a.gfb: " + eio, []string{"sa.db/", "sa.db/a.gfb 300000"}},
		{"second fsync fails", fail("fsync", 2, syscall.EIO), "wipe <path>/sa.db/a.gfb: " + eio, []string{"sa.db/", "sa.db/a.gfb 0"}},
		{"close fails", fail("close", 1, syscall.EIO), "wipe <path>/sa.db/a.gfb: " + eio, []string{"sa.db/", "sa.db/a.gfb 0"}},
		{"removal fails", fail("unlink", 1, syscall.EIO), "wipe <path>/sa.db/a.gfb: " + eio, []string{"sa.db/", "sa.db/a.gfb 0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.start()
			if err := os.RemoveAll(f.backing + "/sa.db"); err != nil {
				t.Fatal(err)
			}
			mustWrite(t, f.backing+"/sa.db/a.gfb", faultData)
			f.start(c.fault)
			done, err := openDir(t, f.mount).Wipe("sa.db")
			f.start()
			wantErr(t, err, f.mount, c.err)
			if (len(done.Files) == 1) != (c.err == "") {
				t.Errorf("%+v", done)
			}
			wantTree(t, f.backing, c.left...)
		})
	}
}
