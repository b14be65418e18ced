package media

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// helperEnv makes the test binary one careful write of its own, "root folder
// name", so that other processes can write and be killed. The bytes are
// helperData.
const helperEnv = "GAPFERRY_MEDIA_TEST_WRITE"

// raceEnabled is set by race_test.go.
var raceEnabled bool

var helperData = pattern(100_000)

func init() {
	if os.Getenv(helperEnv) != "" {
		runtime.LockOSThread() // all system calls of the write on the one thread that is traced
	}
}

func TestMain(m *testing.M) {
	args := os.Getenv(helperEnv)
	if args == "" {
		os.Exit(m.Run())
	}
	f := strings.Fields(args)
	res, err := (&Dir{root: f[0]}).Write(f[1], f[2], helperData)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(describe(res))
	os.Exit(0)
}

// describe is a WriteResult as the tests compare it.
func describe(r WriteResult) string {
	s := "nothing"
	switch {
	case r.Written && !r.AlreadyThere:
		s = "written"
	case r.AlreadyThere && !r.Written:
		s = "already there"
	}
	if len(r.Cleaned) > 0 {
		s += fmt.Sprintf(", %d cleaned", len(r.Cleaned))
	}
	return s
}

// pattern is n bytes that differ from block to block.
func pattern(n int) []byte {
	b := make([]byte, n)
	x := uint32(n + 1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

// openDir is OpenDir for a test's directory.
func openDir(t testing.TB, path string) *Dir {
	t.Helper()
	d, err := OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// wantErr compares an error's text, in which <path> stands for path.
func wantErr(t testing.TB, err error, path, want string) {
	t.Helper()
	want = strings.ReplaceAll(want, "<path>", path)
	switch {
	case err == nil && want != "":
		t.Errorf("no error\nwant %s", want)
	case err != nil && err.Error() != want:
		t.Errorf("error %s\nwant  %s", err, want)
	}
}

// tree lists what is below a directory: "sa.db/", "sa.db/a.gfb 12".
func tree(t testing.TB, root string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		name := strings.TrimPrefix(path, root+"/")
		info, err := d.Info()
		switch {
		case err != nil:
			return err
		case d.IsDir():
			all = append(all, name+"/")
		default:
			all = append(all, fmt.Sprintf("%s %d", name, info.Size()))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// wantTree compares tree(root).
func wantTree(t testing.TB, root string, want ...string) {
	t.Helper()
	if got := tree(t, root); !slices.Equal(got, want) {
		t.Errorf("there is %q\nwant     %q", got, want)
	}
}

// mustWrite makes a file of a test's own, not by the code under test.
func mustWrite(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o644)); err != nil {
		t.Fatal(err)
	}
}

// skipUnlessRoot skips a test that mounts.
func skipUnlessRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, "root, to mount")
	}
}

// missing skips a test whose real part is not there, and fails it where
// GAPFERRY_REQUIRE says that none may be missing.
func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	text := "needs " + fmt.Sprintf(format, args...)
	if os.Getenv("GAPFERRY_REQUIRE") != "" {
		t.Fatal(text)
	}
	t.Skip(text)
}
