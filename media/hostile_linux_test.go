package media

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestHostileFolder puts into a folder what an adversary can put on a stick
// that is formatted as ext4.
func TestHostileFolder(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	sa := root + "/sa.db/"
	mustWrite(t, outside+"/secret.gfb", []byte("secret"))
	mustWrite(t, sa+"good.gfb", []byte("good"))
	mustWrite(t, sa+"folder.gfb/x.gfb", []byte("x"))
	mustWrite(t, sa+"empty.gfb", nil)
	mustWrite(t, sa+"most.gfb", pattern(MaxFileSize))
	mustWrite(t, sa+"larger.gfb", pattern(MaxFileSize+1))
	mustWrite(t, sa+"\x1b]0;owned\a.gfb", []byte("x"))
	mustWrite(t, sa+"bfg.\u202eytrid", []byte("x"))
	mustWrite(t, sa+"not-utf8-\xff.gfb", []byte("x"))
	mustWrite(t, sa+"CAPITAL.GFB", []byte("x"))
	mustWrite(t, sa+"two\nlines.gfb", []byte("x"))
	mustWrite(t, sa+strings.Repeat("a", 37)+".gfb", []byte("x"))
	if err := errors.Join(
		os.Symlink("/etc/shadow", sa+"shadow.gfb"),
		os.Symlink(outside+"/secret.gfb", sa+"absolute.gfb"),
		os.Symlink("good.gfb", sa+"inside.gfb"),
		os.Symlink("../../../../../../../etc/passwd", sa+"up.gfb"),
		os.Symlink("loop.gfb", sa+"loop.gfb"),
		syscall.Mkfifo(sa+"pipe.gfb", 0o644),
		syscall.Mknod(sa+"socket.gfb", syscall.S_IFSOCK|0o644, 0),
		sparse(sa+"sparse.gfb", 900<<30),
		sparse(sa+"hole.gfb", 300_000),
	); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`sa.db/\x1b]0;owned\a.gfb: not a name that gapferry gives to files`,
		"sa.db/" + strings.Repeat("a", 37) + ".gfb: not a name that gapferry gives to files",
		"sa.db/absolute.gfb: a link, not a regular file",
		`sa.db/bfg.\u202eytrid: not a name that gapferry gives to files`,
		"sa.db/empty.gfb: empty: its write did not end",
		"sa.db/folder.gfb: a folder, not a regular file",
		"sa.db/hole.gfb: has a hole: not a file that was written whole",
		"sa.db/inside.gfb: a link, not a regular file",
		"sa.db/larger.gfb: larger than 1048576 bytes",
		"sa.db/loop.gfb: a link, not a regular file",
		`sa.db/not-utf8-\xff.gfb: not a name that gapferry gives to files`,
		"sa.db/pipe.gfb: a pipe, not a regular file",
		"sa.db/shadow.gfb: a link, not a regular file",
		"sa.db/socket.gfb: a socket, not a regular file",
		"sa.db/sparse.gfb: larger than 1048576 bytes",
		`sa.db/two\nlines.gfb: not a name that gapferry gives to files`,
		"sa.db/up.gfb: a link, not a regular file",
	}
	if os.Geteuid() == 0 {
		// Reading this one would not end.
		if err := syscall.Mknod(sa+"zero.gfb", syscall.S_IFCHR|0o644, 1<<8|5); err != nil {
			t.Fatal(err)
		}
		want = append(want, "sa.db/zero.gfb: a device, not a regular file")
	}
	for _, folder := range []string{"sa.db", ""} {
		files, skipped, err := openDir(t, root).Read(folder)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range files {
			names = append(names, f.Name)
		}
		if slices.Sort(names); !slices.Equal(names, []string{"capital.gfb", "good.gfb", "most.gfb"}) {
			t.Errorf("%q", names)
		}
		wantSkipped(t, skipped, want...)
	}
}

// sparse makes a file that is all hole.
func sparse(path string, size int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(size), f.Close())
}

