package media

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestWriteThenRead(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	var want []string
	for _, size := range []int{1, 511, 4095, 4096, 4097, 8192, 100_000, MaxFileSize} {
		name := fmt.Sprintf("f-%07d.gfb", size)
		res, err := d.Write("sa.db", name, pattern(size))
		if err != nil {
			t.Fatal(err)
		}
		if describe(res) != "written" {
			t.Errorf("%d bytes: %s", size, describe(res))
		}
		want = append(want, "sa.db/"+name)
	}
	if _, err := d.Write("csr1.db", "a.gfb", []byte("a")); err != nil {
		t.Fatal(err)
	}
	want = append([]string{"csr1.db/a.gfb"}, want...)

	files, skipped, err := d.Read("")
	if err != nil || len(skipped) != 0 {
		t.Fatal(skipped, err)
	}
	var got []string
	for _, f := range files {
		got = append(got, f.Folder+"/"+f.Name)
		if f.Folder == "sa.db" && !bytes.Equal(f.Data, pattern(len(f.Data))) {
			t.Errorf("%s has other bytes", f.Name)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("read %q\nwant %q", got, want)
	}
	if files, _, err := d.Read("csr1.db"); err != nil || len(files) != 1 || string(files[0].Data) != "a" {
		t.Errorf("one folder: %v %v", files, err)
	}
	if files, skipped, err := d.Read("csr2.db"); err != nil || len(files)+len(skipped) != 0 {
		t.Errorf("a folder that is missing: %v %v %v", files, skipped, err)
	}
}

func TestWriteAgain(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	data := pattern(5000)
	for _, want := range []string{"written", "already there", "already there"} {
		res, err := d.Write("sa.db", "a.gfb", data)
		if err != nil || describe(res) != want {
			t.Errorf("%s %v, want %s", describe(res), err, want)
		}
	}
	for _, other := range [][]byte{data[:4999], append(slices.Clone(data), 0), flip(data, 0), flip(data, 4999)} {
		_, err := d.Write("sa.db", "a.gfb", other)
		wantErr(t, err, root, "another file of that name with other bytes is there: a.gfb")
		var conflict *ConflictError
		if !errors.As(err, &conflict) || conflict.Path != root+"/sa.db/a.gfb" || !errors.Is(err, fs.ErrExist) {
			t.Errorf("%#v", err)
		}
	}
	wantTree(t, root, "sa.db/", "sa.db/a.gfb 5000")
	if got, _ := os.ReadFile(root + "/sa.db/a.gfb"); !bytes.Equal(got, data) {
		t.Error("the file was changed")
	}
}

// flip is a copy of data with one bit of byte i changed.
func flip(data []byte, i int) []byte {
	data = slices.Clone(data)
	data[i] ^= 1
	return data
}

func TestWriteRefused(t *testing.T) {
	root := t.TempDir()
	mustWrite(t, root+"/file.db", nil)
	mustWrite(t, root+"/sa.db/dir.gfb/x", nil)
	mustWrite(t, root+"/sa.db/empty.gfb", nil)
	if err := errors.Join(
		os.Symlink("sa.db", root+"/link.db"),
		os.Symlink("/etc/passwd", root+"/sa.db/link.gfb"),
		os.Symlink("nowhere", root+"/sa.db/dangling.gfb"),
		os.Symlink("123", root+"/sa.db/as-long.gfb"), // as long as the data
	); err != nil {
		t.Fatal(err)
	}
	before := tree(t, root)
	d := openDir(t, root)
	for _, c := range []struct{ folder, name, err string }{
		{"", "a.gfb", `name "": not of the form [a-z0-9-]+.db`},
		{"../x.db", "a.gfb", `name "../x.db": not of the form [a-z0-9-]+.db`},
		{"sa.db", "../a.gfb", `name "../a.gfb": not of the form [a-z0-9-]+.[a-z0-9]+`},
		{"sa.db", "gfabcdef.tmp", `name "gfabcdef.tmp": ends in .tmp, which marks an unfinished file`},
		{"file.db", "a.gfb", "open <path>/file.db: is not a folder"},
		{"link.db", "a.gfb", "open <path>/link.db: is not a folder"},
		{"sa.db", "dir.gfb", "another file of that name with other bytes is there: dir.gfb"},
		{"sa.db", "link.gfb", "another file of that name with other bytes is there: link.gfb"},
		{"sa.db", "dangling.gfb", "another file of that name with other bytes is there: dangling.gfb"},
		{"sa.db", "as-long.gfb", "another file of that name with other bytes is there: as-long.gfb"},
	} {
		_, err := d.Write(c.folder, c.name, []byte("abc"))
		wantErr(t, err, root, c.err)
	}
	_, err := d.Write("sa.db", "a.gfb", nil)
	wantErr(t, err, root, "write sa.db/a.gfb: nothing to write: an empty file is what a failed write leaves")
	_, err = d.Write("sa.db", "a.gfb", make([]byte, MaxFileSize+1))
	wantErr(t, err, root, "sa.db/a.gfb: more than 1048576 bytes")
	wantTree(t, root, before...)
}

func TestRootMissing(t *testing.T) {
	root := filepath.Join(t.TempDir(), "STICK\x1b[2J")
	d := openDir(t, root)
	const want = "no such file or directory: the medium is gone: plug it in, mount it and repeat"
	_, _, err := d.Read("")
	wantErr(t, err, Escape(root), "open <path>: "+want)
	_, err = d.Write("sa.db", "a.gfb", []byte("a"))
	wantErr(t, err, Escape(root), "open <path>: "+want)
	if _, err := os.Lstat(root); !os.IsNotExist(err) {
		t.Error("the directory of the carrier was made")
	}
}

func TestReadOnly(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root writes where it likes: see the read-only mount in mount_linux_test.go")
	}
	root := t.TempDir()
	if err := os.Chmod(root, 0o555); err != nil {
		t.Fatal(err)
	}
	_, err := openDir(t, root).Write("sa.db", "a.gfb", []byte("a"))
	wantErr(t, err, root, "make folder <path>/sa.db: permission denied: this user may not do that: look at the owner and the mount")
}

