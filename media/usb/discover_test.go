package usb

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/media"
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
			"/media/op/SA yes: is on USB | /data no: is on the disk that carries /data of this computer: sticks are mounted below /media, /run/media, /mnt; the folder of any other is named with dir:PATH", "usb:SA"},
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
		}, "/media/op/SA no: is on the disk that carries an image that is mounted at /mnt/iso | /mnt/iso no: is on the disk that carries an image that is mounted at /mnt/iso",
			"no stick is there; SA (Kingston DataTraveler 3.0, serial 0C9D92-2-1, 15.5 GB, vfat, /dev/sdb1 at /media/op/SA) " +
				"cannot be used: it is on the disk that carries an image that is mounted at /mnt/iso"},
		{"home on a second disk of USB", func(f *fakeSystem) {
			f.stick("2-1", "sdb", 16, "HOME")
			f.unmount("sdb1")
			f.mountLine("40 22 8:17 / /home rw - ext4 /dev/sdb1 rw")
		}, "/home no: is on the disk that carries /home of this computer: sticks are mounted below /media, /run/media, /mnt; the folder of any other is named with dir:PATH",
			"no stick is there; HOME (Kingston DataTraveler 3.0, serial 0C9D92-2-1, 15.5 GB, ext4, /dev/sdb1 at /home) " +
				"cannot be used: it is on the disk that carries /home of this computer: sticks are mounted below /media, /run/media, /mnt; the folder of any other is named with dir:PATH"},
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
			f.mountLine("50 22 8:49 / /mnt/data rw - ext4 /dev/sdd1 rw")
		}, "/mnt/data no: is neither removable nor on USB", "no stick is there"},
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
			f.mountLine("50 22 8:17 /photos /mnt/photos rw - vfat /dev/sdb1 rw")
		}, "/media/op/SA yes: is on USB | /mnt/photos no: is a folder of another mount", "usb:SA"},
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
		}, "/ no: is on the disk that carries / of this computer | /boot/efi no: is on the disk that carries /boot/efi of this computer: sticks are mounted below /media, /run/media, /mnt; the folder of any other is named with dir:PATH",
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
				got = append(got, fmt.Sprintf("%s %s: %s", media.Escape(v.Mount), usable, v.Why))
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
