package usb

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fakeMachine unmounts in a fakeSystem.
type fakeMachine struct {
	f     *fakeSystem
	calls []string
	fail  map[string]error // by call, as it stands in calls
	once  bool             // fail only once each
	stays bool             // unmount does nothing
}

func (m *fakeMachine) call(s string) error {
	m.calls = append(m.calls, s)
	err := m.fail[s]
	if m.once {
		delete(m.fail, s)
	}
	return err
}

func (m *fakeMachine) syncfs(point string) error { return m.call("syncfs " + point) }

func (m *fakeMachine) unmount(point string) error {
	err := m.call("unmount " + point)
	if err == nil && !m.stays {
		m.f.unmount(" " + point + " ")
	}
	return err
}

func (m *fakeMachine) openDisk(path string) (disk, error) {
	return m, m.call("open " + strings.TrimPrefix(path, m.f.root))
}

func (m *fakeMachine) flush() error { return m.call("flush") }
func (m *fakeMachine) scsi(cmd []byte) error {
	return m.call(fmt.Sprintf("scsi %02x %02x", cmd[0], cmd[4]))
}
func (m *fakeMachine) close() error { return m.call("close") }

func TestEject(t *testing.T) {
	defer func(d time.Duration) { busyPause = d }(busyPause)
	busyPause = 0
	const (
		way  = "syncfs /media/op/SA, unmount /media/op/SA, open /dev/sdb, flush, scsi 35 00, scsi 1e 00, scsi 1b 02, close"
		done = "[/media/op/SA] unused flushed stopped, remove: "
	)
	sense := func(key byte) error { return &scsiError{key, 0x20, 0} }
	for _, c := range []struct {
		name  string
		make  func(*fakeSystem)
		fail  map[string]error
		once  bool
		want  string // what was done
		calls string
		err   string
	}{
		{name: "a good stick", want: done, calls: way},
		{name: "cannot be synced", fail: map[string]error{"syncfs /media/op/SA": syscall.EIO},
			want: "[], stays: ", calls: "syncfs /media/op/SA",
			err: "sync /media/op/SA: input/output error: the medium is faulty: use another one"},
		{name: "user may not unmount", fail: map[string]error{"unmount /media/op/SA": syscall.EPERM},
			want: "[], stays: ", calls: "syncfs /media/op/SA, unmount /media/op/SA",
			err: "unmount /media/op/SA: operation not permitted: this user may not: unmount it in the file manager, or as root"},
		{name: "in use", fail: map[string]error{"unmount /media/op/SA": syscall.EBUSY},
			make: func(f *fakeSystem) {
				f.process(100, "bash", "cwd", "/media/op/SA/sa.db")
				f.process(4, "kthreadd", "cwd", "/")
				f.process(101, "ev\x1b[2Jil", "fd/7", "/media/op/SA/a.gfb (deleted)")
				f.process(102, "neighbour", "fd/7", "/media/op/SA2/a")
				f.mountLine("90 116 7:0 / /media/op/SA/iso rw - squashfs /dev/loop0 ro")
			},
			want: "[], stays: ", calls: "syncfs /media/op/SA" + strings.Repeat(", unmount /media/op/SA", 10),
			err: "unmount /media/op/SA: it is in use by bash (process 100, current directory /media/op/SA/sa.db), " +
				`ev\x1b[2Jil (process 101, open file /media/op/SA/a.gfb), what is mounted at /media/op/SA/iso` +
				": leave the folder or end the program, and repeat; do not unplug it"},
		{name: "in use for a moment", fail: map[string]error{"unmount /media/op/SA": syscall.EBUSY}, once: true,
			want: done, calls: strings.Replace(way, "unmount", "unmount /media/op/SA, unmount", 1)},
		{name: "disk in use elsewhere", fail: map[string]error{"open /dev/sdb": syscall.EBUSY},
			want:  "[/media/op/SA], stays: /dev/sdb is unmounted here, but something else on this computer still uses it",
			calls: "syncfs /media/op/SA, unmount /media/op/SA" + strings.Repeat(", open /dev/sdb", 10)},
		{name: "disk not to be opened", fail: map[string]error{"open /dev/sdb": syscall.EACCES},
			want:  "[/media/op/SA], stays: /dev/sdb was not told to store what it holds back: permission denied",
			calls: "syncfs /media/op/SA, unmount /media/op/SA, open /dev/sdb"},
		{name: "flush fails", fail: map[string]error{"flush": syscall.EIO},
			want:  "[/media/op/SA] unused, stays: /dev/sdb did not store what it held back: input/output error",
			calls: "syncfs /media/op/SA, unmount /media/op/SA, open /dev/sdb, flush, close"},
		{name: "cache is not stored", fail: map[string]error{"scsi 35 00": sense(3)},
			want:  "[/media/op/SA] unused, stays: /dev/sdb did not store what it held back: the stick answers with sense 3/20/00",
			calls: "syncfs /media/op/SA, unmount /media/op/SA, open /dev/sdb, flush, scsi 35 00, close"},
		{name: "cache cannot be asked", fail: map[string]error{"scsi 35 00": syscall.EIO},
			want:  "[/media/op/SA] unused, stays: /dev/sdb did not store what it held back: input/output error",
			calls: "syncfs /media/op/SA, unmount /media/op/SA, open /dev/sdb, flush, scsi 35 00, close"},
		{name: "knows no cache", fail: map[string]error{"scsi 35 00": sense(5)}, want: done, calls: way},
		{name: "has news first", fail: map[string]error{"scsi 35 00": sense(6)}, once: true,
			want: done, calls: strings.Replace(way, "scsi 35 00", "scsi 35 00, scsi 35 00", 1)},
		{name: "always has news", fail: map[string]error{"scsi 35 00": sense(6)},
			want:  "[/media/op/SA] unused, stays: /dev/sdb did not store what it held back: the stick answers with sense 6/20/00",
			calls: "syncfs /media/op/SA, unmount /media/op/SA, open /dev/sdb, flush, scsi 35 00, scsi 35 00, scsi 35 00, close"},
		{name: "takes no SCSI", fail: map[string]error{"scsi 35 00": errNoSCSI, "scsi 1e 00": errNoSCSI, "scsi 1b 02": errNoSCSI},
			want: "[/media/op/SA] unused flushed, remove: /dev/sdb was not stopped: it takes no SCSI commands", calls: way},
		{name: "does not stop", fail: map[string]error{"scsi 1b 02": sense(5)},
			want: "[/media/op/SA] unused flushed, remove: /dev/sdb was not stopped: the stick answers with sense 5/20/00", calls: way},
		{name: "does not unlock", fail: map[string]error{"scsi 1e 00": sense(5)}, want: done, calls: way},
		{name: "two partitions, one mounted twice", make: func(f *fakeSystem) {
			f.partition("sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb", "sdb2", "8:18", 1e9)
			f.mountLine("90 22 8:18 / /mnt/two rw - ext4 /dev/sdb2 rw")
			f.mountLine("91 22 8:17 /x /mnt/bind rw - vfat /dev/sdb1 rw")
		}, want: "[/mnt/bind /mnt/two /media/op/SA] unused flushed stopped, remove: ",
			calls: "syncfs /mnt/bind, unmount /mnt/bind, syncfs /mnt/two, unmount /mnt/two, " + way},
		{name: "the second of two is in use", make: func(f *fakeSystem) {
			f.partition("sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb", "sdb2", "8:18", 1e9)
			f.mountLine("90 22 8:18 / /mnt/two rw - ext4 /dev/sdb2 rw")
		}, fail: map[string]error{"unmount /media/op/SA": syscall.EBUSY},
			want:  "[/mnt/two], stays: ",
			calls: "syncfs /mnt/two, unmount /mnt/two, syncfs /media/op/SA" + strings.Repeat(", unmount /media/op/SA", 10),
			err:   "unmount /media/op/SA: it is in use: leave the folder or end the program, and repeat; do not unplug it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFakeSystem(t)
			f.stick("2-1", "sdb", 16, "SA")
			stick, err := f.OpenStick("SA")
			if err != nil {
				t.Fatal(err)
			}
			if c.make != nil {
				c.make(f)
			}
			m := &fakeMachine{f: f, fail: c.fail, once: c.once}
			got, err := f.eject(stick.Volume(), m)
			wantErr(t, err, "", c.err)
			if s := ejected(got); s != c.want {
				t.Errorf("%s\nwant %s", s, c.want)
			}
			if s := strings.Join(m.calls, ", "); s != c.calls {
				t.Errorf("calls %s\nwant  %s", s, c.calls)
			}
		})
	}
}