func TestWriteFileNew(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "SA card (1).txt")
	for _, data := range [][]byte{{}, []byte("words"), pattern(3 << 20)} {
		if err := WriteFileNew(path, data); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, data) {
			t.Fatal(len(got), err)
		}
		if err := WriteFileNew(path, data); err != nil {
			t.Errorf("the same again: %v", err)
		}
		wantErr(t, WriteFileNew(path, append(slices.Clone(data), 1)), "",
			"another file of that name with other bytes is there: SA card (1).txt")
		if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
			t.Error(info.Mode(), err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{"", ".", "..", "/", dir + "/gfabcdef.tmp"} {
		wantErr(t, WriteFileNew(bad, nil), "", `name "`+bad+`": not the name of a file`)
	}
	wantErr(t, WriteFileNew(dir+"/no/x", nil), dir,
		"open <path>/no/: no such file or directory: the medium is gone: plug it in, mount it and repeat")
	wantTree(t, dir)
}

func TestWriteFileNewHere(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := WriteFileNew("a", []byte("a")); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile("a"); string(got) != "a" {
		t.Error(got, err)
	}
}

func TestLeftovers(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	mustWrite(t, root+"/sa.db/gfabcdef.tmp", []byte("half"))
	mustWrite(t, root+"/sa.db/gf222222.tmp", nil)
	mustWrite(t, root+"/sa.db/gfabcde1.tmp", nil)   // 1 is not in our alphabet
	mustWrite(t, root+"/sa.db/report.tmp", nil)     // someone else's
	mustWrite(t, root+"/sa.db/gfzzzzzz.tmp/x", nil) // a folder
	mustWrite(t, root+"/csr1.db/gfabcdef.tmp", nil) // another folder
	mustWrite(t, root+"/gfabcdef.tmp", nil)         // not in a folder of ours
	if err := os.Symlink("gfabcdef.tmp", root+"/sa.db/gfllllll.tmp"); err != nil {
		t.Fatal(err)
	}
	_, skipped, err := d.Read("sa.db")
	if err != nil {
		t.Fatal(err)
	}
	wantSkipped(t, skipped,
		"sa.db/gf222222.tmp: unfinished file of an interrupted write",
		"sa.db/gfabcde1.tmp: not a name that gapferry gives to files",
		"sa.db/gfabcdef.tmp: unfinished file of an interrupted write",
		"sa.db/gfllllll.tmp: unfinished file of an interrupted write",
		"sa.db/gfzzzzzz.tmp: unfinished file of an interrupted write",
		"sa.db/report.tmp: not a name that gapferry gives to files",
	)
	res, err := d.Write("sa.db", "a.gfb", []byte("a"))
	if err != nil || !slices.Equal(res.Cleaned, []string{"gf222222.tmp", "gfabcdef.tmp"}) {
		t.Errorf("cleaned %q, %v", res.Cleaned, err)
	}
	wantTree(t, root, "csr1.db/", "csr1.db/gfabcdef.tmp 0", "gfabcdef.tmp 0", "sa.db/", "sa.db/a.gfb 1",
		"sa.db/gfabcde1.tmp 0", "sa.db/gfllllll.tmp 12", "sa.db/gfzzzzzz.tmp/", "sa.db/gfzzzzzz.tmp/x 0", "sa.db/report.tmp 0")

	// A write that is refused, or finds its file, cleans too.
	mustWrite(t, root+"/sa.db/gfabcdef.tmp", nil)
	res, err = d.Write("sa.db", "a.gfb", []byte("b"))
	if err == nil || len(res.Cleaned) != 1 {
		t.Errorf("%s %v", describe(res), err)
	}
	cleaned, err := CleanTemps(root + "/csr1.db")
	if err != nil || !slices.Equal(cleaned, []string{"gfabcdef.tmp"}) {
		t.Errorf("CleanTemps: %q %v", cleaned, err)
	}
	wantTree(t, root+"/csr1.db")
}

// wantSkipped compares "name: reason" of each.
func wantSkipped(t testing.TB, got []Skipped, want ...string) {
	t.Helper()
	var lines []string
	for _, s := range got {
		lines = append(lines, Escape(s.Name)+": "+s.Reason)
	}
	if !slices.Equal(lines, want) {
		t.Errorf("skipped\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

// An empty file under the final name is what vfat can leave of a write that
// was cut off right after its rename: the same write again replaces it.
func TestWriteOverEmpty(t *testing.T) {
	root := t.TempDir()
	mustWrite(t, root+"/sa.db/empty.gfb", nil)
	d := openDir(t, root)
	got, err := d.Write("sa.db", "empty.gfb", []byte("abc"))
	if err != nil || !got.Written || !slices.Equal(got.Cleaned, []string{"empty.gfb"}) {
		t.Errorf("%+v, %v", got, err)
	}
	wantTree(t, root, "sa.db/", "sa.db/empty.gfb 3")
}
