package media

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/hanwen/go-fuse/v2/fuse"
)

func TestFaults(t *testing.T) {
	if len(faultCases) < 25 {
		t.Fatal("cases were lost")
	}
	f := newFaults(t)
	for _, c := range faultCases {
		t.Run(c.name, func(t *testing.T) {
			f.start()
			if err := os.RemoveAll(f.backing + "/sa.db"); err != nil {
				t.Fatal(err)
			}
			mustWrite(t, f.backing+"/sa.db/old.gfb", []byte("old"))
			f.start(c.fault)
			res, err := openDir(t, f.mount).Write("sa.db", "a.gfb", faultData)
			f.start() // the state is looked at on the host
			got := describe(res)
			if err != nil {
				got = err.Error()
			}
			left := strings.Join(tree(t, f.backing), " | ")
			got, left = anonymous(got), anonymous(left)
			want := strings.ReplaceAll(c.want, "<path>", f.mount)
			if want == "free space" {
				want = "the medium has 649 KiB free and 650 KiB are needed: make room or use another one"
			}
			if got != want {
				t.Errorf("%s\nwant %s", got, want)
			}
			if left != c.left {
				t.Errorf("left %s\nwant %s", left, c.left)
			}
			if strings.HasPrefix(want, "another file") {
				return
			}
			// On a good stick the same write finishes what was left, unless
			// the final name was left with other bytes.
			f.start()
			if _, err := openDir(t, f.mount).Write("sa.db", "a.gfb", faultData); err != nil {
				t.Errorf("again: %v", err)
			}
			wantTree(t, f.backing, strings.Split(whole, " | ")...)
		})
	}
}

// anonymous writes T for temporary names.
func anonymous(s string) string {
	for i := 0; i+12 <= len(s); i++ {
		if isTemp(s[i : i+12]) {
			s = s[:i] + "T" + s[i+12:]
		}
	}
	return s
}

// TestFaultsFresh is for folders that are not there yet.
func TestFaultsFresh(t *testing.T) {
	f := newFaults(t)
	for _, c := range []struct {
		name  string
		fault func(*plan)
		want  string
		left  []string
	}{
		{"folder cannot be made", fail("mkdir", 1, syscall.EIO), "make folder <path>/sa.db: " + eio, nil},
		{"no room for the folder", fail("mkdir", 1, syscall.ENOSPC), "make folder <path>/sa.db: " + full, nil},
		{"write-protected", fail("mkdir", 1, syscall.EROFS), "make folder <path>/sa.db: " + ro, nil},
		{"folder is not stored", fail("fsync folder", 1, syscall.EIO), "fsync folder <path>: " + eio, []string{"sa.db/"}},
		{"space is not known", fail("statfs", 1, syscall.EIO), "free space <path>: " + eio, nil},
		{"root cannot be opened", failFrom("open folder", 1, syscall.ENXIO),
			"open <path>: no such device or address: the medium is gone: plug it in, mount it and repeat", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.start()
			if err := os.RemoveAll(f.backing + "/sa.db"); err != nil {
				t.Fatal(err)
			}
			f.start(c.fault)
			_, err := openDir(t, f.mount).Write("sa.db", "a.gfb", faultData)
			f.start()
			wantErr(t, err, f.mount, c.want)
			wantTree(t, f.backing, c.left...)
		})
	}
}

// TestFaultsThere is for a file that is there with the same bytes. It stays,
// whatever happens.
func TestFaultsThere(t *testing.T) {
	f := newFaults(t)
	for _, c := range []struct {
		name  string
		fault func(*plan)
		want  string
	}{
		{"a good stick", all(), "already there"},
		{"fsync fails", fail("fsync", 1, syscall.EIO), "fsync" + file + eio},
		{"root fsync fails", fail("fsync folder", 1, syscall.EIO), "fsync folder <path>: " + eio},
		{"folder fsync fails", fail("fsync folder", 2, syscall.EIO), "fsync folder" + file + eio},
		{"cannot be read", fail("read", 1, syscall.EIO), "read back" + file + eio},
		{"flips a bit when read", func(p *plan) { p.read = func(data []byte, _ int64) { data[0] ^= 1 } },
			"another file of that name with other bytes is there: a.gfb"},
		{"lists another name", func(p *plan) { p.list = strings.ToUpper },
			"list" + file + "the folder does not list the file under the name it was given" + faulty},
		{"cannot be looked at", failFrom("look", 2, syscall.EIO), "look" + file + eio},
		{"is full", func(p *plan) { p.statfs = func(out *fuse.StatfsOut) { out.Bavail = 0 } }, "already there"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.start()
			mustWrite(t, f.backing+"/sa.db/a.gfb", faultData)
			f.start(c.fault)
			res, err := openDir(t, f.mount).Write("sa.db", "a.gfb", faultData)
			f.start()
			got := describe(res)
			if err != nil {
				got = err.Error()
			}
			if want := strings.ReplaceAll(c.want, "<path>", f.mount); got != want {
				t.Errorf("%s\nwant %s", got, want)
			}
			if got, err := os.ReadFile(f.backing + "/sa.db/a.gfb"); err != nil || !bytes.Equal(got, faultData) {
				t.Errorf("the file was touched: %d bytes, %v", len(got), err)
			}
		})
	}
}

