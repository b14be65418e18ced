package media

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// Whys of the disk that newFakeSystem makes.
const systemVolumes = "/ no: is on the disk that carries / of this computer | /boot/efi no: is on the disk that carries / of this computer"

func TestVolumes(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(*fakeSystem)
		want string // beside systemVolumes
		open string // the name that usb: opens, or the error
	}{
		{"none", func(f *fakeSystem) {}, "", "no stick is there"},
		{"one", func(f *fakeSystem) { f.stick("2-1", "sdb", 16, "SA-STICK") },
			"/media/op/SA-STICK yes: is on USB", "usb:SA-STICK"},
		{"two", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "SA-STICK")
			f.stick("2-2", "sdc", 32, "CSS")
		}, "/media/op/SA-STICK yes: is on USB | /media/op/CSS yes: is on USB",
			"2 sticks are there: SA-STICK (Kingston DataTraveler 3.0, serial 0C9D92-2-1, 15.5 GB, vfat, /dev/sdb1 at /media/op/SA-STICK), " +
				"CSS (Kingston DataTraveler 3.0, serial 0C9D92-2-2, 15.5 GB, vfat, /dev/sdc1 at /media/op/CSS): " +
				"name the one by its label (usb:LABEL) or its folder (dir:PATH), or unplug the others"},
		{"system on USB, and a stick", func(f *fakeSystem) {
			f.mounts = nil
			live := f.stick("2-1", "sdb", 16, "LIVE")
			f.unmount("sdb1")
			f.partition(live, "sdb2", "8:18", 8e9)
			f.mountLine("22 1 8:18 / / rw - ext4 /dev/sdb2 rw")
			f.mountLine("25 22 8:17 / /media/op/LIVE rw - vfat /dev/sdb1 rw")
			f.stick("2-2", "sdc", 32, "SA")
			f.mountLine("24 22 8:1 / /data rw - vfat /dev/sda1 rw")
		}, "/ no: is on the disk that carries / of this computer | /media/op/LIVE no: is on the disk that carries / of this computer | " +
			"/media/op/SA yes: is on USB | /data no: is neither removable nor on USB", "usb:SA"},
		{"live system on an overlay", func(f *fakeSystem) {
			f.mounts = nil
			f.stick("2-1", "sdb", 16, "DEBIAN-LIVE")
			f.unmount("sdb1")
			f.mountLine("22 1 0:30 / / rw - overlay overlay rw,lowerdir=/run/live/rootfs/filesystem.squashfs/,upperdir=/run/live/overlay/rw")
			f.mountLine("30 22 8:17 / /run/live/medium ro,noatime - vfat /dev/sdb1 ro")
		}, "/run/live/medium no: is on the disk that carries the live system of this computer",
			"no stick is there; DEBIAN-LIVE (Kingston DataTraveler 3.0, serial 0C9D92-2-1, 15.5 GB, vfat, /dev/sdb1 at /run/live/medium) " +
				"cannot be used: it is on the disk that carries the live system of this computer"},
		{"carries an image in use", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "SA")
			loop := f.disk("virtual", "loop0", "7:0", 1e9)
			f.file(loop+"/loop/backing_file", "/media/op/SA/rescue image.iso")
			f.mountLine("40 22 7:0 / /mnt/iso ro - squashfs /dev/loop0 ro")
		}, "/media/op/SA no: is on the disk that carries an image that is mounted at /mnt/iso | /mnt/iso no: is neither removable nor on USB",
			"no stick is there; SA (Kingston DataTraveler 3.0, serial 0C9D92-2-1, 15.5 GB, vfat, /dev/sdb1 at /media/op/SA) " +
				"cannot be used: it is on the disk that carries an image that is mounted at /mnt/iso"},
		{"home on a second disk of USB", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "HOME")
			f.unmount("sdb1")
			f.mountLine("40 22 8:17 / /home rw - ext4 /dev/sdb1 rw")
		}, "/home no: is on the disk that carries /home of this computer",
			"no stick is there; HOME (Kingston DataTraveler 3.0, serial 0C9D92-2-1, 15.5 GB, ext4, /dev/sdb1 at /home) " +
				"cannot be used: it is on the disk that carries /home of this computer"},
		{"system on btrfs, whose number no device has", func(f *fakeSystem) {
			f.mounts = nil
			disk := f.stick("2-1", "sdb", 16, "USBROOT")
			f.unmount("sdb1")
			f.partition(disk, "sdb2", "8:18", 5e9)
			f.file("dev/sdb2", "")
			f.mountLine("22 1 0:33 /@ / rw - btrfs /dev/sdb2 rw,subvol=/@")
			f.mountLine("30 22 8:17 / /media/x rw - vfat /dev/sdb1 rw")
		}, "/ no: is on the disk that carries / of this computer | /media/x no: is on the disk that carries / of this computer", "no stick is there; "},
		{"system on LVM over two disks, one on USB", func(f *fakeSystem) {
			f.mounts = nil
			disk := f.stick("2-1", "sdb", 16, "X")
			f.unmount("sdb1")
			dm := f.disk("virtual", "dm-0", "253:0", 5e9)
			f.lies(dm, "sys/devices/pci0000:00/ata1/host0/target0:0:0/0:0:0:0/block/sda/sda2")
			f.lies(dm, f.partition(disk, "sdb2", "8:18", 5e9))
			f.mountLine("22 1 253:0 / / rw - ext4 /dev/mapper/vg-root rw")
			f.mountLine("30 22 8:17 / /media/x rw - vfat /dev/sdb1 rw")
		}, "/ no: is on the disk that carries / of this computer | /media/x no: is on the disk that carries / of this computer", "no stick is there; "},
		{"LUKS", func(f *fakeSystem) {
			disk := f.stick("2-1", "sdb", 16, "OUTER")
			f.unmount("sdb1")
			dm := f.disk("virtual", "dm-3", "253:3", 15e9)
			f.lies(dm, disk+"/sdb1")
			f.udev("253:3", "INNER", "abcd")
			f.mountLine("50 22 253:3 / /media/op/INNER rw,nosuid,nodev - ext4 /dev/mapper/luks-1 rw")
		}, "/media/op/INNER yes: is on USB", "usb:INNER"},
		{"a volume over two sticks", func(f *fakeSystem) {
			a, b := f.stick("2-1", "sdb", 16, "A"), f.stick("2-2", "sdc", 32, "B")
			f.unmount("/media/op")
			dm := f.disk("virtual", "dm-3", "253:3", 15e9)
			f.lies(dm, a+"/sdb1")
			f.lies(dm, b+"/sdc1")
			f.mountLine("50 22 253:3 / /media/raid rw - ext4 /dev/mapper/raid rw")
		}, "/media/raid no: lies on several disks", "no stick is there"},
		{"without partitions", func(f *fakeSystem) {
			dir := f.disk(f.usb("2-1", "Intenso", "Alu Line", ""), "sdb", "8:16", 4000000000)
			f.file(dir+"/removable", "1")
			f.udev("8:16", "WHOLE DISK", "1")
			f.mountLine(`50 22 8:16 / /media/op/WHOLE\040DISK rw - exfat /dev/sdb rw`)
		}, "/media/op/WHOLE DISK yes: is on USB", "usb:WHOLE DISK"},
		{"write-protected", func(f *fakeSystem) {
			dir := f.stick("2-1", "sdb", 16, "SA")
			f.file(dir+"/ro", "1")
		}, "/media/op/SA yes: is on USB, for reading only: it is write-protected or mounted read-only", "usb:SA"},
		{"mounted read-only", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "SA")
			f.unmount("sdb1")
			f.mountLine("50 22 8:17 / /mnt rw - vfat /dev/sdb1 ro")
		}, "/mnt yes: is on USB, for reading only: it is write-protected or mounted read-only", "usb:SA"},
		{"says not removable, is on USB", func(f *fakeSystem) {
			dir := f.stick("2-1", "sdb", 16, "SSD")
			f.file(dir+"/removable", "0")
		}, "/media/op/SSD yes: is on USB", "usb:SSD"},
		{"removable, not on USB", func(f *fakeSystem) {
			dir := f.disk("pci0000:00/0000:00:1e.0/mmc", "sdd", "8:48", 2e9)
			f.file(dir+"/removable", "1")
			f.partition(dir, "sdd1", "8:49", 2e9)
			f.mountLine("50 22 8:49 / /mnt/card rw - vfat /dev/sdd1 rw")
		}, "/mnt/card yes: is removable", "usb:card"},
		{"neither", func(f *fakeSystem) {
			dir := f.disk("pci0000:00/ata2", "sdd", "8:48", 2e12)
			f.partition(dir, "sdd1", "8:49", 2e12)
			f.mountLine("50 22 8:49 / /data rw - ext4 /dev/sdd1 rw")
		}, "/data no: is neither removable nor on USB", "no stick is there"},
		{"another file system", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "WIN")
			f.unmount("sdb1")
			f.mountLine("50 22 8:17 / /media/WIN rw - ntfs3 /dev/sdb1 rw")
		}, "/media/WIN no: has the file system ntfs3: use vfat, exfat or ext4",
			"no stick is there; WIN (Kingston DataTraveler 3.0, serial 0C9D92-2-1, 15.5 GB, ntfs3, /dev/sdb1 at /media/WIN) " +
				"cannot be used: it has the file system ntfs3: use vfat, exfat or ext4"},
		{"mounted twice", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "SA")
			f.mountLine("50 22 8:17 / /mnt rw - vfat /dev/sdb1 rw")
		}, "/media/op/SA yes: is on USB | /mnt no: is the volume that is also mounted at /media/op/SA", "usb:SA"},
		{"a folder of it mounted", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "SA")
			f.mountLine("50 22 8:17 /photos /srv/photos rw - vfat /dev/sdb1 rw")
		}, "/media/op/SA yes: is on USB | /srv/photos no: is a folder of another mount", "usb:SA"},
		{"hidden on its own folder", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "SA")
			f.mountLine("200 116 0:50 / /media/op/SA rw - tmpfs tmpfs rw")
		}, "/media/op/SA no: is hidden by another mount", "no stick is there; SA "},
		{"hidden from above", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "SA")
			f.mountLine("200 22 0:50 / /media rw - tmpfs tmpfs rw")
		}, "/media/op/SA no: is hidden by another mount", "no stick is there; SA "},
		{"beside a mount that is hidden itself", func(f *fakeSystem) {
			f.mountLine("90 22 0:49 / /media/op rw - tmpfs tmpfs rw") // hidden by the next
			f.mountLine("91 22 0:50 / /media rw - tmpfs tmpfs rw")
			f.stick("2-1", "sdb", 16, "SA")
			f.unmount("sdb1")
			f.mountLine("117 91 8:17 / /media/op/SA rw - vfat /dev/sdb1 rw")
		}, "/media/op/SA yes: is on USB", "usb:SA"},
		{"starts from a stick", func(f *fakeSystem) {
			f.unmount("sda1")
			f.stick("2-1", "sdb", 16, "BOOT")
			f.unmount("sdb1")
			f.mountLine("40 22 8:17 / /boot/efi rw - vfat /dev/sdb1 rw")
		}, "/ no: is on the disk that carries / of this computer | /boot/efi no: is on the disk that carries /boot/efi of this computer",
			"no stick is there; BOOT "},
		{"mounted inside another mount", func(f *fakeSystem) {
			f.mountLine("116 22 0:50 / /media rw - tmpfs tmpfs rw")
			f.stick("2-1", "sdb", 16, "SA")
			f.unmount("sdb1")
			f.mountLine("117 116 8:17 / /media/op/SA rw - vfat /dev/sdb1 rw")
		}, "/media/op/SA yes: is on USB", "usb:SA"},
		{"plugged in, not mounted", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "SA")
			f.unmount("sdb1")
			dir := f.disk(f.usb("2-2", "Intenso", "Alu Line", ""), "sdc", "8:32", 4000000000)
			f.file(dir+"/removable", "1")
			f.disk(f.usb("2-3", "Generic", "Card Reader", ""), "sdd", "8:48", 0) // an empty slot
		}, "", "no stick is there; /dev/sdb1 is plugged in but not mounted: mount it with the options nosuid,nodev,noexec; " +
			"/dev/sdc is plugged in but not mounted: mount it with the options nosuid,nodev,noexec"},
		{"a hostile label", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, `EVIL`)
			f.unmount("sdb1")
			f.file("run/udev/data/b8:17", `E:ID_FS_LABEL_ENC=a\x1b[2J\x20b\xe2\x80\xae`)
			f.mountLine(`50 22 8:17 / /media/a\033[2J rw - vfat /dev/sdb1 rw`)
		}, `/media/a\x1b[2J yes: is on USB`, `usb:a\x1b[2J b\u202e`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFakeSystem(t)
			c.make(f)
			volumes, err := f.Volumes()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range volumes {
				usable := "no"
				if v.Usable {
					usable = "yes"
				}
				got = append(got, fmt.Sprintf("%s %s: %s", Escape(v.Mount), usable, v.Why))
			}
			want := c.want
			if slices.ContainsFunc(f.mounts, func(m string) bool { return strings.HasPrefix(m, "24 22 8:1 / /boot/efi") }) {
				want = strings.TrimSuffix(systemVolumes+" | "+want, " | ")
			}
			if s := strings.Join(got, " | "); s != want {
				t.Errorf("%s\nwant %s", s, want)
			}
			stick, err := f.OpenStick("")
			switch {
			case err == nil && stick.Name() != c.open:
				t.Errorf("opened %s\nwant %s", stick.Name(), c.open)
			case err != nil && err.Error() != c.open && !(strings.HasSuffix(c.open, " ") && strings.HasPrefix(err.Error(), c.open)):
				t.Errorf("%v\nwant %s", err, c.open)
			}
			_, err = f.OpenStick("no such label")
			var none *NoStickError
			if !errors.As(err, &none) || !strings.HasPrefix(err.Error(), "no stick is labelled no such label") {
				t.Errorf("by label: %v", err)
			}
		})
	}
}

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
		Lacks:    []string{"ro", "noexec", "nosymfollow"},
		Siblings: []Sibling{{"/dev/sdb2", 1e9 / 512 * 512, []string{"/mnt/other"}}, {"/dev/sr0", 600e6 / 512 * 512, nil}},
		Notes: []string{"it is also a keyboard or mouse: it can type", "it is also a network device or modem",
			"it is also a device that is no disk"},
		number: "8:17",
	}
	if g, w := fmt.Sprintf("%#v", got), fmt.Sprintf("%#v", want); g != w {
		t.Errorf("%s\nwant %s", g, w)
	}
	if len(other.Lacks) != 0 || !other.ReadOnly || other.Label != "other" {
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
	if _, err := f.Again(v); !errors.As(err, &none) {
		t.Error(err)
	}
	// Another stick with the same label and UUID, not the same serial number.
	f.stick("2-2", "sdc", 32, "SA")
	f.udev("8:33", "SA", "1234-2-1")
	if _, err := f.Again(v); !errors.As(err, &none) {
		t.Error(err)
	}
	// The same stick, formatted anew.
	f.mountLine("70 22 8:17 / /media/op/SA1 rw - vfat /dev/sdb1 rw")
	f.udev("8:17", "SA", "other")
	if _, err := f.Again(v); !errors.As(err, &none) {
		t.Error(err)
	}
	f.unmount("sdb1")
	f.udev("8:17", "SA", "1234-2-1")
	f.mountLine("70 22 8:17 / /media/op/SA1 rw - vfat /dev/sdb1 rw")
	if again, err := f.Again(v); err != nil || again.Root() != "/media/op/SA1" {
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
