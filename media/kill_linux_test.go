package media

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// long is whether the long loops try every case, as CI does; without it each
// takes a sample. See CONTRIBUTING.md.
var long = os.Getenv("GAPFERRY_LONG") != ""

// TestKilled stops a write by SIGKILL before each of its system calls. After
// each, the file is absent or whole; and the same write again succeeds and
// leaves nothing else behind. A killed process is not a pulled stick: that is
// for a virtual machine to test.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the write some hundred times")
	}
	if raceEnabled {
		t.Skip("takes 15 times as long under the race detector, which has nothing to find in it: run it without")
	}
	skipWithoutStrace(t)
	next := func(n int) int { return n + 1 }
	if !long {
		t.Log("a sample; GAPFERRY_LONG=1 tries every call")
		next = func(n int) int { return n + 1 + n/2 }
	}
	for _, call := range []string{
		"openat", "fstat", "newfstatat", "fstatfs", "mkdirat", "flock", "getdents64", "unlinkat",
		"write", "fsync", "renameat2", "mmap", "pread64", "munmap", "close", "exit_group",
	} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			killed := 0
			for _, fresh := range []bool{false, true} {
				for n := 1; killAt(t, call, n, fresh); n = next(n) {
					killed++
				}
			}
			if killed == 0 {
				t.Errorf("%s is never called: is the recipe without it, or the test?", call)
			}
			t.Logf("%d times killed", killed)
		})
	}
}

// killAt runs a write, into a fresh root or a folder in use, that is killed
// before the n-th call of a system call, and checks what is left. It is false
// if there is no such call.
func killAt(t *testing.T, call string, n int, fresh bool) bool {
	t.Helper()
	root := t.TempDir()
	want := []string{"sa.db/", fmt.Sprintf("sa.db/a.gfb %d", len(helperData))}
	if !fresh {
		mustWrite(t, root+"/sa.db/gfaaaaaa.tmp", []byte("from an earlier crash"))
		mustWrite(t, root+"/sa.db/other.gfb", []byte("other"))
		want = append(want, "sa.db/other.gfb 5")
	}
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := exec.Command("strace", "-o", trace, "-e", "trace="+call,
		"-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n), os.Args[0])
	cmd.Env = append(os.Environ(), helperEnv+"="+root+" sa.db a.gfb")
	out, err := cmd.CombinedOutput()
	if err == nil {
		return false // the write ended before
	}
	log, _ := os.ReadFile(trace)
	if !bytes.Contains(log, []byte("killed by SIGKILL")) {
		t.Fatalf("%v\n%s\n%s", err, out, log)
	}
	where := fmt.Sprintf("killed at %s number %d", call, n)
	final := root + "/sa.db/a.gfb"
	left, err := os.ReadFile(final)
	if !os.IsNotExist(err) && !bytes.Equal(left, helperData) {
		t.Errorf("%s: the file has %d bytes of %d, %v", where, len(left), len(helperData), err)
	}
	for _, f := range tree(t, root) {
		name, _, _ := strings.Cut(filepath.Base(f), " ")
		if name != "sa.db" && name != "a.gfb" && name != "other.gfb" && !isTemp(name) {
			t.Errorf("%s: left %s", where, f)
		}
	}
	res, err := openDir(t, root).Write("sa.db", "a.gfb", helperData)
	if err != nil || res.AlreadyThere != (left != nil) {
		t.Errorf("%s, and again: %s, %v", where, describe(res), err)
	}
	wantTree(t, root, want...)
	return true
}

// TestFallbacks takes away what not every file system has.
func TestFallbacks(t *testing.T) {
	skipWithoutStrace(t)
	for _, c := range []struct{ inject, want string }{
		{"renameat2:error=EINVAL", "written"},
		{"renameat2:error=ENOSYS", "written"},
		{"flock:error=ENOLCK", "written"}, // and the leftover stays, since its writer may be at work
		{"renameat2:error=EEXIST", "rename <path>/sa.db/a.gfb: file exists"},
		{"renameat2:error=EIO", "rename <path>/sa.db/a.gfb: input/output error: the medium is faulty: use another one"},
		{"fadvise64:error=EIO", "written"}, // not called where O_DIRECT works
	} {
		root := t.TempDir()
		temp := root + "/sa.db/gfabcdef.tmp"
		mustWrite(t, temp, []byte("x"))
		cmd := exec.Command("strace", "-o", os.DevNull, "-e", "inject="+c.inject, os.Args[0])
		cmd.Env = append(os.Environ(), helperEnv+"="+root+" sa.db a.gfb")
		out, _ := cmd.Output()
		want := strings.ReplaceAll(c.want, "<path>", root)
		_, err := os.Lstat(temp)
		if strings.HasPrefix(c.inject, "flock") {
			if err != nil {
				t.Error("a file was removed without a lock")
			}
			os.Remove(temp)
		} else if want == "written" {
			want = "written, 1 cleaned"
		}
		if got := strings.TrimSpace(string(out)); got != want {
			t.Errorf("%s: %s\nwant %s", c.inject, got, want)
		}
		if strings.HasPrefix(want, "written") {
			wantTree(t, root, "sa.db/", "sa.db/a.gfb 100000")
		} else {
			wantTree(t, root, "sa.db/")
		}
	}
}

func skipWithoutStrace(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("strace", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		missing(t, "strace and the right to use it: %v %s", err, out)
	}
}

// TestRecipe holds the order of the recipe: the system calls that reach the
// medium, as strace sees them.
func TestRecipe(t *testing.T) {
	skipWithoutStrace(t)
	root := t.TempDir()
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := exec.Command("strace", "-y", "-o", trace, "-e", "trace=openat,mkdirat,flock,write,fsync,renameat2,pread64,close,unlinkat", os.Args[0])
	cmd.Env = append(os.Environ(), helperEnv+"="+root+" sa.db a.gfb")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	log, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range strings.Split(string(log), "\n") {
		call, args, _ := strings.Cut(line, "(")
		if !strings.Contains(line, root) {
			continue
		}
		object := "root"
		switch {
		case call == "mkdirat":
			object = "sa.db"
		case strings.Contains(args, ".tmp"):
			object = "temp"
		case strings.Contains(args, "a.gfb"):
			object = "file"
		case strings.Contains(args, "/sa.db>"):
			object = "sa.db"
		}
		switch {
		case call == "openat" && strings.Contains(args, "O_CREAT|O_EXCL|O_NOFOLLOW"):
			got = append(got, "create "+object)
		case call == "openat" && strings.Contains(args, "O_DIRECT|O_NOFOLLOW"):
			got = append(got, "open around the cache "+object)
		case call == "openat":
		default:
			got = append(got, call+" "+object)
		}
	}
	want := []string{
		"close root", // the folder was looked for under other spellings
		"mkdirat sa.db", "flock sa.db", "close sa.db", "fsync root",
		"create temp", "write temp", "fsync temp", "renameat2 temp", "fsync file", "fsync sa.db",
		"open around the cache file", "pread64 file", "close file",
		"close sa.db", "close file", "close sa.db", "close root",
	}
	if s := strings.Join(got, ", "); s != strings.Join(want, ", ") {
		t.Errorf("calls %s\nwant  %s", s, strings.Join(want, ", "))
	}
}