// ejected is what was done, as the tests compare it.
func ejected(e Ejected) string {
	s := fmt.Sprint(e.Unmounted)
	for _, step := range []struct {
		done bool
		word string
	}{{e.Unused, " unused"}, {e.Flushed, " flushed"}, {e.Stopped, " stopped"}} {
		if step.done {
			s += step.word
		}
	}
	if e.MayRemove() {
		return s + ", remove: " + strings.Join(e.Notes, ", ")
	}
	return s + ", stays: " + strings.Join(e.Notes, ", ")
}

func TestEjectLUKS(t *testing.T) {
	defer func(n int) { busyTries = n }(busyTries)
	busyTries = 1
	f := newFakeSystem(t)
	dir := f.stick("2-1", "sdb", 16, "OUTER")
	f.unmount("sdb1")
	dm := f.disk("virtual", "dm-3", "253:3", 15e9)
	f.lies(dm, dir+"/sdb1")
	f.mountLine("50 22 253:3 / /media/op/INNER rw - ext4 /dev/mapper/luks-1 rw")
	stick, err := f.OpenStick("INNER")
	if err != nil {
		t.Fatal(err)
	}
	if v := stick.Volume(); !v.Mapped || v.Disk != "/dev/sdb" || v.Serial != "0C9D92-2-1" || len(v.Siblings) != 0 {
		t.Errorf("%+v", v)
	}
	m := &fakeMachine{f: f, fail: map[string]error{"open /dev/sdb": syscall.EBUSY}}
	got, err := f.eject(stick.Volume(), m)
	if s := ejected(got); err != nil ||
		s != "[/media/op/INNER], stays: /dev/sdb is unmounted, but its encryption is still open: close it (cryptsetup close) before you unplug it" {
		t.Error(s, err)
	}
}

