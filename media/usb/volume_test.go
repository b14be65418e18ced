package usb

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestVolumeFacts(t *testing.T) {
	f := newFakeSystem(t)
	dir := f.stick("2-1", "sdb", 16, "SA STICK")
	f.partition(dir, "sdb2", "8:18", 1e9)
	f.mountLine("60 22 8:18 / /mnt/other ro,nosuid,nodev,noexec,nosymfollow - vfat /dev/sdb2 rw")
	usb := "sys/devices/pci0000:00/0000:00:14.0/usb2/2-1"
	f.block(usb+"/2-1:1.0/host6/target6:0:1/6:0:0:1/block/sr0", "sr0", "11:0", 600e6)
	f.block(usb+"/2-1:1.0/host6/target6:0:2/6:0:0:2/block/sdf", "sdf", "8:80", 0) // an empty slot
	f.file(usb+"/2-1:1.1/bInterfaceClass", "03")
	f.file(usb+"/2-1:1.2/bInterfaceClass", "0a")
	f.file(usb+"/2-1:1.3/bInterfaceClass", "ff")
	volumes, err := f.Volumes()
	if err != nil {
		t.Fatal(err)
	}
	got, other := volumes[2], volumes[3]
	want := Volume{
		Usable: true, Why: "is on USB",
		Mount: "/media/op/SA STICK", Device: "/dev/sdb1", Disk: "/dev/sdb", FS: "vfat", Size: 15499000000 / 512 * 512,
		Label: "SA STICK", UUID: "1234-2-1", Vendor: "Kingston", Model: "DataTraveler 3.0", Serial: "0C9D92-2-1",
		USB: true, Bit: true,
		MissingOptions: []string{"ro", "noexec", "nosymfollow"},
		Siblings:       []Sibling{{"/dev/sdb2", 1e9 / 512 * 512, []string{"/mnt/other"}}, {"/dev/sr0", 600e6 / 512 * 512, nil}},
		Notes: []string{"it is also a keyboard or mouse: it can type", "it is also a network device or modem",
			"it is also a device that is no disk"},
		number: "8:17",
	}
	if g, w := fmt.Sprintf("%#v", got), fmt.Sprintf("%#v", want); g != w {
		t.Errorf("%s\nwant %s", g, w)
	}
	if len(other.MissingOptions) != 0 || !other.ReadOnly || other.Label != "other" {
		t.Errorf("%+v", other)
	}
	if s := got.String(); s != "SA STICK (Kingston DataTraveler 3.0, serial 0C9D92-2-1, 15.5 GB, vfat, /dev/sdb1 at /media/op/SA STICK)" {
		t.Error(s)
	}
	if s := (Volume{Label: "a\n", Vendor: "\x1b", Serial: "\u202e", Size: 999, Mount: "/\a"}).String(); s != `a\n (\x1b, serial \u202e, 999 bytes, ,  at /\a)` {
		t.Error(s)
	}
}

// TestDiskFacts is for a disk that is not on USB: names come from SCSI.
func TestDiskFacts(t *testing.T) {
	volumes, err := newFakeSystem(t).Volumes()
	if err != nil || len(volumes) != 2 {
		t.Fatal(volumes, err)
	}
	v := volumes[0]
	if v.Vendor != "ATA" || v.Model != "Samsung SSD 870" || v.Serial != "" || v.USB || v.Bit || v.Disk != "/dev/sda" {
		t.Errorf("%+v", v)
	}
}

func TestLabels(t *testing.T) {
	f := newFakeSystem(t)
	f.stick("2-1", "sdb", 16, "x")
	f.file("run/udev/data/b8:17", "E:ID_FS_TYPE=vfat")
	f.file("dev/sdb1", "")
	f.file("dev/sda1", "")
	f.link("dev/sda1", "dev/disk/by-label/AAA")
	f.link("dev/sdb1", `dev/disk/by-label/MY\x20STICK`)
	f.link("dev/sdb1", "dev/disk/by-uuid/AB-CD")
	stick, err := f.OpenStick("")
	if err != nil || stick.Volume().Label != "MY STICK" || stick.Volume().UUID != "AB-CD" {
		t.Error(stick, err)
	}
}

