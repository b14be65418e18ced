package usb

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestStickWrites writes to a stick whose device number is that of a real
// directory, and to one that was unmounted since.
func TestStickWrites(t *testing.T) {
	dir := t.TempDir()
	var st unix.Stat_t
	if err := unix.Stat(dir, &st); err != nil {
		t.Fatal(err)
	}
	real := fmt.Sprintf("%d:%d", unix.Major(st.Dev), unix.Minor(st.Dev))
	for _, c := range []struct{ number, err string }{
		{real, ""},
		{"8:99", "open <path>: another file system is mounted there now: the medium is gone: plug it in, mount it and repeat"},
	} {
		f := newFakeSystem(t)
		f.disk(f.usb("2-1", "Kingston", "DataTraveler", "1"), "sdz", c.number, 4e9)
		f.udev(c.number, "SA", "1")
		f.Carried = []string{dir}
		f.mountLine("50 22 " + c.number + " / " + dir + " rw - vfat /dev/sdz rw")
		stick, err := f.OpenStick("SA")
		if err != nil {
			t.Fatal(err)
		}
		_, err = stick.Write("sa.db", "a.gfb", []byte("a"))
		wantErr(t, err, dir, c.err)
		_, _, err = stick.Read("")
		wantErr(t, err, dir, c.err)
	}
	if got, err := os.ReadFile(dir + "/sa.db/a.gfb"); err != nil || string(got) != "a" {
		t.Errorf("%q %v", got, err)
	}
}

// TestOpenNoStick asks the computer that runs the test. Whatever is plugged in,
// the answer is a stick or one of the two errors a caller can act on.
func TestOpenNoStick(t *testing.T) {
	stick, err := System{}.OpenStick("no such stick " + t.Name())
	if _, ok := err.(*NoStickError); !ok || stick != nil {
		t.Errorf("%v, %T %v", stick, err, err)
	}
}