func TestEjectRefused(t *testing.T) {
	f := newFakeSystem(t)
	f.stick("2-1", "sdb", 16, "SA")
	volumes, err := f.Volumes()
	if err != nil {
		t.Fatal(err)
	}
	m := &fakeMachine{f: f}
	_, err = f.eject(volumes[0], m)
	wantErr(t, err, "", "eject /: is on the disk that carries / of this computer")
	gone := volumes[2]
	f.unmount("sdb1")
	_, err = f.eject(gone, m)
	wantErr(t, err, "", "eject /media/op/SA: is not mounted there any more")
	if len(m.calls) != 0 {
		t.Error(m.calls)
	}

	f.stick("2-3", "sdd", 48, "CSS")
	stick, err := f.OpenStick("CSS")
	if err != nil {
		t.Fatal(err)
	}
	m.stays = true
	got, err := f.eject(stick.Volume(), m)
	wantErr(t, err, "", "unmount /media/op/CSS: is still mounted")
	if got.MayRemove() {
		t.Error("may be removed while it is mounted")
	}
}

// process adds a process to /proc.
func (f *fakeSystem) process(pid int, comm, link, target string) {
	f.t.Helper()
	dir := fmt.Sprintf("proc/%d/", pid)
	f.file(dir+"comm", comm)
	if err := errors.Join(
		os.MkdirAll(f.root+"/"+dir+"fd", 0o755),
		os.Symlink(target, f.root+"/"+dir+link),
	); err != nil {
		f.t.Fatal(err)
	}
}

func TestBusyUnseen(t *testing.T) {
	e := &BusyError{Mount: "/m\x1b", Unseen: 12}
	wantErr(t, e, "", `unmount /m\x1b: it is in use, perhaps by one of 12 processes of other users: leave the folder or end the program, and repeat; do not unplug it`)
}

func TestMayRemove(t *testing.T) {
	for _, e := range []Ejected{{}, {Unused: true, Flushed: true}, {Unmounted: []string{"/m"}, Unused: true, Stopped: true}, {Unmounted: []string{"/m"}, Flushed: true}} {
		if e.MayRemove() {
			t.Errorf("%+v may be removed", e)
		}
	}
}
