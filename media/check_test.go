package media

import (
	"errors"
	"fmt"
	"os"
	"testing"
)

func TestCheck(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	r, err := d.Check()
	if err != nil || !errors.Is(r.MarkerErr, ErrNoMarker) || r.Marker != nil || len(r.Folders) != 0 || r.Free == 0 || r.Size < r.Free {
		t.Errorf("%+v %v", r, err)
	}
	for _, f := range []string{"sa.db/a.gfb", "csr1.db/a.gfb", "csr1.db/b.gfb"} {
		mustWrite(t, root+"/"+f, []byte(f))
	}
	mustWrite(t, root+"/csr1.db/gfabcdef.tmp", nil)
	mustWrite(t, root+"/csr1.db/x y", nil)
	if _, err := d.Prepare(Marker{"c", "p"}); err != nil {
		t.Fatal(err)
	}
	r, err = d.Check()
	got := fmt.Sprintf("%v %v %v %q %v %v", *r.Marker, r.MarkerErr, r.Folders, r.Leftovers, r.Skipped, err)
	if want := `{c p} <nil> [{csr1.db 2 26} {sa.db 1 11}] ["csr1.db/gfabcdef.tmp"] [{csr1.db/x y not a name that gapferry gives to files}] <nil>`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if err := os.WriteFile(root+"/gapferry.stick", []byte("hello"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err = d.Check()
	wantErr(t, err, "", "")
	wantErr(t, r.MarkerErr, "", "gapferry.stick: not three lines that begin with gapferry stick 1")
	_, err = openDir(t, root+"/none").Check()
	wantErr(t, err, root, "open <path>/none: no such file or directory: the medium is gone: plug it in, mount it and repeat")
}

func TestVerify(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	if _, err := d.Write("sa.db", "a.gfb", []byte("abc")); err != nil {
		t.Fatal(err)
	}
	if how, err := d.Verify("sa.db", "a.gfb", []byte("abc")); err != nil || how == "" {
		t.Error(how, err)
	}
	for _, c := range []struct{ folder, name, data, err string }{
		{"sa.db", "a.gfb", "abd", "another file of that name with other bytes is there: a.gfb"},
		{"sa.db", "a.gfb", "abcd", "another file of that name with other bytes is there: a.gfb"},
		{"sa.db", "b.gfb", "abc", "read back <path>/sa.db/b.gfb: the file is not there: write it again"},
		{"csr1.db", "a.gfb", "abc", "read back <path>/csr1.db/a.gfb: the file is not there: write it again"},
		{"..", "a.gfb", "abc", `name "..": not of the form [a-z0-9-]+.db`},
		{"sa.db", "A.gfb", "abc", `name "A.gfb": not of the form [a-z0-9-]+.[a-z0-9]+`},
	} {
		_, err := d.Verify(c.folder, c.name, []byte(c.data))
		wantErr(t, err, root, c.err)
	}
	_, err := d.Verify("sa.db", "b.gfb", nil)
	if !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
