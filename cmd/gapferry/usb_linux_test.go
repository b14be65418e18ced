package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gapferry/gapferry/media/usb"
)

// computer is a computer with USB sticks, as a tree of /proc and /sys that the
// test makes; the sticks are real mounts.
type computer struct {
	t     testing.TB
	root  string
	lines []string
}

func newComputer(t testing.TB) *computer {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, "root, to mount sticks")
	}
	c := &computer{t: t, root: t.TempDir(), lines: []string{"22 1 8:2 / / rw - ext4 /dev/sda2 rw"}}
	c.write("sys/devices/ata1/block/sda/sda2/partition", "2")
	c.link("sys/devices/ata1/block/sda/sda2", "sys/dev/block/8:2")
	c.mounts()
	return c
}

func (c *computer) sys() usb.System {
	return usb.System{Proc: c.root + "/proc", Sys: c.root + "/sys", Dev: c.root + "/dev", Run: c.root + "/run", Carried: []string{c.root}}
}

func (c *computer) write(path, text string) {
	c.t.Helper()
	full := filepath.Join(c.root, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text+"\n"), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

func (c *computer) link(target, path string) {
	c.t.Helper()
	full := filepath.Join(c.root, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(c.root, target), full); err != nil {
		c.t.Fatal(err)
	}
}

func (c *computer) mounts() { c.write("proc/self/mountinfo", strings.Join(c.lines, "\n")) }

// plug mounts a stick and returns its directory.
func (c *computer) plug(label string) string {
	c.t.Helper()
	at := filepath.Join(c.root, "media", label)
	if err := os.MkdirAll(at, 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", at, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "size=4m"); err != nil {
		missing(c.t, "mount of a tmpfs: "+err.Error())
	}
	c.t.Cleanup(func() { _ = unix.Unmount(at, unix.MNT_DETACH) })
	var st unix.Stat_t
	if err := unix.Stat(at, &st); err != nil {
		c.t.Fatal(err)
	}
	number := fmt.Sprintf("%d:%d", unix.Major(st.Dev), unix.Minor(st.Dev))
	disk := fmt.Sprintf("sd%c", 'b'+len(c.lines)-1)
	dir := "sys/devices/usb1/" + disk + "/block/" + disk
	c.write(dir+"/removable", "1")
	c.write(dir+"/size", "31250000")
	c.write(dir+"/ro", "0")
	c.write(dir+"/dev", number)
	c.link(dir, "sys/dev/block/"+number)
	c.lines = append(c.lines, fmt.Sprintf("%d 22 %s / %s rw,nosuid,nodev,noexec - vfat /dev/%s rw", 40+len(c.lines), number, at, disk))
	c.mounts()
	return at
}

// unplug takes a stick out of sight; what is on it stays.
func (c *computer) unplug(label string) {
	var kept []string
	for _, l := range c.lines {
		if !strings.Contains(l, "/media/"+label+" ") {
			kept = append(kept, l)
		}
	}
	c.lines = kept
	c.mounts()
}

// run runs a command in this process, on this computer.
func (c *computer) run(r *rooms, args ...string) (out string, code int) {
	c.t.Helper()
	var b bytes.Buffer
	reader, writer, err := os.Pipe()
	if err != nil {
		c.t.Fatal(err)
	}
	go func() {
		fmt.Fprint(writer, officers(3))
		writer.Close()
	}()
	fd, err := unix.Dup(int(reader.Fd())) // the command closes its own
	if err != nil {
		c.t.Fatal(err)
	}
	reader.Close()
	for i, a := range args {
		if a == "FD" {
			args[i] = fmt.Sprint(fd)
		}
	}
	e := &env{in: strings.NewReader(r.hash), out: &b, err: &b, now: time.Now, sys: c.sys()}
	err = e.app().Run(append([]string{"gapferry"}, args...))
	if err != nil {
		report(&b, err)
	}
	return b.String(), exitCode(err)
}

// A plan that says usb needs no carriers on the command line; the wrong stick
// is noticed, none is waited for, and between two nobody guesses.
func TestUSB(t *testing.T) {
	r := newRooms(t, "--targets", "1", "--rehearsal", "--carrier", "usb")
	r.init("sa", "sa")
	c := newComputer(t)
	phase := []string{"phase", "1", "--store", r.store("sa"), "--yes", "--sa-hash", "-", "--passphrase-fd", "FD", "--keep-mounted", "--wait", "0s"}
	do := func(code int, words string, args ...string) string {
		t.Helper()
		out, got := c.run(r, append(append([]string{}, phase...), args...)...)
		if got != code || !strings.Contains(out, words) {
			t.Fatalf("exit code %d, want %d with %q\n%s", got, code, words, out)
		}
		return out
	}
	do(exitMedium, "plug in the stick for all databases; waiting")
	share := c.plug("SHARE-STICK")
	if out, code := c.run(r, "media", "prepare", "--stick", "usb:", "--plan", r.plan, "--label", "share-2", "--keep-mounted", "--wait", "0s"); code != 0 {
		t.Fatalf("prepare: %s", out)
	}
	do(exitMedium, "was prepared for share officer 2; wanted is the stick for all databases")
	good := c.plug("SA-STICK")
	do(exitMedium, "2 sticks are there")
	c.unplug("SHARE-STICK")
	r.hash = cardOn(do(exitNotYet, "using SA-STICK"))
	do(exitDone, "Phase 1 is done")
	if found, _ := filepath.Glob(filepath.Join(good, "sa.db", "sa-key-*.gfb")); len(found) != 1 {
		t.Errorf("on the stick: %v", found)
	}
	if found, _ := filepath.Glob(filepath.Join(share, "*.db")); len(found) != 0 {
		t.Errorf("on the other stick: %v", found)
	}
	if out, code := c.run(r, "media", "list"); code != 0 || !strings.Contains(out, "1 of 2 mounted volumes") {
		t.Errorf("media list: %s", out)
	}
	if out, code := c.run(r, "media", "check", "--stick", "usb:SA-STICK", "--store", r.store("sa"), "--wait", "0s"); code != 0 || !strings.Contains(out, "missing          sa.db: css-key, which phase 2b reads") {
		t.Errorf("media check: exit code %d\n%s", code, out)
	}
	if out, code := c.run(r, "media", "wipe", "--stick", "usb:SA-STICK", "--yes", "--wait", "0s", "--keep-mounted"); code != 0 || !strings.Contains(out, "sa.db: 1 bundles wiped") {
		t.Errorf("media wipe: exit code %d\n%s", code, out)
	}
	// What cannot be told to store is not said to be removable.
	out, code := c.run(r, "media", "eject", "--stick", "usb:SA-STICK", "--wait", "0s")
	if code == 0 || strings.Contains(out, "you may remove") {
		t.Errorf("media eject: exit code %d\n%s", code, out)
	}
}

// Carriers that cannot work are usage errors before anybody logs on.
func TestCarrierWords(t *testing.T) {
	t.Parallel()
	r := newRooms(t, "--targets", "1", "--rehearsal")
	r.init("sa", "sa")
	for flags, words := range map[string]string{
		"":                              "no carrier",
		"--to screen:":                  "screen: needs a terminal",
		"--to camera:":                  "camera: reads codes and shows none",
		"--from screen: --to dir:a":     "screen: shows codes and reads none",
		"--to ftp:x":                    "no such scheme",
		"--to dir:a --share-to 1":       "INDEX=CARRIER",
		"--to dir:a --share-to 4=dir:b": "for shares 1 to 3",
	} {
		c := call{args: append([]string{"task", "audit", "--store", r.store("sa"), "--passphrase-fd", "3"}, strings.Fields(flags)...), fds: []string{officers(3)}}
		r.mustFail(c, exitUsage, words)
	}
}

// The stick that holds this room's store is no stick to carry bundles on.
func TestStoreOnStick(t *testing.T) {
	r := newRooms(t, "--targets", "1", "--rehearsal", "--carrier", "usb")
	c := newComputer(t)
	store := filepath.Join(c.plug("VAULT"), "store")
	r.must(call{
		args: []string{"init", "--plan", r.plan, "--node", "sa", "--store", store, "--passphrase-fd", "3"},
		fds:  []string{officers(5)},
	})
	want := "is on the disk that carries the store " + store
	out, code := c.run(r, "phase", "1", "--store", store, "--passphrase-fd", "FD", "--yes", "--wait", "0s", "--sa-hash", "-")
	if code != exitMedium || !strings.Contains(unbroken(out), want) {
		t.Errorf("exit code %d\n%s", code, out)
	}
	t.Setenv("GAPFERRY_STORE", store)
	if out, _ := c.run(r, "media", "list"); !strings.Contains(unbroken(out), want) {
		t.Errorf("media list:\n%s", out)
	}
	if _, err := os.Stat(filepath.Join(store, "..", "sa.db")); err == nil {
		t.Error("the database was written beside the store")
	}
}
