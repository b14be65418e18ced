package media

import (
	"testing"

	"golang.org/x/sys/unix"
)

// tmpfs mounts a small file system in memory, as "size=128k".
func tmpfs(t *testing.T, options string) string {
	t.Helper()
	skipUnlessRoot(t)
	root := t.TempDir()
	if err := unix.Mount("none", root, "tmpfs", 0, options); err != nil {
		missing(t, "to mount a tmpfs: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(root, 0); err != nil && err != unix.EINVAL {
			t.Error("a descriptor was left open: unmount:", err)
			unix.Unmount(root, unix.MNT_DETACH)
		}
	})
	return root
}

func TestFullMedium(t *testing.T) {
	root := tmpfs(t, "size=128k")
	d := openDir(t, root)
	_, err := d.Write("sa.db", "a.gfb", pattern(40_000))
	wantErr(t, err, root, "the medium has 128 KiB free and 143 KiB are needed: make room or use another one")
	wantTree(t, root) // not even the folder

	if _, err := d.Write("sa.db", "a.gfb", pattern(20_000)); err != nil {
		t.Fatal(err)
	}
	_, err = d.Write("sa.db", "b.gfb", pattern(30_000))
	wantErr(t, err, root, "the medium has 108 KiB free and 123 KiB are needed: make room or use another one")
	mustWrite(t, root+"/movie.mp4", pattern(100_000))
	if res, err := d.Write("sa.db", "a.gfb", pattern(20_000)); err != nil || !res.AlreadyThere {
		t.Error("what is there needs no room:", describe(res), err)
	}
	wantTree(t, root, "movie.mp4 100000", "sa.db/", "sa.db/a.gfb 20000")
	wantErr(t, WriteFileNew(root+"/x", nil), "", "the medium has 8 KiB free and 64 KiB are needed: make room or use another one")
}

func TestNoInodes(t *testing.T) {
	root := tmpfs(t, "size=1m,nr_inodes=2")
	d := openDir(t, root)
	_, err := d.Write("sa.db", "a.gfb", []byte("a"))
	wantErr(t, err, root, "create <path>/sa.db/a.gfb: no space left on device: the medium is full: make room or use another one")
	wantTree(t, root, "sa.db/")
	_, err = d.Write("csr1.db", "a.gfb", []byte("a"))
	wantErr(t, err, root, "make folder <path>/csr1.db: no space left on device: the medium is full: make room or use another one")
}

func TestReadOnlyMount(t *testing.T) {
	root := tmpfs(t, "size=1m")
	d := openDir(t, root)
	if _, err := d.Write("sa.db", "a.gfb", []byte("a")); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", root, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	const want = "read-only file system: the medium is write-protected or mounted read-only: use its switch, mount it writable, or use another one"
	_, err := d.Write("sa.db", "b.gfb", []byte("b"))
	wantErr(t, err, root, "create <path>/sa.db/b.gfb: "+want)
	_, err = d.Write("csr1.db", "b.gfb", []byte("b"))
	wantErr(t, err, root, "make folder <path>/csr1.db: "+want)
	if res, err := d.Write("sa.db", "a.gfb", []byte("a")); err != nil || !res.AlreadyThere {
		t.Error(describe(res), err)
	}
	if files, _, err := d.Read(""); err != nil || len(files) != 1 {
		t.Error(files, err)
	}
}

func TestOtherDevice(t *testing.T) {
	root := tmpfs(t, "size=1m")
	d := openDir(t, root)
	var st unix.Stat_t
	if err := unix.Stat(root, &st); err != nil {
		t.Fatal(err)
	}
	d.device = st.Dev
	if _, err := d.Write("sa.db", "a.gfb", []byte("a")); err != nil {
		t.Fatal(err)
	}
	if err := unix.Unmount(root, 0); err != nil {
		t.Fatal(err)
	}
	const want = "open <path>: another file system is mounted there now: the medium is gone: plug it in, mount it and repeat"
	_, err := d.Write("sa.db", "a.gfb", []byte("a"))
	wantErr(t, err, root, want)
	_, _, err = d.Read("")
	wantErr(t, err, root, want)
	wantTree(t, root)
}