func TestHostileRoot(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	mustWrite(t, outside+"/x.gfb", []byte("x"))
	mustWrite(t, root+"/sa.db/good.gfb", []byte("good"))
	mustWrite(t, root+"/file.db", []byte("x"))
	mustWrite(t, root+"/SA.DB/x.gfb", []byte("x"))
	mustWrite(t, root+"/\x1b[2J.db/x.gfb", []byte("x"))
	mustWrite(t, root+"/holiday/x.gfb", []byte("x"))
	mustWrite(t, root+"/gapferry.stick", []byte("x"))
	if err := errors.Join(
		os.Symlink(outside, root+"/absolute.db"),
		os.Symlink("sa.db", root+"/inside.db"),
		os.Symlink("/", root+"/root.db"),
		syscall.Mkfifo(root+"/pipe.db", 0o644),
	); err != nil {
		t.Fatal(err)
	}
	d := openDir(t, root)
	files, skipped, err := d.Read("")
	if err != nil || len(files) != 2 || files[0].Folder != "sa.db" || files[1].Folder != "sa.db" {
		t.Error(files, err)
	}
	wantSkipped(t, skipped,
		`\x1b[2J.db: not a name that gapferry gives to folders`,
		"absolute.db: a link, not a folder",
		"file.db: a file, not a folder",
		"inside.db: a link, not a folder",
		"pipe.db: a pipe, not a folder",
		"root.db: a link, not a folder",
	)
	for _, folder := range []string{"absolute.db", "inside.db", "file.db", "pipe.db"} {
		_, _, err := d.Read(folder)
		wantErr(t, err, root, "open <path>/"+folder+": is not a folder")
	}
	for _, folder := range []string{"..", "sa.db/..", "../x.db", "SA.DB"} {
		_, _, err := d.Read(folder)
		wantErr(t, err, root, `name "`+folder+`": not of the form [a-z0-9-]+.db`)
	}
}

// links makes n names, name(0) to name(n-1), of one file of MaxFileSize or
// fewer bytes: large in number and sum, and small on the disk.
func links(t *testing.T, dir string, size, n int) {
	t.Helper()
	first := dir + "/f-0.gfb"
	mustWrite(t, first, pattern(size))
	for i := 1; i < n; i++ {
		if err := os.Link(first, fmt.Sprintf("%s/f-%d.gfb", dir, i)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLimitFiles(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	mustWrite(t, root+"/sa.db/a.gfb", []byte("a"))
	links(t, root+"/csr1.db", 10, MaxFiles)
	if files, _, err := d.Read("csr1.db"); err != nil || len(files) != MaxFiles {
		t.Fatal(len(files), err)
	}
	_, err := d.Write("csr1.db", "one-more.gfb", []byte("x"))
	wantErr(t, err, root, "<path>/csr1.db: more than 4096 entries")
	if res, err := d.Write("csr1.db", "f-7.gfb", pattern(10)); err != nil || !res.AlreadyThere {
		t.Error(describe(res), err)
	}
	mustWrite(t, root+"/csr1.db/one-more.gfb", []byte("x"))
	_, err = d.Write("csr1.db", "f-7.gfb", pattern(10))
	wantErr(t, err, root, "<path>/csr1.db: more than 4096 entries")
	files, _, err := d.Read("csr1.db")
	wantErr(t, err, root, "<path>/csr1.db: more than 4096 entries")
	if len(files) != 0 {
		t.Error("files beside an error")
	}
	// The folder does not hide the others.
	files, skipped, err := d.Read("")
	if err != nil || len(files) != 1 {
		t.Error(len(files), err)
	}
	wantSkipped(t, skipped, "csr1.db: more than 4096 entries")
}

func TestLimitFolders(t *testing.T) {
	root := t.TempDir()
	for i := range MaxFolders {
		mustWrite(t, fmt.Sprintf("%s/csr%d.db/a.gfb", root, i), []byte("a"))
	}
	if files, _, err := openDir(t, root).Read(""); err != nil || len(files) != MaxFolders {
		t.Error(len(files), err)
	}
	mustWrite(t, root+"/sa.db/a.gfb", []byte("a"))
	_, _, err := openDir(t, root).Read("")
	wantErr(t, err, root, "<path>: more than 512 folders")
}

func TestLimitBytes(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	const full = MaxTotalBytes / MaxFolderBytes // folders
	for i := range full {
		links(t, fmt.Sprintf("%s/csr%d.db", root, i), MaxFileSize, MaxFolderBytes/MaxFileSize)
	}
	if files, _, err := d.Read(""); err != nil || len(files)*MaxFileSize != MaxTotalBytes {
		t.Fatal(len(files), err)
	}
	mustWrite(t, root+"/csr0.db/z.gfb", []byte("x"))
	_, _, err := d.Read("csr0.db")
	wantErr(t, err, root, "<path>/csr0.db: more than 16777216 bytes")
	files, skipped, err := d.Read("")
	if err != nil || len(files)*MaxFileSize != MaxTotalBytes-MaxFolderBytes {
		t.Error(len(files), err)
	}
	wantSkipped(t, skipped, "csr0.db: more than 16777216 bytes")
	links(t, root+"/csr4.db", MaxFileSize, MaxFolderBytes/MaxFileSize)
	mustWrite(t, root+"/sa.db/z.gfb", []byte("x"))
	_, _, err = d.Read("")
	wantErr(t, err, root, "<path>: more than 50331648 bytes")
}

func TestLimitRoot(t *testing.T) {
	root := t.TempDir()
	for i := range MaxRootEntries + 1 {
		if err := os.Mkdir(fmt.Sprintf("%s/%d", root, i), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := openDir(t, root).Read("")
	wantErr(t, err, root, "<path>: more than 4096 entries")
}