func TestOpenStickByLabel(t *testing.T) {
	f := newFakeSystem(t)
	f.stick("2-1", "sdb", 16, "SA")
	f.stick("2-2", "sdc", 32, "sa")
	f.stick("2-3", "sdd", 48, "CSS")
	for label, want := range map[string]string{
		"SA": "/media/op/SA", "sa": "/media/op/sa", "css": "/media/op/CSS", "CSS": "/media/op/CSS",
	} {
		stick, err := f.OpenStick(label)
		if err != nil || stick.Root() != want || !strings.HasPrefix(stick.Name(), "usb:") {
			t.Errorf("%s: %v %v", label, stick, err)
		}
	}
	var choose *ChooseError
	if _, err := f.OpenStick("Sa"); !errors.As(err, &choose) || len(choose.Volumes) != 2 {
		t.Error(err)
	}
	if _, err := f.OpenStick(""); !errors.As(err, &choose) || len(choose.Volumes) != 3 {
		t.Error(err)
	}
	_, err := f.OpenStick("CSR")
	var none *NoStickError
	if !errors.As(err, &none) || none.Label != "CSR" || len(none.Others) != 3 || len(none.Unmounted) != 0 {
		t.Errorf("%#v", err)
	}
	if !strings.Contains(err.Error(), "/dev/sdd1 at /media/op/CSS) has another label") {
		t.Error(err)
	}
}

func TestAgain(t *testing.T) {
	f := newFakeSystem(t)
	f.stick("2-1", "sdb", 16, "SA")
	stick, err := f.OpenStick("SA")
	if err != nil {
		t.Fatal(err)
	}
	v := stick.Volume()
	f.unmount("sdb1")
	var none *NoStickError
	if _, err := f.Reopen(v); !errors.As(err, &none) {
		t.Error(err)
	}
	// Another stick with the same label and UUID, not the same serial number.
	f.stick("2-2", "sdc", 32, "SA")
	f.udev("8:33", "SA", "1234-2-1")
	if _, err := f.Reopen(v); !errors.As(err, &none) {
		t.Error(err)
	}
	// The same stick, formatted anew.
	f.mountLine("70 22 8:17 / /media/op/SA1 rw - vfat /dev/sdb1 rw")
	f.udev("8:17", "SA", "other")
	if _, err := f.Reopen(v); !errors.As(err, &none) {
		t.Error(err)
	}
	f.unmount("sdb1")
	f.udev("8:17", "SA", "1234-2-1")
	f.mountLine("70 22 8:17 / /media/op/SA1 rw - vfat /dev/sdb1 rw")
	if again, err := f.Reopen(v); err != nil || again.Root() != "/media/op/SA1" {
		t.Error(again, err)
	}
}

func TestMountinfoBroken(t *testing.T) {
	for _, line := range []string{
		"", "x", "36 35 8:17 / /mnt rw", "36 35 8-17 / /mnt rw - vfat /dev/sdb1 rw", "a 35 8:17 / /mnt rw - vfat /dev/sdb1",
		"36 35 8:17 / /mnt - vfat /dev/sdb1 rw", "36 35 8:17 / /mnt rw - vfat",
	} {
		f := newFakeSystem(t)
		f.mountLine(line)
		f.mountLine("36 35 8:17 / /mnt rw - vfat /dev/sdb1 rw")
		_, err := f.Volumes()
		wantErr(t, err, f.root, "read <path>/proc/self/mountinfo: line 4 is not understood")
	}
	f := newFakeSystem(t)
	if err := os.Remove(f.root + "/proc/self/mountinfo"); err != nil {
		t.Fatal(err)
	}
	_, err := f.OpenStick("")
	wantErr(t, err, f.root, "read <path>/proc/self/mountinfo: no such file or directory")
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a": "a", `\040`: " ", `a\011b\012\134c\043`: "a\tb\n\\c#", `\`: `\`, `\04`: `\04`, `\999`: `\999`, `\777`: `\777`, `\\040`: `\ `,
	} {
		if got := unoctal(in); got != want {
			t.Errorf("unoctal(%q) = %q", in, got)
		}
	}
	for in, want := range map[string]string{`a\x20b`: "a b", `\x`: `\x`, `\xzz`: `\xzz`, `\x2`: `\x2`, `\x5cx41`: `\x41`, `\xe2\x80\xae`: "\u202e"} {
		if got := unhex(in); got != want {
			t.Errorf("unhex(%q) = %q", in, got)
		}
	}
}

func FuzzParseMount(f *testing.F) {
	f.Add("36 35 8:17 / /mnt rw,nosuid shared:1 - vfat /dev/sdb1 rw")
	f.Add(`22 1 0:33 /@ /a\040b rw - fuse.x \134 rw`)
	f.Fuzz(func(t *testing.T, line string) {
		if m, ok := parseMount(line); ok && (m.fs == "" || m.point == "" || !isDeviceNumber(m.number)) {
			t.Errorf("%q: %+v", line, m)
		}
	})
}