// TestYank pulls the stick out after each operation of a write. Each time an
// error says so and what stays behind; and on the stick, plugged in again,
// the file is absent or whole and the same write succeeds.
func TestYank(t *testing.T) {
	f := newFaults(t)
	for k := 1; ; k++ {
		f.start()
		if err := os.RemoveAll(f.backing + "/sa.db"); err != nil {
			t.Fatal(err)
		}
		f.start(func(p *plan) { p.yankAfter = k })
		_, err := openDir(t, f.mount).Write("sa.db", "a.gfb", faultData)
		f.start()
		if err == nil {
			if k < 20 {
				t.Errorf("a write of only %d operations", k)
			}
			t.Logf("yanked after each of %d operations", k-1)
			return
		}
		var step *StepError
		if !errors.As(err, &step) || !errors.Is(err, syscall.ENODEV) || !strings.Contains(err.Error(), ": no such device: the medium is gone: plug it in, mount it and repeat") {
			t.Errorf("after %d: %v", k, err)
		}
		names := tree(t, f.backing)
		for _, name := range names {
			switch {
			case name == "sa.db/":
			case name == "sa.db/a.gfb 300000":
				if got, _ := os.ReadFile(f.backing + "/sa.db/a.gfb"); !bytes.Equal(got, faultData) {
					t.Errorf("after %d: the file has other bytes", k)
				}
				if !slices.Equal(step.Left, []string{"a.gfb: no such device"}) {
					t.Errorf("after %d: said to stay: %q", k, step.Left)
				}
			case isTemp(strings.TrimPrefix(strings.Fields(name)[0], "sa.db/")):
			default:
				t.Errorf("after %d: left %s", k, name)
			}
		}
		if _, err := openDir(t, f.mount).Write("sa.db", "a.gfb", faultData); err != nil {
			t.Errorf("after %d, and again: %v", k, err)
		}
		wantTree(t, f.backing, "sa.db/", fmt.Sprintf("sa.db/a.gfb %d", len(faultData)))
	}
}

// TestFaultsRead has a stick fail while it is read.
func TestFaultsRead(t *testing.T) {
	for _, c := range []struct {
		name    string
		fault   func(*plan)
		files   int
		skipped string
		err     string
	}{
		{"a good stick", all(), 2, "", ""},
		{"the root cannot be listed", fail("list", 2, syscall.EIO), 2, "", ""},
		{"one file cannot be read", all(fail("read", 1, syscall.EIO), fail("read", 2, syscall.EIO)), 1, "sa.db/a.gfb: read: input/output error", ""},
		{"one file cannot be opened", fail("open", 2, syscall.EIO), 1, "sa.db/b.gfb: input/output error", ""},
		{"the folder cannot be listed", fail("list", 7, syscall.EIO), 0, "", "list <path>/sa.db: " + eio},
		{"is gone", failFrom("look", 1, syscall.ENODEV), 0, "", "open <path>/sa.db: no such device: the medium is gone: plug it in, mount it and repeat"},
		{"a file grows", func(p *plan) {
			p.before = func(op string, n int) syscall.Errno {
				if op == "read" && n == 1 {
					os.WriteFile(p.backing+"/sa.db/a.gfb", []byte("aaaa"), 0o644)
				}
				return 0
			}
		}, 1, "sa.db/a.gfb: gave 4 bytes and says it has 3", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFaults(t) // with nothing in the page cache
			mustWrite(t, f.backing+"/sa.db/a.gfb", []byte("aaa"))
			mustWrite(t, f.backing+"/sa.db/b.gfb", []byte("bbb"))
			f.start(c.fault)
			files, skipped, err := openDir(t, f.mount).Read("sa.db")
			wantErr(t, err, f.mount, c.err)
			if len(files) != c.files {
				t.Errorf("%d files", len(files))
			}
			var want []string
			if c.skipped != "" {
				want = []string{c.skipped}
			}
			wantSkipped(t, skipped, want...)
		})
	}
}

// TestSwapped lets a link take the place of a file before each lookup of a
// Read. Never is another file read under its name.
func TestSwapped(t *testing.T) {
	f := newFaults(t)
	caught := 0
	for k := 1; k <= 20; k++ {
		f.start()
		if err := os.RemoveAll(f.backing + "/sa.db"); err != nil {
			t.Fatal(err)
		}
		mustWrite(t, f.backing+"/sa.db/a.gfb", []byte("aaa"))
		mustWrite(t, f.backing+"/sa.db/b.gfb", []byte("bbb"))
		f.start(func(p *plan) {
			p.before = func(op string, n int) syscall.Errno {
				if op == "look" && n == k {
					os.Remove(p.backing + "/sa.db/a.gfb")
					os.Symlink("b.gfb", p.backing+"/sa.db/a.gfb")
				}
				return 0
			}
		})
		files, skipped, err := openDir(t, f.mount).Read("sa.db")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if file.Name == "a.gfb" && string(file.Data) != "aaa" {
				t.Errorf("before lookup %d: read through the link", k)
			}
		}
		for _, s := range skipped {
			if s.Reason == "changed while it was opened" {
				caught++
			}
		}
	}
	if caught == 0 {
		t.Error("the link never came between: the test proves nothing")
	}
}
