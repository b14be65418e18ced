package capture

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	pic := pngOf(t, drawing(8, 8, 1))
	for _, name := range []string{"b.png", "a.PNG", "c.JpEg", "screen.ppm", "x.pgm", "csr1.db/z.png", "csr1.db/y.jpg",
		"note.txt", "png", "other/a.png", "csr1.db/deeper.db/a.png", ".hidden.png"} {
		save(t, filepath.Join(dir, name), pic)
	}
	save(t, filepath.Join(dir, "bad.jpg"), []byte("bad"))
	outside := t.TempDir()
	save(t, filepath.Join(outside, "secret.png"), pic)
	for from, to := range map[string]string{"link.png": "a.PNG", "out.png": outside + "/secret.png", "out.db": outside, "in.db": "csr1.db"} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.png"), 0o755); err != nil {
		t.Fatal(err)
	}
	names, err := Folder(dir)
	want := []string{".hidden.png", "a.PNG", "b.png", "bad.jpg", "c.JpEg", "csr1.db/y.jpg", "csr1.db/z.png",
		"folder.png", "link.png", "out.png", "screen.ppm", "x.pgm"}
	if err != nil || !slices.Equal(names, want) {
		t.Errorf("listed %q (%v)\nwant %q", names, err, want)
	}
	s, err := OpenFolder(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	got := told(t, s)
	want = []string{".hidden.png", "a.PNG", "b.png", `"bad.jpg": not a picture: PNG, JPEG and PNM (P5, P6) are read`, "c.JpEg",
		"csr1.db/y.jpg", "csr1.db/z.png", `"folder.png": a folder, not a picture file`, `"link.png": a link, not a picture file`,
		`"out.png": a link, not a picture file`, "screen.ppm", "x.pgm"}
	if !slices.Equal(got, want) {
		t.Errorf("given %q\nwant %q", got, want)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// A *.db folder that became a link after it was listed is not followed.
func TestFolderSwapped(t *testing.T) {
	dir := t.TempDir()
	pic := pngOf(t, drawing(8, 8, 1))
	save(t, filepath.Join(dir, "csr1.db/a.png"), pic)
	save(t, filepath.Join(dir, "other/a.png"), pic)
	s, err := OpenFolder(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "csr1.db")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("other", filepath.Join(dir, "csr1.db")); err != nil {
		t.Fatal(err)
	}
	if got, want := told(t, s), []string{`"csr1.db/a.png": its folder is a link`}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFolderBad(t *testing.T) {
	dir := t.TempDir()
	file := save(t, filepath.Join(dir, "file"), []byte("x"))
	crowded := filepath.Join(dir, "crowded")
	many := filepath.Join(dir, "many")
	for i := range MaxEntries + 1 {
		save(t, filepath.Join(crowded, fmt.Sprintf("%d.txt", i)), nil)
	}
	for i := range MaxFolders + 1 {
		if err := os.MkdirAll(filepath.Join(many, fmt.Sprintf("%d.db", i)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		file:         "not a directory",
		dir + "/nil": "no such file or directory",
		crowded:      "more than 4096 entries: use a folder for the pictures alone",
		many:         "more than 512 .db folders",
	} {
		want = "folder " + quote(path) + ": " + want
		for how, err := range map[string]error{
			"Folder":     func() error { _, err := Folder(path); return err }(),
			"OpenFolder": func() error { _, err := OpenFolder(path, true); return err }(),
		} {
			if err == nil || err.Error() != want {
				t.Errorf("%s %s: %v\nwant %s", how, path, err, want)
			}
		}
	}
	if _, err := Folder(dir + "/\x1b[2J" + strings.Repeat("x", 300)); strings.ContainsRune(err.Error(), '\x1b') || len(err.Error()) > 200 {
		t.Errorf("the path is put raw into %q", err)
	}
}
